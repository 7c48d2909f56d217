/* step.c - what an installation is made of: each step can be taken, and undone, any number of times
 *
 * New content is written to a file beside the real one, whose name is always the same: so whoever
 * clears up after a crash knows it. */
#include "applets/install/step.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "applets/install/edit.h"
#include "applets/install/policy.h"
#include "base/io.h"
#include "base/log.h"

#define FILE_MAX (64 * 1024) /* content of a new file */

/* the names that a step has to do with, as we call them */
struct names {
	char real[PATH_MAX], beside[PATH_MAX], kept[PATH_MAX];
};

static int name_all(const struct root *r, const struct step *s, struct names *n)
{
	struct buf real = buf_of(n->real, sizeof(n->real));
	struct buf beside = buf_of(n->beside, sizeof(n->beside));
	struct buf kept = buf_of(n->kept, sizeof(n->kept));

	buf_addf(&real, "%s%s", r->path, s->path);
	buf_addf(&kept, "%s%s", n->real, s->kind == STEP_REPLACE ? STEP_SAVED : STEP_CHANGED);
	buf_add(&beside, n->real, (size_t)(strrchr(n->real, '/') - n->real));
	buf_puts(&beside, "/" EDIT_BESIDE);
	return real.full || kept.full || beside.full ? err(ERR_LIMIT, "%s: name too long", s->path)
						     : 0;
}

static bool is_link_to(const char *path, struct str target)
{
	char is[PATH_MAX];
	ssize_t n = readlink(path, is, sizeof(is));

	return n >= 0 && str_eq((struct str){ is, (size_t)n }, target);
}

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool holds_exactly(const char *path, struct str data)
{
	BUF(text, FILE_MAX);

	return io_read_file(path, &text) == 0 && str_eq(buf_view(&text), data);
}

static int in_the_way(const struct step *s)
{
	return err(ERR_DENIED, "%s: exists already, and is not ours", s->path);
}

static int failed(const struct step *s)
{
	return err_errno("%s", s->path);
}

static int remove_file(const struct step *s, const char *path)
{
	return unlink(path) && errno != ENOENT ? failed(s) : 0;
}

/* --- folders --- */

static int make_dir(const struct step *s, const struct names *n)
{
	if (mkdir(n->real, s->mode) == 0)
		return 0;
	return errno == EEXIST && is_folder(n->real) ? 0 : failed(s);
}

static int unmake_dir(const struct step *s, const struct names *n)
{
	if (rmdir(n->real) == 0 || errno == ENOENT || errno == ENOTDIR)
		return 0;
	if (errno == ENOTEMPTY || errno == EEXIST || errno == EBUSY) {
		log_info("%s: is not empty and stays", s->path);
		return 0;
	}
	return failed(s);
}

static bool has_dir(const struct step *s, const struct names *n)
{
	(void)s;
	return is_folder(n->real);
}

/* --- files --- */

static int make_file(const struct step *s, const struct names *n)
{
	int r = edit_write(n->beside, s->data, s->mode, NULL);

	if (r == 0 && link(n->beside, n->real))
		r = errno == EEXIST ? in_the_way(s) : failed(s);
	if (r == 0)
		r = remove_file(s, n->beside);
	return r;
}

static bool has_file(const struct step *s, const struct names *n)
{
	return holds_exactly(n->real, s->data);
}

/* What the administrator has added is his: it is kept under a name that nobody reads. */
static int unmake_file(const struct step *s, const struct names *n)
{
	int r = remove_file(s, n->beside);

	if (r < 0 || access(n->real, F_OK))
		return r;
	if (has_file(s, n))
		return remove_file(s, n->real);
	log_warn("%s: was changed since; it is kept as %s" STEP_CHANGED, s->path, s->path);
	return rename(n->real, n->kept) || chmod(n->kept, s->mode & 0666) ? failed(s) : 0;
}

/* --- symlinks --- */

static int make_link(const struct step *s, const struct names *n)
{
	char target[PATH_MAX];

	if (!str_copy(target, sizeof(target), s->data))
		return err(ERR_LIMIT, "%s: target too long", s->path);
	if (symlink(target, n->real) == 0 || is_link_to(n->real, s->data))
		return 0;
	return errno == EEXIST ? in_the_way(s) : failed(s);
}

static bool has_link(const struct step *s, const struct names *n)
{
	return is_link_to(n->real, s->data);
}

