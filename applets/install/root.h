/* root.h - the tree that is set up: this machine's own, or that of an image below a folder */
#ifndef INSTALL_ROOT_H
#define INSTALL_ROOT_H

#include <limits.h>
#include <stdbool.h>

#include "base/buf.h"

/* Files are called by the path that they have for somebody who lives in the tree. */
struct root {
	char path[PATH_MAX]; /* without a slash at its end; "" is the machine's own */
	bool live;           /* it is the machine's own: its sshd can be asked and told */
};

/* prefix: a folder, or NULL for the machine's own tree. Words with the prefix. */
int root_open(struct root *r, const char *prefix) MUST_CHECK;

/* Appends to out the name that a path of the tree has for us. Symlinks are followed as in a chroot,
 * so that none leads out of the tree; the last part only with follow. What does not exist is taken
 * as it stands. ERR_FORMAT for a loop, ERR_LIMIT. */
int root_find(const struct root *r, struct buf *out, const char *path, bool follow) MUST_CHECK;

/* The path in the tree, for a name that root_find gave; lives as long as full. */
const char *root_inside(const struct root *r, const char *full);

/* Appends the content of a file of the tree; ERR_ABSENT when there is none. */
int root_read(const struct root *r, const char *path, struct buf *out) MUST_CHECK;

/* What stands at this path of the tree; a symlink is followed. */
bool root_has(const struct root *r, const char *path);

/* Whether both paths lead to one file of the tree, which need not exist. */
bool root_same(const struct root *r, const char *a, const char *b);

#endif
