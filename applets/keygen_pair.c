/* keygen_pair.c - a private key and its public line become two files, both or none
 *
 * Both are written and synced under names of their own first. What remains is to give them their
 * names: that fails only where somebody else changes the folder at the same moment, and is then
 * taken back. */
#define _GNU_SOURCE /* sync_file_range */
#include "applets/keygen_pair.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "crypto/crypto.h"

/* One of the two files. */
struct half {
	char path[PATH_MAX];
	char fresh[PATH_MAX]; /* the new content, until it has its name; "" none */
	char old[PATH_MAX];   /* a second name of the content that is replaced; "" none */
	int fd;               /* of fresh; -1 none */
	bool named;           /* path has the new content */
};

static bool set_path(struct half *h, const char *path, const char *suffix)
{
	struct buf b = buf_of(h->path, sizeof(h->path));

	buf_addf(&b, "%s%s", path, suffix);
	return !b.full;
}

/* A name in the same folder that nobody uses. */
static int beside(char *name, const char *path)
{
	struct buf b = buf_of(name, PATH_MAX);
	const char *slash = strrchr(path, '/');
	uint64_t number;

	crypto_random(&number, sizeof(number));
	buf_addf(&b, "%.*s.keygen-%llx", slash ? (int)(slash - path) + 1 : 0, path,
		(unsigned long long)number);
	return buf_check(&b, path);
}

/* Leaves the file open, so that both are written before the first is synced. */
static int write_fresh(struct half *h, struct str text, mode_t mode)
{
	int r = beside(h->fresh, h->path);

	if (r < 0)
		return r;
	h->fd = open(h->fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (h->fd < 0) {
		h->fresh[0] = 0;
		return err_errno("%s: cannot be created", h->path);
	}
	if (io_write(h->fd, text.p, text.n) < 0)
		return err_in(ERR_SYSTEM, "%s", h->path);
	if (fchmod(h->fd, mode) < 0)
		return err_errno("%s: cannot be written", h->path);
	return 0;
}

static int sync_fresh(struct half *h)
{
	int fd = h->fd;

	if (fsync(fd) < 0)
		return err_errno("%s: cannot be written", h->path);
	h->fd = -1;
	if (close(fd) < 0)
		return err_errno("%s: cannot be written", h->path);
	return 0;
}

/* Begins to write both out, so that one commit of the file system's journal does for both. Only a
 * hint. */
static int sync_both(struct half *a, struct half *b)
{
	int r;

	(void)sync_file_range(a->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
	(void)sync_file_range(b->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
	r = sync_fresh(a);
	return r < 0 ? r : sync_fresh(b);
}

/* FAT and the like have no second names: there the old file cannot be brought back. */
static bool no_links(int error)
{
	return error == EPERM || error == EOPNOTSUPP || error == ENOSYS;
}

/* Remembers what is about to be replaced. */
static int keep_old(struct half *h)
{
	struct stat st;
	int r;

	if (lstat(h->path, &st) < 0)
		return errno == ENOENT ? 0 : err_errno("%s", h->path);
	if (S_ISDIR(st.st_mode))
		return err(ERR_SYSTEM, "%s: is a directory", h->path);
	r = beside(h->old, h->path);
	if (r == 0 && link(h->path, h->old) < 0) {
		h->old[0] = 0;
		if (!no_links(errno))
			r = err_errno("%s: cannot be kept until the new one is complete", h->path);
	}
	return r;
}

/* A rename that replaces nothing; by way of a second name where there is no such rename. */
static int rename_new(struct half *h)
{
	if (syscall(SYS_renameat2, AT_FDCWD, h->fresh, AT_FDCWD, h->path, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	return link(h->fresh, h->path) < 0 ? -1 : unlink(h->fresh);
}

static int give_name(struct half *h, bool replace)
{
	if ((replace ? rename(h->fresh, h->path) : rename_new(h)) < 0) {
		if (errno == EEXIST)
			return err(ERR_DENIED, "%s: already exists", h->path);
		return err_errno("%s: cannot be created", h->path);
	}
	h->named = true;
	h->fresh[0] = 0;
	return 0;
}

/* Whatever failed: no new name stays, and an old file is back. */
static void take_back(struct half *h)
{
	if (!h->named)
		return;
	if (h->old[0] && rename(h->old, h->path) == 0)
		h->old[0] = 0;
	else
		unlink(h->path);
}

static void clean_up(struct half *h)
{
	if (h->fd >= 0)
		close(h->fd);
	if (h->fresh[0])
		unlink(h->fresh);
	if (h->old[0])
		unlink(h->old);
}

/* After a crash the names must lead to the files. Not every file system can sync a folder. */
static void sync_folder(const char *path)
{
	BUF(folder, PATH_MAX);
	const char *slash = strrchr(path, '/');
	int fd;

	buf_addf(&folder, "%.*s.", slash ? (int)(slash - path) + 1 : 0, path);
	fd = open(buf_text(&folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	(void)fsync(fd);
	close(fd);
}

static int write_both(struct half *private, struct half *public, struct str private_text,
	struct str public_text, bool replace)
{
	int r = write_fresh(private, private_text, 0600);

	if (r == 0)
		r = write_fresh(public, public_text, 0644);
	if (r == 0)
		r = sync_both(private, public);
	if (r == 0 && replace)
		r = keep_old(private);
	if (r == 0 && replace)
		r = keep_old(public);
	if (r == 0)
		r = give_name(private, replace);
	if (r == 0)
		r = give_name(public, replace);
	return r;
}

int pair_write(const char *path, struct str private_text, struct str public_text, bool replace)
{
	struct half private = { .fd = -1 }, public = { .fd = -1 };
	sigset_t all, before;
	int r;

	if (!set_path(&private, path, "") || !set_path(&public, path, ".pub"))
		return err(ERR_USAGE, "%s: name too long", path);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	r = write_both(&private, &public, private_text, public_text, replace);
	if (r < 0) {
		take_back(&public);
		take_back(&private);
	}
	clean_up(&private);
	clean_up(&public);
	sync_folder(path);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return r;
}

bool pair_exists(const char *path, const char **existing)
{
	static char name[PATH_MAX];
	struct buf b = buf_of(name, sizeof(name));
	struct stat st;

	*existing = name;
	buf_puts(&b, path);
	if (lstat(name, &st) == 0)
		return true;
	buf_puts(&b, ".pub");
	return !b.full && lstat(name, &st) == 0;
}
