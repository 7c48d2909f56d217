/* listing.h - the files of the tree that match a pattern, in the order of their bytes */
#ifndef INSTALL_LISTING_H
#define INSTALL_LISTING_H

#include "applets/install/root.h"

/* 1: it is there; 0: it is not; ERR_SYSTEM: that cannot be seen. */
int listing_has(const struct root *r, const char *path) MUST_CHECK;

/* Appends the names in a folder that match, each with a NUL, as they come. A folder that is missing
 * has none; one that cannot be read is an error. */
int listing_read(const struct root *r, const char *folder, const char *pattern,
	struct buf *names) MUST_CHECK;

/* Whether something in it is not to be taken as it stands. */
bool listing_is_pattern(struct str s);

/* Appends the paths that an absolute pattern matches, of folders too, as listing_read does. */
int listing_glob(const struct root *r, const char *pattern, struct buf *paths) MUST_CHECK;

/* The name that comes after last (NULL: the first one), or NULL. Twins come once. */
const char *listing_next(struct str names, const char *last);

#endif
