/* listing.c - the names in a folder of the tree that match a pattern, in the order of their bytes
 */
#include "applets/install/listing.h"

#include <string.h>
#include <unistd.h>

#include "base/folder.h"
#include "base/glob.h"

struct listing {
	struct buf *names;
	const char *pattern;
};

static int take_name(void *owner, int folder, const char *name)
{
	struct listing *l = owner;

	(void)folder;
	if (glob_match(l->pattern, name))
		buf_add(l->names, name, strlen(name) + 1);
	return 0;
}

int listing_read(const struct root *r, const char *folder, const char *pattern, struct buf *names)
{
	struct listing l = { names, pattern };
	int fd = root_folder(r, folder), code;

	if (fd < 0)
		return 0;
	code = folder_each(fd, folder, take_name, &l);
	close(fd);
	return code < 0 ? code : buf_check(names, folder);
}

const char *listing_next(struct str names, const char *last)
{
	const char *best = NULL;

	for (const char *p = names.p; p < names.p + names.n; p += strlen(p) + 1)
		if ((!last || strcmp(p, last) > 0) && (!best || strcmp(p, best) < 0))
			best = p;
	return best;
}
