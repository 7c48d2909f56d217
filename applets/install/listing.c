/* listing.c - the files of the tree that match a pattern, in the order of their bytes */
#include "applets/install/listing.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/folder.h"
#include "base/glob.h"

#define PATTERNS_MAX 16 /* parts of one path */

struct listing {
	struct buf *names;
	const char *pattern;
};

/* 0: sshd and systemd find nothing there either. */
static int why_not(const char *path)
{
	return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? 0 : err_errno("%s", path);
}

int listing_has(const struct root *r, const char *path)
{
	struct stat st;

	return root_stat(r, path, &st) == 0 ? 1 : why_not(path);
}

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
		return why_not(folder);
	code = folder_each(fd, folder, take_name, &l);
	close(fd);
	return code < 0 ? code : buf_check(names, folder);
}

bool listing_is_pattern(struct str s)
{
	return str_has(s, '*') || str_has(s, '?') || str_has(s, '[') || str_has(s, '\\');
}

static int find(
	const struct root *r, struct buf *path, struct str rest, unsigned parts, struct buf *paths);

/* The names are appended first, the paths behind them, and then the names are dropped. */
static int find_in(const struct root *r, struct buf *path, struct str part, struct str rest,
	unsigned parts, struct buf *paths)
{
	size_t keep = path->len, from = paths->len, to;
	char pattern[PATH_MAX];
	int code = 0;

	if (parts == PATTERNS_MAX || !str_copy(pattern, sizeof(pattern), part))
		return err(ERR_LIMIT, "%s: too many patterns", buf_text(path));
	code = listing_read(r, path->len > 0 ? buf_text(path) : "/", pattern, paths);
	to = paths->len;
	for (size_t at = from; at < to && code == 0; at += strlen(paths->p + at) + 1) {
		buf_addf(path, "/%s", paths->p + at);
		code = find(r, path, rest, parts + 1, paths);
		path->p[path->len = keep] = 0;
	}
	memmove(paths->p + from, paths->p + to, paths->len - to + 1);
	paths->len -= to - from;
	return code;
}

/* path: what stands in front of the rest of the pattern */
static int find(
	const struct root *r, struct buf *path, struct str rest, unsigned parts, struct buf *paths)
{
	size_t keep = path->len;
	struct str part;
	int code = 0;

	while (code == 0 && str_cut(&rest, '/', &part)) {
		if (listing_is_pattern(part)) {
			code = find_in(r, path, part, rest, parts, paths);
			goto out;
		}
		if (part.n > 0)
			buf_addf(path, "/%.*s", STR_ARG(part));
		code = buf_check(path, "a pattern");
	}
	if (code == 0)
		code = listing_has(r, buf_text(path));
	if (code > 0) {
		buf_add(paths, buf_text(path), path->len + 1);
		code = buf_check(paths, buf_text(path));
	}
out:
	path->p[path->len = keep] = 0;
	return code;
}

int listing_glob(const struct root *r, const char *pattern, struct buf *paths)
{
	BUF(path, PATH_MAX);

	return find(r, &path, str_of(pattern), 0, paths);
}

const char *listing_next(struct str names, const char *last)
{
	const char *best = NULL;

	for (const char *p = names.p; p < names.p + names.n; p += strlen(p) + 1)
		if ((!last || strcmp(p, last) > 0) && (!best || strcmp(p, best) < 0))
			best = p;
	return best;
}
