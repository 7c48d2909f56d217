/* edit.c - lines of ours in files of others, which keep their mode, owner and attributes */
#include "applets/install/edit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "applets/install/step.h"
#include "base/io.h"
#include "base/log.h"

#define ATTRIBUTE_MAX 4096

static char text_storage[STEP_FILE_MAX], new_storage[STEP_FILE_MAX];

/* Access lists and the labels of SELinux are attributes, too. Somebody who may not set a label is
 * no root, and nothing of the kind is in force in an image that he makes. */
static int copy_attributes(int to, int from)
{
	char names[ATTRIBUTE_MAX], value[ATTRIBUTE_MAX];
	ssize_t n = flistxattr(from, names, sizeof(names));

	for (ssize_t at = 0; at < n; at += (ssize_t)strlen(names + at) + 1) {
		ssize_t size = fgetxattr(from, names + at, value, sizeof(value));

		if (size < 0 ||
			(fsetxattr(to, names + at, value, (size_t)size, 0) && geteuid() == 0))
			return -1;
	}
	return n < 0 && errno != ENOTSUP ? -1 : 0;
}

static int copy_meta(int to, int from)
{
	struct stat st;

	if (fstat(from, &st) || fchown(to, st.st_uid, st.st_gid) || fchmod(to, st.st_mode & 07777))
		return -1;
	return copy_attributes(to, from);
}

int edit_write(const struct place *p, struct str data, mode_t mode, int like)
{
	struct stat st;
	int fd, r = ERR_BUG;

	if (place_stat(p, EDIT_BESIDE, &st) == 0 && unlinkat(p->folder, EDIT_BESIDE, 0))
		return err_errno("%s", p->path);
	if (p->folder < 0) {
		errno = p->why;
		return err_errno("%s: cannot be created", p->path);
	}
	fd = openat(
		p->folder, EDIT_BESIDE, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno("%s: cannot be created", p->path);
	if (io_write(fd, data.p, data.n) < 0)
		r = err_in(ERR_SYSTEM, "%s", p->path);
	else if ((like >= 0 ? copy_meta(fd, like) : fchmod(fd, mode)) || fsync(fd))
		r = err_errno("%s: cannot be written", p->path);
	else
		r = 0;
	close(fd);
	return r;
}

/* Where data stands as whole lines. */
static bool find_lines(struct str text, struct str data, size_t *at)
{
	struct str rest = text, skipped;
	char word[PATH_MAX];
	size_t found;

	if (!str_copy(word, sizeof(word), data))
		return false;
	while (str_find(rest, word, &found)) {
		size_t from = (size_t)(rest.p - text.p) + found, end = from + data.n;
		bool begins = from == 0 || data.p[0] == '\n' || text.p[from - 1] == '\n';

		if (begins && (str_ends(data, "\n") || end == text.n || text.p[end] == '\n')) {
			*at = from;
			return true;
		}
		(void)str_take(&rest, found + 1, &skipped);
	}
	return false;
}

/* The line that begins with start, LF included; its length in *n. */
static bool find_line(struct str text, struct str start, size_t *at, size_t *n)
{
	struct str rest = text, line;

	while (str_take_line(&rest, &line))
		if (line.n >= start.n && memcmp(line.p, start.p, start.n) == 0) {
			*at = (size_t)(line.p - text.p);
			*n = line.n + (*at + line.n < text.n);
			return true;
		}
	return false;
}

/* What is left of lines that were changed. */
static bool find_changed(struct str text, struct str data, bool top, size_t *at, size_t *n)
{
	struct str first, last, line;
	size_t end, rest;

	data = str_trim(data);
	if (!top)
		return str_cut(&data, ':', &first) &&
			find_line(text, (struct str){ first.p, first.n + 1 }, at, n);
	for (first = (struct str){ 0 }; str_take_line(&data, &line); last = line)
		if (first.n == 0)
			first = line;
	if (!find_line(text, first, at, n) || !find_line(text, last, &end, &rest) || end < *at)
		return false;
	*n = end + rest - *at;
	return true;
}

/* The file stays open, for its owner, mode and attributes. */
static int open_text(const struct place *p, struct buf *text)
{
	int fd = place_open(p, p->name, O_RDONLY), r;

	if (fd < 0)
		return fd;
	r = io_read_fd(fd, p->path, text);
	if (r == 0)
		return fd;
	close(fd);
	return r;
}

static int replace(const struct place *p, int old, struct str data)
{
	struct stat st;
	int r = edit_write(p, data, 0, old);

	if (r < 0)
		return r;
	if (fstat(old, &st) == 0 && st.st_nlink > 1)
		log_warn("%s: has other names (hard links), which keep what it was", p->path);
	return renameat(p->folder, EDIT_BESIDE, p->folder, p->name) ? err_errno("%s", p->path) : 0;
}

int edit_add(const struct place *p, struct str data, bool top)
{
	struct buf text = buf_of(text_storage, sizeof(text_storage));
	struct buf new = buf_of(new_storage, sizeof(new_storage));
	int old = open_text(p, &text), r = 0;
	size_t at;

	if (old < 0)
		return old;
	if (!find_lines(buf_view(&text), data, &at)) {
		buf_str(&new, top ? data : buf_view(&text));
		buf_str(&new, top ? buf_view(&text) : data);
		r = buf_check(&new, p->path);
		if (r == 0)
			r = replace(p, old, buf_view(&new));
	}
	close(old);
	return r;
}

int edit_cut(const struct place *p, struct str data, bool top)
{
	struct buf text = buf_of(text_storage, sizeof(text_storage));
	struct buf new = buf_of(new_storage, sizeof(new_storage));
	int old = open_text(p, &text), r = 0;
	size_t at, n = data.n;

	if (old < 0)
		return old == ERR_ABSENT ? 0 : old;
	if (find_lines(buf_view(&text), data, &at) ||
		find_changed(buf_view(&text), data, top, &at, &n)) {
		buf_add(&new, text.p, at);
		buf_add(&new, text.p + at + n, text.len - at - n);
		r = replace(p, old, buf_view(&new));
	}
	close(old);
	return r;
}

bool edit_holds(const struct place *p, struct str data)
{
	struct buf text = buf_of(text_storage, sizeof(text_storage));
	int fd = open_text(p, &text);
	size_t at;

	if (fd < 0)
		return false;
	close(fd);
	return find_lines(buf_view(&text), data, &at);
}
