/* keyfile.h - an authorized_keys file in somebody's home, of which one marked block is ours
 *
 * The writer runs as root where somebody else may write. So no symbolic link is ever followed, on
 * the whole path; every folder of it belongs to root or to the owner of the last one and is
 * writable by nobody else (a sticky folder of root excepted); the file has one name and belongs to
 * one of the two. It is replaced by a rename, never written to. */
#ifndef AUTHKEYS_KEYFILE_H
#define AUTHKEYS_KEYFILE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"

struct keyfile {
	const char *path;         /* as given, for the words */
	struct str user;          /* whose block it is: part of its marks */
	char name[NAME_MAX + 1];  /* in the folder */
	char fresh[NAME_MAX + 1]; /* the new file until it is renamed */
	int folder;               /* open for reading */
	bool held;                /* somebody else held its lock, the last time */
	uid_t owner;              /* of the folder */
	gid_t group;
};

/* Opens the folder that holds path (absolute), and makes it (0700, its parent's owner) where only
 * it is missing. */
int keyfile_open(struct keyfile *f, const char *path, struct str user) MUST_CHECK;
void keyfile_close(struct keyfile *f);

/* Makes these lines the content of our block; without lines there is no block. All other lines,
 * owner and mode stay; a new file is 0600 and the folder's owner's. What an earlier run left is
 * gone after it. Other writers of the folder are waited for, but not for ever. 0, also when nothing
 * had to change; ERR_* with words, and then the file is as it was. */
int keyfile_write(struct keyfile *f, struct str lines) MUST_CHECK;

#endif
