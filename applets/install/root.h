/* root.h - the tree that is set up: this machine's own, or that of an image below a folder */
#ifndef INSTALL_ROOT_H
#define INSTALL_ROOT_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "base/buf.h"

/* Files are called by the path that they have for somebody who lives in the tree. */
struct root {
	char path[PATH_MAX]; /* without a slash at its end; "" is the machine's own */
	bool live;           /* it is the machine's own: its sshd can be asked and told */
	int top;             /* the folder itself, held open until the end of the process */
};

/* A file of the tree, there or not: a name in a folder that is held open. Whatever happens to the
 * tree meanwhile, it is this folder, and it was reached without leaving the tree; so files are
 * touched by nothing but *at() calls with this folder and its name, which follow no symlink. */
struct place {
	int folder;          /* -1: there is none, or it cannot be entered; why is the errno */
	int why;             /* 0 with a folder */
	const char *name;    /* the last part of path; "." for the top of the tree */
	char path[PATH_MAX]; /* in the tree; no folder of it is a symlink */
};

/* prefix: a folder, or NULL for the machine's own tree. Words with the prefix. */
int root_open(struct root *r, const char *prefix) MUST_CHECK;

/* Keeps other runs away from this tree until the end of the process: what is read from now on stays
 * as it is. ERR_DENIED when another run does not come to its end. */
int root_lock(const struct root *r) MUST_CHECK;

/* Finds a file as in a chroot: symlinks are followed, and none leads out of the tree; the last part
 * only with follow. Behind what does not exist all is taken as it stands. To be closed in any case.
 * ERR_FORMAT for a loop, ERR_LIMIT. */
int root_place(const struct root *r, struct place *p, const char *path, bool follow) MUST_CHECK;

/* Legal for one that was closed. */
void place_close(struct place *p);

/* The file itself or its neighbour of this name, looked at and opened, never a symlink. place_open
 * opens nothing but regular files and returns a descriptor, or an error with the path in its words;
 * the errno of a folder is EISDIR. place_stat returns 0 or, with errno, -1. */
int place_stat(const struct place *p, const char *name, struct stat *st);
int place_open(const struct place *p, const char *name, int flags) MUST_CHECK;

/* What stands at this path of the tree; a symlink is followed. 0 or, with errno, -1. */
int root_stat(const struct root *r, const char *path, struct stat *st);
bool root_has(const struct root *r, const char *path);

/* What gives others than root power over a file, or NULL. In an image that an ordinary user makes,
 * what is his will be root's. */
const char *root_fault(const struct root *r, const struct stat *st);

/* Appends the content of a regular file of the tree, or nothing for its /dev/null; ERR_ABSENT when
 * there is none. */
int root_read(const struct root *r, const char *path, struct buf *out) MUST_CHECK;

/* A folder of the tree, opened for reading; with errno, -1. */
int root_folder(const struct root *r, const char *path);

/* Appends to out the name that the place of a path has for us. As root_place, but by this name the
 * file may be a different one a moment later. */
int root_find(const struct root *r, struct buf *out, const char *path, bool follow) MUST_CHECK;

/* The path in the tree, for a name that root_find gave; lives as long as full. */
const char *root_inside(const struct root *r, const char *full);

/* Whether both paths lead to one file of the tree, which need not exist. */
bool root_same(const struct root *r, const char *a, const char *b);

#endif
