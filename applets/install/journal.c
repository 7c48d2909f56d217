/* journal.c - what was done to a tree stands in a file of it, each step before it is taken */
#include "applets/install/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "applets/install/plan.h"
#include "base/io.h"
#include "data/enc.h"

#define VERSION "eicbox-install 1"
#define KEEP "/:" /* readable enough */
#define JOURNAL JOURNAL_FOLDER "/install"
#define MADE 01755 /* the sticky bit says that we made this folder */

static char file_storage[JOURNAL_MAX], text_storage[JOURNAL_MAX];

static bool read_kind(struct str word, enum step_kind *kind)
{
	for (enum step_kind k = 0; k < STEP_KINDS; k++)
		if (str_is(word, step_name(k))) {
			*kind = k;
			return true;
		}
	return false;
}

static bool read_mode(struct str word, unsigned *mode)
{
	*mode = 0;
	for (size_t i = 0; i < word.n; i++)
		*mode = *mode * 8 + (unsigned)(word.p[i] - '0');
	return word.n <= 4 && str_all(word, "01234567");
}

/* Decodes a word behind what the text holds, with a NUL after it. */
static bool keep_text(struct journal *j, struct str word, struct str *out)
{
	size_t at = j->text.len;

	if (percent_read(word, &j->text) < 0)
		return false;
	*out = (struct str){ j->text.p + at, j->text.len - at };
	buf_putc(&j->text, 0);
	return !j->text.full;
}

/* As they are written: from the top, and without a part that is empty or leads up. */
static bool is_plain(struct str path)
{
	struct str part;

	if (!str_take(&path, 1, &part) || part.p[0] != '/' || path.n == 0 || str_ends(path, "/"))
		return false;
	while (str_cut(&path, '/', &part))
		if (part.n == 0 || str_is(part, ".") || str_is(part, ".."))
			return false;
	return true;
}

static bool read_step(struct journal *j, struct str line)
{
	struct step *s = &j->steps[j->n];
	struct str kind, mode, path, data = { 0 };

	if (j->n == JOURNAL_STEPS_MAX || !str_take_word(&line, &kind) ||
		!str_take_word(&line, &mode) || !str_take_word(&line, &path))
		return false;
	(void)str_take_word(&line, &data);
	if (!read_kind(kind, &s->kind) || !read_mode(mode, &s->mode) ||
		!keep_text(j, path, &path) || !is_plain(path) || strlen(path.p) != path.n ||
		!keep_text(j, data, &s->data))
		return false;
	if (s->kind == STEP_MODULE && !j->root->live) /* no program runs for an image */
		return false;
	s->path = path.p;
	j->n++;
	return true;
}

static bool read_line(struct journal *j, struct str line, size_t end)
{
	if (str_is(line, "removing")) {
		j->removing = true;
		return true;
	}
	if (!str_is(line, "done"))
		return read_step(j, line);
	j->done = j->n;
	j->done_at = (off_t)end;
	return true;
}

static int cut(const struct journal *j, off_t n)
{
	return ftruncate(j->fd, n) || fsync(j->fd) ? err_errno("%s", j->file) : 0;
}

/* A line without LF was not finished, and so its step never begun. */
static int read_lines(struct journal *j, struct str text)
{
	struct str rest = text, line;
	unsigned number = 0;

	while (str_find(rest, "\n", NULL) && str_take_line(&rest, &line)) {
		bool good = ++number == 1 ? str_is(line, VERSION)
					  : read_line(j, line, text.n - rest.n);

		if (!good)
			return err(ERR_FORMAT,
				"%s: line %u: not understood; undo what it lists by hand, then "
				"delete it",
				j->file, number);
	}
	j->whole = (off_t)(text.n - rest.n);
	return 0;
}

static int read_all(struct journal *j)
{
	struct buf file = buf_of(file_storage, sizeof(file_storage));
	int r = io_read_fd(j->fd, j->file, &file);

	if (r == 0)
		r = read_lines(j, buf_view(&file));
	return r == 0 && j->write && (size_t)j->whole < file.len ? cut(j, j->whole) : r;
}

/* Anybody may lock the top of a tree. Of the machine's own there is a lock that root alone can
 * have, and then the other one is waited for, but not needed. */
static int lock(const struct root *r)
{
	int had = r->live ? user_lock() : 0, code = had < 0 ? had : root_lock(r);

	return had > 0 ? 0 : code;
}

int journal_open(struct journal *j, const struct root *r, bool write)
{
	int code = write ? lock(r) : 0;
	struct buf file;

	*j = (struct journal){ .root = r, .fd = -1, .place.folder = -1, .write = write };
	j->text = buf_of(text_storage, sizeof(text_storage));
	file = buf_of(j->file, sizeof(j->file));
	buf_addf(&file, "%s" JOURNAL, r->path);
	if (code == 0)
		code = root_place(r, &j->place, JOURNAL, false);
	if (code == 0)
		code = place_open(&j->place, j->place.name, write ? O_RDWR | O_APPEND : O_RDONLY);
	if (code == ERR_ABSENT)
		return 0;
	if (code >= 0) {
		j->fd = code;
		code = read_all(j);
	}
	j->write &= code == 0;
	return code;
}

/* --- its folders --- */

