/* io.c - files and descriptors, with limits */
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

static int write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t wrote = write(fd, p, n);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote < 0)
			return -1;
		p += wrote;
		n -= (size_t)wrote;
	}
	return 0;
}

int io_write(int fd, const void *p, size_t n)
{
	if (write_all(fd, p, n) == 0)
		return 0;
	(void)err_errno("cannot write");
	return ERR_SYSTEM;
}

static ssize_t read_some(int fd, void *p, size_t n)
{
	ssize_t got;

	do
		got = read(fd, p, n);
	while (got < 0 && errno == EINTR);
	return got;
}

int io_read_fd(int fd, const char *what, struct buf *b)
{
	size_t limit = buf_room(b);
	char beyond;
	ssize_t got;

	for (;;) {
		size_t room = buf_room(b);

		got = room > 0 ? read_some(fd, buf_tail(b), room) : read_some(fd, &beyond, 1);
		if (got < 0)
			return err_errno("%s", what);
		if (got == 0)
			return 0;
		if (room == 0)
			return err(ERR_LIMIT, "%s: larger than %zu bytes", what, limit);
		buf_grew(b, (size_t)got);
	}
}

int io_read_file(const char *path, struct buf *b)
{
	int fd, r;

	if (strcmp(path, "-") == 0)
		return io_read_fd(0, "standard input", b);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return err_errno("%s", path);
	r = io_read_fd(fd, path, b);
	close(fd);
	return r;
}

/* The folder of path with its slash; "" for the current one. */
static struct str folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return (struct str){ path, slash ? (size_t)(slash - path) + 1 : 0 };
}

/* Creates a file with a new name in the folder of path, so that a rename stays in one file system.
 */
static int open_beside(const char *path, struct buf *name)
{
	for (int tries = 0; tries < 16; tries++) {
		uint64_t number;
		int fd;

		if (getrandom(&number, sizeof(number), 0) != sizeof(number))
			return -1;
		buf_clear(name);
		buf_str(name, folder_of(path));
		buf_addf(name, ".eicbox-%llx", (unsigned long long)number);
		if (name->full) {
			errno = ENAMETOOLONG;
			return -1;
		}
		fd = open(
			buf_text(name), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd >= 0 || errno != EEXIST)
			return fd;
	}
	return -1;
}

/* After a crash the name must lead to the new content: the folder is synced too, where it can be.
 */
static void sync_folder(const char *path)
{
	BUF(folder, PATH_MAX);
	int fd;

	buf_str(&folder, folder_of(path));
	if (folder.len == 0)
		buf_putc(&folder, '.');
	fd = open(buf_text(&folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	(void)fsync(fd);
	close(fd);
}

static int fill(int fd, const void *p, size_t n, mode_t mode)
{
	return write_all(fd, p, n) || fchmod(fd, mode) || fsync(fd);
}

int io_write_file(const char *path, const void *p, size_t n, mode_t mode, bool replace)
{
	BUF(name, PATH_MAX);
	int fd, r = ERR_BUG;

	fd = open_beside(path, &name);
	if (fd < 0)
		return err_errno("%s: cannot be created", path);
	if (fill(fd, p, n, mode)) {
		r = err_errno("%s: cannot be written", path);
		goto out;
	}
	if (replace ? rename(buf_text(&name), path) : link(buf_text(&name), path)) {
		r = errno == EEXIST && !replace ? err(ERR_DENIED, "%s: already exists", path)
						: err_errno("%s: cannot be created", path);
		goto out;
	}
	if (replace)
		buf_clear(&name);
	sync_folder(path);
	r = 0;
out:
	if (name.len > 0)
		unlink(buf_text(&name));
	close(fd);
	return r;
}

static int make_one(const char *path, mode_t mode)
{
	struct stat st;

	if (mkdir(path, mode) == 0)
		return 0;
	if (errno != EEXIST)
		return err_errno("%s: cannot be created", path);
	if (stat(path, &st) == 0 && !S_ISDIR(st.st_mode))
		return err(ERR_SYSTEM, "%s: is not a directory", path);
	return 0;
}

int io_make_dir(const char *path, mode_t mode)
{
	char part[PATH_MAX];
	int r = 0;

	if (!*path)
		return err(ERR_USAGE, "the name of a directory is empty");
	if (!str_copy(part, sizeof(part), str_of(path)))
		return err(ERR_LIMIT, "%s: name too long", path);
	for (char *slash = strchr(part + 1, '/'); slash && r == 0; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		r = make_one(part, mode);
		*slash = '/';
	}
	return r == 0 ? make_one(part, mode) : r;
}

int io_append_file(const char *path, const void *p, size_t n)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
	ssize_t wrote;
	int r = 0;

	if (fd < 0)
		return err_errno("%s", path);
	do
		wrote = write(fd, p, n);
	while (wrote < 0 && errno == EINTR);
	if (wrote < 0)
		r = err_errno("%s: cannot be written", path);
	else if ((size_t)wrote < n) {
		r = err(ERR_SYSTEM, "%s: no room", path);
		/* half a line would spoil the next one, too; where that cannot be helped, it is
		 * said */
		if (ftruncate(fd, lseek(fd, 0, SEEK_CUR) - wrote) < 0)
			r = err(ERR_SYSTEM, "%s: written in part", path);
	}
	close(fd);
	return r;
}
