/* keyfile.c - an authorized_keys file in somebody's home, of which one marked block is ours
 *
 *	ssh-ed25519 AAAA... alice@home          foreign lines stay as they are
 *	# BEGIN eicbox root
 *	ssh-ed25519 AAAA...
 *	# END eicbox root
 */
#define _GNU_SOURCE
#include "applets/authkeys/keyfile.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "eic/limits.h"

#define TRIES 20 /* for the lock, and for a file that changes under our hands */
#define PAUSE_MS 50

static char old_storage[EIC_FILE_MAX + 1];
static char new_storage[EIC_FILE_MAX + 1];

/* The folders from / to the one that holds the file. */
struct walk {
	struct stat at[EIC_FOLDERS_MAX];
	size_t n;
	int fd;
};

static int step_into(struct walk *w, const char *name, const char *path)
{
	int flags = O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_PATH;
	int fd = w->n > 0 ? openat(w->fd, name, flags) : open("/", flags);

	if (fd < 0)
		return errno == ELOOP || errno == ENOTDIR
			? err(ERR_DENIED, "%s: \"%s\" is no folder", path, name)
			: err_errno("%s: \"%s\"", path, name);
	if (w->n > 0)
		close(w->fd);
	w->fd = fd;
	if (w->n == EIC_FOLDERS_MAX)
		return err(ERR_LIMIT, "%s: more than %d folders", path, EIC_FOLDERS_MAX);
	return fstat(fd, &w->at[w->n++]) ? err_errno("%s", path) : 0;
}

/* Makes the last folder where it is missing, as its parent's owner. Given to him afterwards it
 * could be another one by then: whose folder it stands in may have put anything of root's in its
 * place. The umask does not matter: nobody gets more than 0700. */
static int make_last(const struct walk *w, const char *name, const char *path)
{
	const struct stat *parent = &w->at[w->n - 1];
	int r = 0;

	(void)setfsgid(parent->st_gid);
	(void)setfsuid(parent->st_uid);
	if (mkdirat(w->fd, name, 0700))
		r = err_errno("%s: cannot make \"%s\"", path, name);
	(void)setfsuid(geteuid());
	(void)setfsgid(getegid());
	return r;
}

static int step_or_make(struct walk *w, const char *name, const char *path, bool last)
{
	int r = step_into(w, name, path);

	if (r != ERR_ABSENT || !last)
		return r;
	r = make_last(w, name, path);
	return r < 0 ? r : step_into(w, name, path);
}

/* The owner of the last folder may do in it what he likes; on the way to it only he and root may.
 */
static int check_folders(const struct walk *w, const char *path)
{
	uid_t owner = w->at[w->n - 1].st_uid;

	for (size_t i = 0; i < w->n; i++) {
		const struct stat *st = &w->at[i];
		bool sticky = (st->st_mode & S_ISVTX) && st->st_uid == 0 && i + 1 < w->n;

		if (st->st_uid != 0 && st->st_uid != owner)
			return err(ERR_DENIED, "%s: folder %zu of it belongs to somebody else",
				path, i + 1);
		if ((st->st_mode & (S_IWGRP | S_IWOTH)) && !sticky)
			return err(ERR_DENIED, "%s: folder %zu of it may be written by others",
				path, i + 1);
	}
	return 0;
}

static bool part_ok(struct str part)
{
	return part.n > 0 && part.n <= NAME_MAX && !str_is(part, ".") && !str_is(part, "..");
}

/* Walks to the folder of path; the last part of path is the file's name. */
static int walk_to(struct walk *w, struct keyfile *f)
{
	struct str rest = str_of(f->path), part;
	char name[NAME_MAX + 1];
	int r;

	if (!str_starts(rest, "/") || str_ends(rest, "/"))
		return err(ERR_USAGE, "%s: not the absolute path of a file", f->path);
	r = step_into(w, "/", f->path);
	(void)!str_cut(&rest, '/', &part);
	while (r == 0 && str_cut(&rest, '/', &part)) {
		if (!part_ok(part) || !str_copy(name, sizeof(name), part))
			return err(ERR_USAGE, "%s: \"%.*s\" cannot be part of it", f->path,
				STR_ARG(part));
		if (rest.n == 0)
			break;
		r = step_or_make(w, name, f->path, !str_has(rest, '/'));
	}
	if (r == 0)
		(void)!str_copy(f->name, sizeof(f->name), str_of(name));
	return r;
}

