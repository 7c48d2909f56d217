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

static int copy_meta(int to, const char *like)
{
	int from = open(like, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat st;
	int r = -1;

	if (from < 0)
		return -1;
	if (fstat(from, &st) == 0 && fchown(to, st.st_uid, st.st_gid) == 0 &&
		fchmod(to, st.st_mode & 07777) == 0)
		r = copy_attributes(to, from);
	close(from);
	return r;
}

int edit_write(const char *path, struct str data, mode_t mode, const char *like)
{
	int fd, r = ERR_BUG;

	if (unlink(path) && errno != ENOENT)
		return err_errno("%s", path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno("%s: cannot be created", path);
	if (io_write(fd, data.p, data.n) < 0)
		r = err_in(ERR_SYSTEM, "%s", path);
	else if ((like ? copy_meta(fd, like) : fchmod(fd, mode)) || fsync(fd))
		r = err_errno("%s: cannot be written", path);
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

static int replace(const char *path, const char *beside, struct str data)
{
	int r = edit_write(beside, data, 0, path);

	return r == 0 && rename(beside, path) ? err_errno("%s", path) : r;
}

int edit_add(const char *path, const char *beside, struct str data, bool top)
{
	struct buf text = buf_of(text_storage, sizeof(text_storage));
	struct buf new = buf_of(new_storage, sizeof(new_storage));
	size_t at;
	int r = io_read_file(path, &text);

	if (r < 0 || find_lines(buf_view(&text), data, &at))
		return r;
	buf_str(&new, top ? data : buf_view(&text));
	buf_str(&new, top ? buf_view(&text) : data);
	r = buf_check(&new, path);
	return r < 0 ? r : replace(path, beside, buf_view(&new));
}

int edit_cut(const char *path, const char *beside, struct str data, bool top)
{
	struct buf text = buf_of(text_storage, sizeof(text_storage));
	struct buf new = buf_of(new_storage, sizeof(new_storage));
	size_t at, n = data.n;
	int r = io_read_file(path, &text);

	if (r == ERR_ABSENT)
		return 0;
	if (r < 0)
		return r;
	if (!find_lines(buf_view(&text), data, &at) &&
		!find_changed(buf_view(&text), data, top, &at, &n))
		return 0;
	buf_add(&new, text.p, at);
	buf_add(&new, text.p + at + n, text.len - at - n);
	return replace(path, beside, buf_view(&new));
}

bool edit_holds(const char *path, struct str data)
{
	struct buf text = buf_of(text_storage, sizeof(text_storage));
	size_t at;

	return io_read_file(path, &text) == 0 && find_lines(buf_view(&text), data, &at);
}