static int unmake_link(const struct step *s, const struct names *n)
{
	return has_link(s, n) ? remove_file(s, n->real) : 0;
}

/* --- files of others, in whose place a symlink comes --- */

static bool one_file(const char *a, const char *b)
{
	struct stat x, y;

	return lstat(a, &x) == 0 && lstat(b, &y) == 0 && x.st_dev == y.st_dev &&
		x.st_ino == y.st_ino;
}

/* There is no moment without a file of that name. */
static int put_in_place(const struct step *s, const struct names *n)
{
	char target[PATH_MAX];

	if (has_link(s, n))
		return 0;
	if (!str_copy(target, sizeof(target), s->data))
		return err(ERR_LIMIT, "%s: target too long", s->path);
	if (link(n->real, n->kept) && !one_file(n->real, n->kept))
		return failed(s);
	if (remove_file(s, n->beside) < 0 || symlink(target, n->beside))
		return failed(s);
	return rename(n->beside, n->real) ? failed(s) : 0;
}

static int put_back(const struct step *s, const struct names *n)
{
	struct stat st;
	int r = remove_file(s, n->beside);

	if (r < 0 || lstat(n->kept, &st))
		return r;
	if (!has_link(s, n) && lstat(n->real, &st) == 0) {
		if (!one_file(n->real, n->kept))
			log_info("%s: somebody else's new file stays", s->path);
		return remove_file(s, n->kept);
	}
	return rename(n->kept, n->real) ? failed(s) : 0;
}

/* --- files of others, with lines of ours --- */

static int edit_in(const struct step *s, const struct names *n)
{
	return edit_add(n->real, n->beside, s->data, s->kind == STEP_TOP);
}

static int edit_out(const struct step *s, const struct names *n)
{
	int r = remove_file(s, n->beside);

	return r < 0 ? r : edit_cut(n->real, n->beside, s->data, s->kind == STEP_TOP);
}

static bool has_lines(const struct step *s, const struct names *n)
{
	return edit_holds(n->real, s->data);
}

/* --- modules of policy, in a file of their own beside --- */

static int load_module(const struct step *s, const struct names *n)
{
	(void)n;
	return policy_load(s->path, s->data);
}

static int unload_module(const struct step *s, const struct names *n)
{
	(void)n;
	return policy_unload(s->data);
}

static bool has_module(const struct step *s, const struct names *n)
{
	(void)n;
	return policy_loaded(s->data);
}

static const struct {
	const char *name;
	int (*apply)(const struct step *s, const struct names *n);
	int (*undo)(const struct step *s, const struct names *n);
	bool (*holds)(const struct step *s, const struct names *n);
} kinds[] = {
	[STEP_DIR] = { "dir", make_dir, unmake_dir, has_dir },
	[STEP_FILE] = { "file", make_file, unmake_file, has_file },
	[STEP_LINK] = { "link", make_link, unmake_link, has_link },
	[STEP_TOP] = { "top", edit_in, edit_out, has_lines },
	[STEP_END] = { "end", edit_in, edit_out, has_lines },
	[STEP_REPLACE] = { "replace", put_in_place, put_back, has_link },
	[STEP_MODULE] = { "module", load_module, unload_module, has_module },
};

const char *step_name(enum step_kind kind)
{
	return kinds[kind].name;
}

int step_apply(const struct root *r, const struct step *s)
{
	struct names n;
	int code = name_all(r, s, &n);

	return code < 0 ? code : kinds[s->kind].apply(s, &n);
}

int step_undo(const struct root *r, const struct step *s)
{
	struct names n;
	int code = name_all(r, s, &n);

	return code < 0 ? code : kinds[s->kind].undo(s, &n);
}

bool step_holds(const struct root *r, const struct step *s)
{
	struct names n;

	return name_all(r, s, &n) == 0 && kinds[s->kind].holds(s, &n);
}

void step_words(struct buf *out, const struct step *s)
{
	bool edit = s->kind == STEP_TOP || s->kind == STEP_END;

	buf_addf(out, "%s %s", edit ? "edit" : kinds[s->kind].name, s->path);
	if (s->kind == STEP_LINK || s->kind == STEP_REPLACE)
		buf_addf(out, " -> %.*s", STR_ARG(s->data));
	if (s->kind == STEP_REPLACE)
		buf_addf(out, " (kept: %s" STEP_SAVED ")", s->path);
}