int keyfile_open(struct keyfile *f, const char *path, struct str user)
{
	struct walk w = { .fd = -1 };
	struct buf fresh = buf_of(f->fresh, sizeof(f->fresh));
	int r;

	f->path = path;
	f->user = user;
	f->folder = -1;
	f->held = false;
	r = walk_to(&w, f);
	if (r == 0)
		r = check_folders(&w, path);
	buf_addf(&fresh, ".%s.eicbox", f->name);
	if (r == 0)
		r = buf_check(&fresh, path);
	if (r == 0) {
		f->owner = w.at[w.n - 1].st_uid;
		f->group = w.at[w.n - 1].st_gid;
		f->folder = openat(w.fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (f->folder < 0)
			r = err_errno("%s", path);
	}
	if (w.fd >= 0)
		close(w.fd);
	return r;
}

void keyfile_close(struct keyfile *f)
{
	if (f->folder >= 0)
		close(f->folder);
	f->folder = -1;
}

/* The file as it is now. there false: there is none. */
struct present {
	bool there;
	struct stat st;
	struct buf text;
};

static int check_file(const struct keyfile *f, const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		return err(ERR_DENIED, "%s: is not a file", f->path);
	if (st->st_nlink != 1)
		return err(ERR_DENIED, "%s: has more than one name", f->path);
	if (st->st_uid != 0 && st->st_uid != f->owner)
		return err(ERR_DENIED, "%s: belongs to somebody else", f->path);
	return 0;
}

static int read_present(const struct keyfile *f, struct present *now)
{
	int r,
		fd = openat(f->folder, f->name,
			O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	now->there = fd >= 0;
	now->text = buf_of(old_storage, sizeof(old_storage));
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return errno == ELOOP ? err(ERR_DENIED, "%s: is a symbolic link", f->path)
				      : err_errno("%s", f->path);
	r = fstat(fd, &now->st) ? err_errno("%s", f->path) : check_file(f, &now->st);
	if (r == 0)
		r = io_read_fd(fd, f->path, &now->text);
	close(fd);
	return r;
}

static bool same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/* Has nobody touched the file since we read it? */
static bool still(const struct keyfile *f, const struct present *was)
{
	struct stat st;

	if (fstatat(f->folder, f->name, &st, AT_SYMLINK_NOFOLLOW))
		return errno == ENOENT && !was->there;
	return was->there && st.st_ino == was->st.st_ino && st.st_dev == was->st.st_dev &&
		st.st_size == was->st.st_size && same_time(st.st_mtim, was->st.st_mtim) &&
		same_time(st.st_ctim, was->st.st_ctim);
}

static bool is_mark(const struct keyfile *f, struct str line, const char *what)
{
	BUF(mark, 300);

	buf_addf(&mark, "# %s eicbox %.*s", what, STR_ARG(f->user));
	return str_eq(line, buf_view(&mark));
}

/* A line as we write them: a type, a key, and nothing else. */
static bool is_plain(struct str line)
{
	struct str type, key, more;

	return str_starts(line, "ssh-") && str_take_word(&line, &type) &&
		str_take_word(&line, &key) && !str_take_word(&line, &more);
}

static bool has_end(const struct keyfile *f, struct str text)
{
	struct str line;

	while (str_take_line(&text, &line))
		if (is_mark(f, line, "END"))
			return true;
	return false;
}

/* Moves text behind our block. Where somebody has cut off its end, only what looks like ours is in
 * it. */
static void skip_block(const struct keyfile *f, struct str *text)
{
	bool whole = has_end(f, *text);
	struct str line, before;

	for (before = *text; str_take_line(text, &line); before = *text) {
		if (whole && is_mark(f, line, "END"))
			return;
		if (!whole && !is_plain(line)) {
			*text = before;
			return;
		}
	}
}

static void compose(const struct keyfile *f, struct str old, struct str lines, struct buf *out)
{
	struct str line;

	while (str_take_line(&old, &line)) {
		if (is_mark(f, line, "BEGIN")) {
			skip_block(f, &old);
			continue;
		}
		buf_str(out, line);
		buf_putc(out, '\n');
	}
	if (lines.n == 0)
		return;
	buf_addf(out, "# BEGIN eicbox %.*s\n", STR_ARG(f->user));
	buf_str(out, lines);
	buf_addf(out, "# END eicbox %.*s\n", STR_ARG(f->user));
}

/* A file that was never there and would be empty is not made; one whose last line lacks its LF gets
 * it only when something is to be said. */
static bool unchanged(const struct present *now, const struct buf *next, bool none)
{
	if (!now->there)
		return next->len == 0;
	if (none && next->len == now->text.len + 1 &&
		memcmp(next->p, now->text.p, now->text.len) == 0)
		return true;
	return str_eq(buf_view(next), buf_view(&now->text));
}

static int fill(const struct keyfile *f, int fd, const struct present *now, const struct buf *next)
{
	uid_t owner = now->there ? now->st.st_uid : f->owner;
	gid_t group = now->there ? now->st.st_gid : f->group;
	int r = io_write(fd, next->p, next->len);

	if (r < 0)
		return err_in(r, "%s", f->path);
	if ((geteuid() == 0 || group != getegid()) && fchown(fd, owner, group))
		return err_errno("%s: owner", f->path);
	if (fchmod(fd, now->there ? now->st.st_mode & 0777 : 0600) || fsync(fd))
		return err_errno("%s", f->path);
	return 0;
}

/* 0 done; ERR_BUG: somebody changed the file meanwhile, look again. */
static int replace(const struct keyfile *f, const struct present *now, const struct buf *next)
{
	int r, fd;

	(void)unlinkat(f->folder, f->fresh, 0); /* left by a run that was killed; the lock is ours
						 */
	fd = openat(
		f->folder, f->fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno("%s: cannot be written", f->path);
	r = fill(f, fd, now, next);
	close(fd);
	if (r == 0 && !still(f, now))
		r = err(ERR_BUG, "%s: changes all the time", f->path);
	if (r == 0 && renameat(f->folder, f->fresh, f->folder, f->name))
		r = err_errno("%s", f->path);
	if (r < 0)
		(void)unlinkat(f->folder, f->fresh, 0);
	else
		(void)fsync(f->folder);
	return r;
}

static int rewrite(struct keyfile *f, struct str lines)
{
	struct buf next = buf_of(new_storage, sizeof(new_storage));
	struct present now;
	int r = read_present(f, &now);

	if (r < 0)
		return r;
	compose(f, buf_view(&now.text), lines, &next);
	r = buf_check(&next, f->path);
	if (r < 0 || unchanged(&now, &next, lines.n == 0))
		return r;
	return replace(f, &now, &next);
}

/* Two writers of one folder take turns. But anybody who may read the folder may hold its lock, and
 * no key may outlive its end for that: after a while it is written without, and as long as it is
 * held nobody waits again. */
static void lock(struct keyfile *f)
{
	int tries = f->held ? 1 : TRIES;

	f->held = true;
	for (int i = 0; i < tries && f->held; i++) {
		if (i > 0)
			(void)poll(NULL, 0, PAUSE_MS);
		f->held = flock(f->folder, LOCK_EX | LOCK_NB) != 0;
	}
}

int keyfile_write(struct keyfile *f, struct str lines)
{
	int r = ERR_BUG;

	lock(f);
	for (int i = 0; i < TRIES && r == ERR_BUG; i++)
		r = rewrite(f, lines);
	if (!f->held)
		flock(f->folder, LOCK_UN);
	return r;
}
