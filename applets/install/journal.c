/* journal.c - what was done to a tree stands in a file of it, each step before it is taken */
#include "applets/install/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "data/enc.h"

#define VERSION "eicbox-install 1"
#define KEEP "/:" /* readable enough */

static char file_storage[JOURNAL_MAX], text_storage[JOURNAL_MAX];

static int name_files(struct journal *j)
{
	struct buf folder = buf_of(j->folder, sizeof(j->folder));
	struct buf file = buf_of(j->file, sizeof(j->file));
	int r = root_find(j->root, &folder, JOURNAL_FOLDER, true);

	buf_addf(&file, "%s/install", j->folder);
	return r < 0 ? r : buf_check(&file, JOURNAL_FOLDER);
}

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

static bool read_step(struct journal *j, struct str line)
{
	struct step *s = &j->steps[j->n];
	struct str kind, mode, path, data = { 0 };

	if (j->n == JOURNAL_STEPS_MAX || !str_take_word(&line, &kind) ||
		!str_take_word(&line, &mode) || !str_take_word(&line, &path))
		return false;
	(void)str_take_word(&line, &data);
	if (!read_kind(kind, &s->kind) || !read_mode(mode, &s->mode) ||
		!keep_text(j, path, &path) || path.n == 0 || path.p[0] != '/' ||
		!keep_text(j, data, &s->data))
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
			return err(ERR_FORMAT, "%s: line %u: not understood", j->file, number);
	}
	j->whole = (off_t)(text.n - rest.n);
	return 0;
}

/* One that was killed may take a moment to die. Whoever had it before may have removed the file in
 * the meantime. */
static int lock(struct journal *j)
{
	struct stat st;
	int tries = 0;

	while (flock(j->fd, LOCK_EX | LOCK_NB) && ++tries < 20)
		poll(NULL, 0, 100);
	if (tries < 20 && fstat(j->fd, &st) == 0 && st.st_nlink > 0)
		return 0;
	return err(ERR_DENIED, "%s: another installation is at work", j->file);
}

static int read_all(struct journal *j, bool write)
{
	struct buf file = buf_of(file_storage, sizeof(file_storage));
	int r = write ? lock(j) : 0;

	if (r == 0)
		r = io_read_fd(j->fd, j->file, &file);
	if (r == 0)
		r = read_lines(j, buf_view(&file));
	return r == 0 && write && (size_t)j->whole < file.len ? cut(j, j->whole) : r;
}

int journal_open(struct journal *j, const struct root *r, bool write)
{
	int code;

	*j = (struct journal){ .root = r, .fd = -1 };
	j->text = buf_of(text_storage, sizeof(text_storage));
	code = name_files(j);
	if (code < 0)
		return code;
	j->fd = open(j->file, (write ? O_RDWR | O_APPEND : O_RDONLY) | O_CLOEXEC | O_NOFOLLOW);
	if (j->fd < 0 && errno != ENOENT && errno != ENOTDIR)
		return err_errno("%s", j->file);
	if (j->fd >= 0)
		code = read_all(j, write);
	j->write = write && code == 0;
	return code;
}

void journal_close(struct journal *j)
{
	if (j->write && j->n == 0 && j->fd >= 0)
		unlink(j->file);
	if (j->write && j->n == 0)
		(void)!rmdir(j->folder); /* a crash may have left it empty */
	if (j->write && j->fd >= 0)
		close(j->fd);
	j->write = false;
}

static int append(struct journal *j, struct str text)
{
	if (io_write(j->fd, text.p, text.n) < 0)
		return err_in(ERR_SYSTEM, "%s", j->file);
	return fsync(j->fd) ? err_errno("%s", j->file) : 0;
}

/* A file without a first line is what a crash has left. */
static int create(struct journal *j)
{
	int r = j->fd < 0 ? io_make_dir(j->folder, 0755) : 0;

	if (r < 0)
		return r;
	if (j->fd < 0)
		j->fd = open(j->file, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (j->fd < 0)
		return err_errno("%s: cannot be created", j->file);
	r = lock(j);
	j->whole = 1;
	return r < 0 ? r : append(j, STR(VERSION "\n"));
}

/* The steps of a plan live as long as those of the journal, and so are not copied. */
int journal_add(struct journal *j, const struct step *s)
{
	struct buf line = buf_of(file_storage, sizeof(file_storage));
	static const char digits[] = "01234567";
	int r = j->whole == 0 ? create(j) : 0;

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

int journal_done(struct journal *j)
{
	int r = j->done < j->n ? append(j, STR("done\n")) : 0;

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
	if (unlink(j->file))
		return err_errno("%s", j->file);
	close(j->fd);
	j->fd = -1;
	j->whole = 0;
	return 0;
}
