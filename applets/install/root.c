/* root.c - the tree that is set up: this machine's own, or that of an image below a folder
 *
 * Who can write to an image can change it while it is set up, and what was a folder a moment ago is
 * a symlink to somewhere else now. So each file is looked up anew each time it is touched: from the
 * top one folder after the other is opened, never by way of a symlink. Where one is met, its target
 * is put in front of what is left, and the walk starts again from the top, as it does for "..",
 * which is never asked for.
 *
 * openat2(2) does that in one call, but Linux has it since 5.6 only. */
#define _GNU_SOURCE
#include "applets/install/root.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/io.h"

#define STARTS_MAX 256 /* more than enough for the 40 symlinks that the kernel follows */

/* Drops the last part. */
static void drop_part(struct buf *b)
{
	while (b->len > 0 && b->p[--b->len] != '/')
		continue;
	b->p[b->len] = 0;
}

/* One walk from the top. */
struct walk {
	const struct root *root;
	struct place *place;
	const char *path; /* for the words */
	struct buf at;    /* in place->path: what is behind us */
	struct buf rest;  /* what is still to be walked */
	int starts;
};

void place_close(struct place *p)
{
	if (p->folder >= 0)
		close(p->folder);
	p->folder = -1;
}

/* The folder of this name becomes the one that is held. */
static void enter(struct place *p, int from, const char *name)
{
	int next = openat(from, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int why = next < 0 ? errno : 0;

	place_close(p);
	p->folder = next;
	p->why = why;
}

/* What is behind us now, then target, then the rest. */
static int start_again(struct walk *w, struct str target)
{
	BUF(rest, PATH_MAX);

	if (!str_starts(target, "/"))
		buf_str(&rest, buf_view(&w->at));
	buf_putc(&rest, '/');
	buf_str(&rest, target);
	buf_putc(&rest, '/');
	buf_str(&rest, buf_view(&w->rest));
	if (rest.full)
		return err(ERR_LIMIT, "%s: name too long", w->path);
	if (++w->starts > STARTS_MAX)
		return err(ERR_FORMAT, "%s: a loop of symlinks", w->path);
	buf_clear(&w->rest);
	buf_str(&w->rest, buf_view(&rest));
	buf_clear(&w->at);
	enter(w->place, w->root->top, ".");
	return 0;
}

/* Slashes, and parts that are a dot. */
static void skip_nothing(struct str *s)
{
	struct str rest = *s, part;

	while (str_cut(&rest, '/', &part) && (part.n == 0 || str_is(part, ".")))
		*s = rest;
}

static int walk_part(struct walk *w, bool follow)
{
	struct str todo = buf_view(&w->rest), part = { 0 };
	char name[NAME_MAX + 1], target[PATH_MAX];
	ssize_t n = -1;

	skip_nothing(&todo);
	(void)str_cut(&todo, '/', &part);
	skip_nothing(&todo);
	if (!str_copy(name, sizeof(name), part))
		return err(ERR_LIMIT, "%s: name too long", w->path);
	buf_drop(&w->rest, w->rest.len - todo.n);
	if (strcmp(name, "..") == 0) {
		drop_part(&w->at);
		return start_again(w, STR(""));
	}
	if (todo.n > 0 || follow)
		n = readlinkat(w->place->folder, name, target, sizeof(target));
	if (n >= 0)
		return start_again(w, (struct str){ target, (size_t)n });
	if (*name)
		buf_addf(&w->at, "/%s", name);
	if (todo.n > 0 && w->place->folder >= 0)
		enter(w->place, w->place->folder, name);
	return buf_check(&w->at, w->path);
}

int root_place(const struct root *r, struct place *p, const char *path, bool follow)
{
	char storage[PATH_MAX];
	struct walk w = { .root = r, .place = p, .path = path };
	int code;

	p->folder = -1;
	p->name = ".";
	w.at = buf_of(p->path, sizeof(p->path));
	w.rest = buf_of(storage, sizeof(storage));
	buf_puts(&w.rest, path);
	code = buf_check(&w.rest, path);
	enter(p, r->top, ".");
	while (code == 0 && w.rest.len > 0)
		code = walk_part(&w, follow);
	if (w.at.len > 0)
		p->name = strrchr(p->path, '/') + 1;
	return code;
}

int place_stat(const struct place *p, const char *name, struct stat *st)
{
	if (p->folder >= 0)
		return fstatat(p->folder, name, st, AT_SYMLINK_NOFOLLOW);
	errno = p->why;
	return -1;
}

/* A neighbour by its own name. */
static int refuse(const struct place *p, const char *name)
{
	return name == p->name ? err_errno("%s", p->path)
			       : err_errno("%.*s%s", (int)(p->name - p->path), p->path, name);
}

static int check_regular(const struct place *p, const char *name, const struct stat *st)
{
	if (S_ISREG(st->st_mode))
		return 0;
	errno = EISDIR;
	if (S_ISDIR(st->st_mode))
		return refuse(p, name);
	errno = EINVAL;
	return err(ERR_SYSTEM, "%s: is not a regular file", p->path);
}

/* A look comes first: to open a device can do something already. */
int place_open(const struct place *p, const char *name, int flags)
{
	struct stat st;
	int fd, code;

	if (place_stat(p, name, &st))
		return refuse(p, name);
	code = check_regular(p, name, &st);
	if (code < 0)
		return code;
	fd = openat(p->folder, name, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st))
		return refuse(p, name);
	code = check_regular(p, name, &st);
	if (code == 0)
		return fd;
	close(fd);
	return code;
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

/* Until the next one is held it is the top. */
static int hold(struct root *r, const char *path)
{
	r->top = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return r->top < 0 ? err_errno("%s", path) : 0;
}

int root_open(struct root *r, const char *prefix)
{
	struct stat own, st;
	int code;

	*r = (struct root){ .live = true };
	code = hold(r, "/");
	if (code < 0 || !prefix)
		return code;
	if (stat(prefix, &st) || fstat(r->top, &own))
		return err_errno("%s", prefix);
	if (!S_ISDIR(st.st_mode))
		return err(ERR_USAGE, "%s: is not a directory", prefix);
	code = find_prefix(r, prefix);
	if (code < 0)
		return code;
	r->live = st.st_dev == own.st_dev && st.st_ino == own.st_ino;
	if (r->live)
		r->path[0] = 0;
	return r->live ? 0 : hold(r, r->path);
}

/* One that was killed may take a moment to die. A file system of the network may lock no folders:
 * that is no reason to do nothing there. */
int root_lock(const struct root *r)
{
	for (int tries = 0; flock(r->top, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK; tries++) {
		if (tries == 20)
			return err(ERR_DENIED, "%s: another installation is at work",
				r->path[0] ? r->path : "/");
		poll(NULL, 0, 100);
	}
	return 0;
}

int root_stat(const struct root *r, const char *path, struct stat *st)
{
	struct place p;
	int code = root_place(r, &p, path, true);

	if (code < 0)
		errno = ELOOP;
	else
		code = place_stat(&p, p.name, st);
	place_close(&p);
	return code < 0 ? -1 : 0;
}

bool root_has(const struct root *r, const char *path)
{
	struct stat st;

	return root_stat(r, path, &st) == 0;
}

static bool is_null(const struct place *p)
{
	struct stat st;

	return place_stat(p, p->name, &st) == 0 && S_ISCHR(st.st_mode) &&
		st.st_rdev == makedev(1, 3);
}

int root_read(const struct root *r, const char *path, struct buf *out)
{
	struct place p;
	int code = root_place(r, &p, path, true), fd = -1;

	if (code == 0 && !is_null(&p))
		code = fd = place_open(&p, p.name, O_RDONLY);
	if (fd >= 0) {
		code = io_read_fd(fd, path, out);
		close(fd);
	}
	place_close(&p);
	return code;
}

const char *root_fault(const struct root *r, const struct stat *st)
{
	if (st->st_uid != 0 && (r->live || st->st_uid != geteuid()))
		return "does not belong to root";
	return st->st_mode & 022 ? "can be written by others than root" : NULL;
}

int root_folder(const struct root *r, const char *path)
{
	struct place p;
	int fd = -1;

	if (root_place(r, &p, path, true) < 0)
		errno = ELOOP;
	else if (p.folder < 0)
		errno = p.why;
	else
		fd = openat(p.folder, p.name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	place_close(&p);
	return fd;
}

int root_find(const struct root *r, struct buf *out, const char *path, bool follow)
{
	struct place p;
	int code = root_place(r, &p, path, follow);

	place_close(&p);
	buf_puts(out, r->path);
	buf_puts(out, p.path);
	return code < 0 ? code : buf_check(out, path);
}

const char *root_inside(const struct root *r, const char *full)
{
	const char *inside = full + strlen(r->path);

	return *inside ? inside : "/";
}

bool root_same(const struct root *r, const char *a, const char *b)
{
	struct place x, y = { .folder = -1 };
	bool same = root_place(r, &x, a, true) == 0 && root_place(r, &y, b, true) == 0 &&
		strcmp(x.path, y.path) == 0;

	place_close(&x);
	place_close(&y);
	return same;
}
