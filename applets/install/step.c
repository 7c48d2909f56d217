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
#define KEPT_MAX 99          /* files that were changed, of one name */

static bool is_link_to(const struct place *at, struct str target)
{
	char is[PATH_MAX];
	ssize_t n = readlinkat(at->folder, at->name, is, sizeof(is));

	return n >= 0 && str_eq((struct str){ is, (size_t)n }, target);
}

static bool is_there(const struct place *at, const char *name)
{
	struct stat st;

	return place_stat(at, name, &st) == 0;
}

static bool is_folder(const struct place *at)
{
	struct stat st;

	return place_stat(at, at->name, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool one_file(const struct place *at, const char *a, const char *b)
{
	struct stat x, y;

	return place_stat(at, a, &x) == 0 && place_stat(at, b, &y) == 0 && x.st_dev == y.st_dev &&
		x.st_ino == y.st_ino;
}

static int in_the_way(const struct step *s)
{
	return err(ERR_DENIED, "%s: exists already, and is not ours", s->path);
}

static int failed(const struct step *s)
{
	return err_errno("%s", s->path);
}

/* A file system that is read-only would refuse to remove even what is not there. */
static int remove_file(const struct step *s, const struct place *at, const char *name)
{
	if (is_there(at, name) ? unlinkat(at->folder, name, 0) == 0
			       : errno == ENOENT || errno == ENOTDIR)
		return 0;
	return failed(s);
}

static int no_folder(const struct step *s, const struct place *at)
{
	errno = at->why;
	return at->folder < 0 ? failed(s) : 0;
}

/* --- folders --- */

static int make_dir(const struct step *s, const struct place *at)
{
	if (is_folder(at) || mkdirat(at->folder, at->name, s->mode) == 0)
		return 0;
	return failed(s);
}

static int unmake_dir(const struct step *s, const struct place *at)
{
	if (!is_folder(at) || unlinkat(at->folder, at->name, AT_REMOVEDIR) == 0)
		return 0;
	if (errno == ENOTEMPTY || errno == EEXIST || errno == EBUSY) {
		log_info("%s: is not empty and stays", s->path);
		return 0;
	}
	return failed(s);
}

static bool has_dir(const struct step *s, const struct place *at)
{
	(void)s;
	return is_folder(at);
}

/* --- files --- */

static int make_file(const struct step *s, const struct place *at)
{
	int r = edit_write(at, s->data, s->mode, -1);

	if (r == 0 && linkat(at->folder, EDIT_BESIDE, at->folder, at->name, 0))
		r = errno == EEXIST ? in_the_way(s) : failed(s);
	if (r == 0)
		r = remove_file(s, at, EDIT_BESIDE);
	return r;
}

static bool has_file(const struct step *s, const struct place *at)
{
	BUF(text, FILE_MAX);
	int fd = place_open(at, at->name, O_RDONLY), r;

	if (fd < 0)
		return false;
	r = io_read_fd(fd, s->path, &text);
	close(fd);
	return r == 0 && str_eq(buf_view(&text), s->data);
}

/* What the administrator has added is his: it is kept under a name that nobody reads, not even who
 * includes "*", and never in the place of what was kept before. */
static int keep_changed(const struct step *s, const struct place *at)
{
	for (unsigned i = 1; i <= KEPT_MAX; i++) {
		BUF(kept, NAME_MAX + 1);

		buf_addf(&kept, ".%s" STEP_CHANGED, at->name);
		if (i > 1)
			buf_addf(&kept, ".%u", i);
		if (linkat(at->folder, at->name, at->folder, buf_text(&kept), 0) &&
			!one_file(at, at->name, buf_text(&kept))) {
			if (errno == EEXIST)
				continue;
			return failed(s);
		}
		log_warn(
			"%s: was changed since; it is kept beside as %s", s->path, buf_text(&kept));
		return remove_file(s, at, at->name);
	}
	return err(ERR_LIMIT, "%s: was changed since, and %d such files are kept already", s->path,
		KEPT_MAX);
}

static int unmake_file(const struct step *s, const struct place *at)
{
	int r = remove_file(s, at, EDIT_BESIDE);

	if (r < 0 || !is_there(at, at->name))
		return r;
	if (is_folder(at)) {
		log_info("%s: somebody else's new folder stays", s->path);
		return 0;
	}
	return has_file(s, at) ? remove_file(s, at, at->name) : keep_changed(s, at);
}

/* --- symlinks --- */

static int make_symlink(const struct step *s, const struct place *at, const char *name)
{
	char target[PATH_MAX];

	if (!str_copy(target, sizeof(target), s->data))
		return err(ERR_LIMIT, "%s: target too long", s->path);
	if (symlinkat(target, at->folder, name) == 0)
		return 0;
	return errno == EEXIST ? in_the_way(s) : failed(s);
}

static bool has_link(const struct step *s, const struct place *at)
{
	return is_link_to(at, s->data);
}

static int make_link(const struct step *s, const struct place *at)
{
	return has_link(s, at) ? 0 : make_symlink(s, at, at->name);
}

static int unmake_link(const struct step *s, const struct place *at)
{
	return has_link(s, at) ? remove_file(s, at, at->name) : 0;
}

/* --- files of others, in whose place a symlink comes --- */

static int name_saved(const struct step *s, const struct place *at, struct buf *saved)
{
	buf_addf(saved, "%s" STEP_SAVED, at->name);
	return buf_check(saved, s->path);
}

/* One that came in the place of our link is newer than what was kept then. */
static int keep_beside(const struct step *s, const struct place *at, const char *saved)
{
	int r;

	if (one_file(at, at->name, saved))
		return 0;
	r = remove_file(s, at, saved);
	if (r == 0 && linkat(at->folder, at->name, at->folder, saved, 0))
		r = failed(s);
	return r;
}

/* There is no moment without a file of that name. */
static int put_in_place(const struct step *s, const struct place *at)
{
	BUF(saved, NAME_MAX + 1);
	int r = name_saved(s, at, &saved);

	if (r < 0 || has_link(s, at))
		return r;
	r = keep_beside(s, at, buf_text(&saved));
	if (r == 0)
		r = remove_file(s, at, EDIT_BESIDE);
	if (r == 0)
		r = make_symlink(s, at, EDIT_BESIDE);
	if (r == 0 && renameat(at->folder, EDIT_BESIDE, at->folder, at->name))
		r = failed(s);
	return r;
}

static int put_back(const struct step *s, const struct place *at)
{
	BUF(saved, NAME_MAX + 1);
	int r = name_saved(s, at, &saved);

	if (r == 0)
		r = remove_file(s, at, EDIT_BESIDE);
	if (r < 0 || !is_there(at, buf_text(&saved)))
		return r;
	if (!has_link(s, at) && is_there(at, at->name)) {
		if (!one_file(at, at->name, buf_text(&saved)))
			log_info("%s: somebody else's new file stays", s->path);
		return remove_file(s, at, buf_text(&saved));
	}
	return renameat(at->folder, buf_text(&saved), at->folder, at->name) ? failed(s) : 0;
}

/* --- files of others, with lines of ours --- */

static int edit_in(const struct step *s, const struct place *at)
{
	return edit_add(at, s->data, s->kind == STEP_TOP);
}

static int edit_out(const struct step *s, const struct place *at)
{
	int r = remove_file(s, at, EDIT_BESIDE);

	return r < 0 ? r : edit_cut(at, s->data, s->kind == STEP_TOP);
}

static bool has_lines(const struct step *s, const struct place *at)
{
	return edit_holds(at, s->data);
}

/* --- modules of policy, in a file of their own beside --- */

static int load_module(const struct step *s, const struct place *at)
{
	(void)at;
	return policy_load(s->path, s->data);
}

static int unload_module(const struct step *s, const struct place *at)
{
	(void)at;
	return policy_unload(s->data);
}

static bool has_module(const struct step *s, const struct place *at)
{
	(void)at;
	return policy_loaded(s->data);
}

static const struct {
	const char *name, *verb, *noun; /* in the journal; for people */
	int (*apply)(const struct step *s, const struct place *at);
	int (*undo)(const struct step *s, const struct place *at);
	bool (*holds)(const struct step *s, const struct place *at);
} kinds[] = {
	[STEP_DIR] = { "dir", "make ", "dir", make_dir, unmake_dir, has_dir },
	[STEP_FILE] = { "file", "make ", "file", make_file, unmake_file, has_file },
	[STEP_LINK] = { "link", "make ", "link", make_link, unmake_link, has_link },
	[STEP_TOP] = { "top", "", "edit", edit_in, edit_out, has_lines },
	[STEP_END] = { "end", "", "edit", edit_in, edit_out, has_lines },
	[STEP_REPLACE] = { "replace", "", "replace", put_in_place, put_back, has_link },
	[STEP_MODULE] = { "module", "load ", "module", load_module, unload_module, has_module },
};

const char *step_name(enum step_kind kind)
{
	return kinds[kind].name;
}

int step_apply(const struct root *r, const struct step *s)
{
	struct place at;
	int code = root_place(r, &at, s->path, false);

	if (code == 0)
		code = no_folder(s, &at);
	if (code == 0)
		code = kinds[s->kind].apply(s, &at);
	place_close(&at);
	return code;
}

int step_undo(const struct root *r, const struct step *s)
{
	struct place at;
	int code = root_place(r, &at, s->path, false);

	if (code == 0)
		code = kinds[s->kind].undo(s, &at);
	place_close(&at);
	return code;
}

static bool holds(const struct step *s, const struct place *at, struct stat *st)
{
	return place_stat(at, at->name, st) == 0 && kinds[s->kind].holds(s, at);
}

const char *step_fault(const struct root *r, const struct step *s)
{
	struct place at;
	struct stat st;
	const char *fault = "is not as it was made";

	if (root_place(r, &at, s->path, false) == 0 && holds(s, &at, &st))
		fault = s->kind == STEP_FILE ? root_fault(r, &st) : NULL;
	place_close(&at);
	return fault;
}

bool step_holds(const struct root *r, const struct step *s)
{
	struct place at;
	struct stat st;
	bool good = root_place(r, &at, s->path, false) == 0 && holds(s, &at, &st);

	place_close(&at);
	return good;
}

void step_words(struct buf *out, const struct step *s, bool order)
{
	buf_addf(out, "%s%s %s", order ? kinds[s->kind].verb : "", kinds[s->kind].noun, s->path);
	if (s->kind == STEP_LINK || s->kind == STEP_REPLACE)
		buf_addf(out, " -> %.*s", STR_ARG(s->data));
	if (s->kind == STEP_REPLACE)
		buf_addf(out, " (kept: %s" STEP_SAVED ")", s->path);
}
