/* io.h - files and descriptors, with limits */
#ifndef BASE_IO_H
#define BASE_IO_H

#include <stddef.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"

/* Writes all n bytes, EINTR and short writes included. 0 or ERR_SYSTEM. */
int io_write(int fd, const void *p, size_t n) MUST_CHECK;

/* Appends the whole file to b. "-" is standard input. A directory, a missing file, one that does
 * not fit (ERR_LIMIT), or one that cannot be read: words with the path. */
int io_read_file(const char *path, struct buf *b) MUST_CHECK;

/* Appends what fd holds until its end; what names it in words. */
int io_read_fd(int fd, const char *what, struct buf *b) MUST_CHECK;

/* A new file with these bytes and exactly this mode, written beside itself, synced and renamed
 * (replace), or created with link(2) so that an existing file is never touched (!replace:
 * ERR_DENIED "already exists"). All of it or nothing. */
int io_write_file(const char *path, const void *p, size_t n, mode_t mode, bool replace) MUST_CHECK;

/* Makes a directory and its missing parents with this mode (less the umask); an existing one is
 * fine. */
int io_make_dir(const char *path, mode_t mode) MUST_CHECK;

/* Appends n bytes to a file in one write (created 0600). */
int io_append_file(const char *path, const void *p, size_t n) MUST_CHECK;

#endif