static const char *const folders[] = { "/var", "/var/lib", JOURNAL_FOLDER };

#define FOLDERS (sizeof(folders) / sizeof(*folders))

static int make_folder(const struct root *r, const char *path)
{
	struct place p;
	int code = root_place(r, &p, path, true);

	if (code == 0 && mkdirat(p.folder, p.name, MADE) && errno != EEXIST)
		code = err_errno("%s: cannot be created", path);
	place_close(&p);
	return code;
}

/* True when it is gone: it was ours, and empty. */
static bool drop_folder(const struct root *r, const char *path)
{
	struct place p;
	struct stat st;
	bool gone = false;

	if (root_place(r, &p, path, true) < 0 || place_stat(&p, p.name, &st))
		gone = errno == ENOENT;
	else if (S_ISDIR(st.st_mode) && (st.st_mode & 07777) == MADE)
		gone = unlinkat(p.folder, p.name, AT_REMOVEDIR) == 0;
	place_close(&p);
	return gone;
}

static int make_file(struct journal *j)
{
	int r = 0;

	for (size_t i = 0; i < FOLDERS && r == 0; i++)
		r = make_folder(j->root, folders[i]);
	place_close(&j->place);
	if (r == 0)
		r = root_place(j->root, &j->place, JOURNAL, false);
	if (r < 0)
		return r;
	j->fd = openat(j->place.folder, j->place.name,
		O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0644);
	return j->fd < 0 ? err_errno("%s: cannot be created", j->file) : 0;
}

/* Without a step nothing stays; a crash may have left the folders alone. */
static int drop_file(struct journal *j)
{
	int r = 0;

	if (j->fd >= 0) {
		r = unlinkat(j->place.folder, j->place.name, 0) ? err_errno("%s", j->file) : 0;
		close(j->fd);
	}
	j->fd = -1;
	j->whole = 0;
	for (size_t i = FOLDERS; r == 0 && i > 0 && drop_folder(j->root, folders[i - 1]); i--)
		continue;
	return r;
}

void journal_close(struct journal *j)
{
	if (j->write && j->n == 0)
		(void)drop_file(j);
	if (j->write && j->fd >= 0)
		close(j->fd);
	if (j->write)
		place_close(&j->place);
	j->write = false;
}

static int append(struct journal *j, struct str text)
{
	if (io_write(j->fd, text.p, text.n) < 0)
		return err_in(ERR_SYSTEM, "%s", j->file);
	return fsync(j->fd) ? err_errno("%s", j->file) : 0;
}

/* A file without a first line is what a crash has left. */
static int begin(struct journal *j)
{
	int r = j->fd < 0 ? make_file(j) : 0;

	if (r == 0)
		r = append(j, STR(VERSION "\n"));
	j->whole = r == 0;
	return r;
}

/* The steps of a plan live as long as those of the journal, and so are not copied. */
int journal_add(struct journal *j, const struct step *s)
{
	struct buf line = buf_of(file_storage, sizeof(file_storage));
	static const char digits[] = "01234567";
	int r = j->whole == 0 ? begin(j) : 0;

	if (r < 0)
		return r;
	if (j->n == JOURNAL_STEPS_MAX)
		return err(ERR_LIMIT, "%s: more than %d steps", j->file, JOURNAL_STEPS_MAX);
	buf_addf(&line, "%s ", step_name(s->kind));
	for (int shift = 9; shift >= 0; shift -= 3)
		buf_putc(&line, digits[s->mode >> shift & 7]);
	buf_putc(&line, ' ');
	percent_add(&line, str_of(s->path), KEEP);
	buf_putc(&line, ' ');
	percent_add(&line, s->data, KEEP);
	buf_putc(&line, '\n');
	r = buf_check(&line, j->file);
	if (r == 0)
		r = append(j, buf_view(&line));
	if (r == 0)
		j->steps[j->n++] = *s;
	return r;
}

bool journal_has(const struct journal *j, size_t from, size_t to, const struct step *s)
{
	for (; from < to; from++)
		if (j->steps[from].kind == s->kind && strcmp(j->steps[from].path, s->path) == 0 &&
			str_eq(j->steps[from].data, s->data))
			return true;
	return false;
}

int journal_done(struct journal *j)
{
	size_t i = j->done;
	int r;

	while (i < j->n && journal_has(j, 0, j->done, &j->steps[i]))
		i++;
	if (i == j->n && i > j->done)
		return journal_forget(j);
	r = j->done < j->n ? append(j, STR("done\n")) : 0;
	if (r == 0 && j->fd >= 0) {
		j->done = j->n;
		j->done_at = lseek(j->fd, 0, SEEK_END);
	}
	return r;
}

int journal_remove(struct journal *j)
{
	int r = j->fd < 0 || j->removing ? 0 : append(j, STR("removing\n"));

	if (r == 0)
		j->removing = true;
	return r;
}

int journal_keep(struct journal *j)
{
	j->removing = false;
	return cut(j, j->done_at);
}

int journal_forget(struct journal *j)
{
	j->n = j->done = j->removing ? 0 : j->done;
	j->removing = false;
	if (j->fd < 0)
		return 0;
	if (j->n > 0)
		return cut(j, j->done_at);
	return drop_file(j);
}
