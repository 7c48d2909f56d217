/* listing.h - the names in a folder of the tree that match a pattern, in the order of their bytes
 */
#ifndef INSTALL_LISTING_H
#define INSTALL_LISTING_H

#include "applets/install/root.h"

/* Appends the names, each with a NUL, as they come. A folder that is missing has none. */
int listing_read(const struct root *r, const char *folder, const char *pattern,
	struct buf *names) MUST_CHECK;

/* The name that comes after last (NULL: the first one), or NULL. Twins come once. */
const char *listing_next(struct str names, const char *last);

#endif
