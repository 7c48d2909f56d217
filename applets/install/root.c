/* root.c - the tree that is set up: this machine's own, or that of an image below a folder
 *
 * The walk is done here and not by openat2(2), which Linux has since 5.6 only; and a chroot in
 * which images are made may lack /proc, which would be needed to get from a descriptor to its name.
 */
#include "applets/install/root.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/io.h"

#define LINKS_MAX 40 /* as many as the kernel follows */

/* Drops the last part of what stands behind the first base bytes. */
static void drop_part(struct buf *b, size_t base)
{
	while (b->len > base && b->p[--b->len] != '/')
		continue;
	b->p[b->len] = 0;
}

/* A symlink at the end of out is taken off, and its target put in front of rest. 1: there was one.
 */
static int follow_link(struct buf *out, size_t base, struct buf *rest)
{
	char target[PATH_MAX];
	BUF(whole, PATH_MAX);
	ssize_t n = readlink(buf_text(out), target, sizeof(target));

	if (n < 0)
		return 0;
	buf_add(&whole, target, (size_t)n);
	buf_putc(&whole, '/');
	buf_str(&whole, buf_view(rest));
	buf_clear(rest);
	buf_str(rest, buf_view(&whole));
	rest->full = whole.full;
	if (target[0] == '/') {
		out->len = base;
		out->p[base] = 0;
	} else {
		drop_part(out, base);
	}
	return 1;
}

int root_find(const struct root *r, struct buf *out, const char *path, bool follow)
{
	BUF(rest, PATH_MAX);
	size_t base;
	int links = 0;

	buf_puts(out, r->path);
	base = out->len;
	buf_puts(&rest, path);
	while (rest.len > 0 && !rest.full && !out->full) {
		struct str todo = buf_view(&rest), part;
		bool last, name;

		(void)str_cut(&todo, '/', &part);
		last = todo.n == 0 || str_all(todo, "/");
		name = part.n > 0 && !str_is(part, ".") && !str_is(part, "..");
		if (name)
			buf_addf(out, "/%.*s", STR_ARG(part));
		else if (part.n == 2)
			drop_part(out, base);
		buf_drop(&rest, rest.len - todo.n);
		if (name && (follow || !last))
			links += follow_link(out, base, &rest);
		if (links > LINKS_MAX)
			return err(ERR_FORMAT, "%s: a loop of symlinks", path);
	}
	if (rest.full)
		return err(ERR_LIMIT, "%s: name too long", path);
	return buf_check(out, path);
}

/* What libc's realpath(3) finds, without its heap. */
static int find_prefix(struct root *r, const char *prefix)
{
	BUF(path, PATH_MAX);
	BUF(found, PATH_MAX);
	long n = 0;
	int code;

	if (prefix[0] != '/') {
		n = syscall(SYS_getcwd, path.p, path.cap);
		if (n < 0)
			return err_errno("%s", prefix);
		buf_grew(&path, (size_t)n - 1);
		buf_putc(&path, '/');
	}
	buf_puts(&path, prefix);
	code = buf_check(&path, prefix);
	if (code == 0)
		code = root_find(r, &found, buf_text(&path), true);
	if (code == 0)
		memcpy(r->path, found.p, found.len + 1);
	return code;
}

int root_open(struct root *r, const char *prefix)
{
	struct stat own, st;
	int code;

	*r = (struct root){ .live = true };
	if (!prefix)
		return 0;
	if (stat(prefix, &st) || stat("/", &own))
		return err_errno("%s", prefix);
	if (!S_ISDIR(st.st_mode))
		return err(ERR_USAGE, "%s: is not a directory", prefix);
	code = find_prefix(r, prefix);
	if (code < 0)
		return code;
	r->live = st.st_dev == own.st_dev && st.st_ino == own.st_ino;
	if (r->live)
		r->path[0] = 0;
	return 0;
}

const char *root_inside(const struct root *r, const char *full)
{
	const char *inside = full + strlen(r->path);

	return *inside ? inside : "/";
}

int root_read(const struct root *r, const char *path, struct buf *out)
{
	BUF(full, PATH_MAX);
	int code = root_find(r, &full, path, true);

	return code < 0 ? code : io_read_file(buf_text(&full), out);
}

bool root_has(const struct root *r, const char *path)
{
	BUF(full, PATH_MAX);

	return root_find(r, &full, path, true) == 0 &&
		access(full.len > 0 ? buf_text(&full) : "/", F_OK) == 0;
}

bool root_same(const struct root *r, const char *a, const char *b)
{
	BUF(full_a, PATH_MAX);
	BUF(full_b, PATH_MAX);

	return root_find(r, &full_a, a, true) == 0 && root_find(r, &full_b, b, true) == 0 &&
		str_eq(buf_view(&full_a), buf_view(&full_b));
}
