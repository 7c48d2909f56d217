/* anchors.c - the certificates that a chain may end at: compiled in, or named by an administrator
 *
 * A bundle holds a hundred certificates and a chain names one or two. Only those are parsed. */
#include "applets/authkeys/anchors.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/folder.h"
#include "base/io.h"
#include "eic/limits.h"
#include "eic/trust.h"

static char text_storage[EIC_ANCHORS_TEXT_MAX];
static struct buf text;
static bool given;

bool anchors_given(void)
{
	return given;
}

/* Did we begin this session ourselves, as a shell or a container does? sshd begins one as root for
 * each connection, and its command stays in it, behind however many scripts. While that runs, sshd
 * has our effective uid, so all four count. What /proc does not show is not ours. */
static bool session_ours(void)
{
	unsigned us = getuid();
	BUF(path, 32);
	BUF(line, 64);
	BUF(status, 4096);

	buf_addf(&path, "/proc/%d/status", (int)getsid(0));
	buf_addf(&line, "\nUid:\t%u\t%u\t%u\t%u\n", us, us, us, us);
	return io_read_file(buf_text(&path), &status) == 0 &&
		str_find(buf_view(&status), buf_text(&line), NULL);
}

/* Who may say what is trusted: root; and who runs us, as long as that is for nobody else. sshd runs
 * us as a user of our own, and what that user owns must not decide who logs in. */
static int check_stat(const struct stat *st, const char *path, bool above)
{
	bool own = st->st_uid == getuid();

	if (st->st_uid != 0 && (!own || !session_ours()))
		return err(ERR_DENIED, "%s: does not belong to root%s", path,
			own ? ", and what is ours counts only in a session of our own" : "");
	if ((st->st_mode & (S_IWGRP | S_IWOTH)) && !(above && (st->st_mode & S_ISVTX)))
		return err(ERR_DENIED, "%s: may be written by others than its owner", path);
	return 0;
}

/* The folders above what fd has open, as sshd wants them for its commands: where others may rename,
 * any file of root's can get that name. In a sticky folder they may not. */
static int check_above(int fd, const char *path)
{
	char real[PATH_MAX];
	struct stat st;
	ssize_t n;
	int r = 0;
	BUF(link, 32);

	buf_addf(&link, "/proc/self/fd/%d", fd);
	n = readlink(buf_text(&link), real, sizeof(real) - 1);
	if (n <= 0 || real[0] != '/')
		return err(
			ERR_DENIED, "%s: the folders above it cannot be told without /proc", path);
	while (r == 0 && n > 1) {
		while (n > 1 && real[n - 1] != '/')
			n--;
		/* the slash is part of "/" alone */
		n -= n > 1;
		real[n] = 0;
		r = stat(real, &st) ? err_errno("%s", real) : check_stat(&st, real, true);
	}
	return r;
}

static int check_owner(int fd, const char *path, struct stat *st)
{
	int r = fstat(fd, st) ? err_errno("%s", path) : check_stat(st, path, false);

	return r == 0 && st->st_uid == 0 ? check_above(fd, path) : r;
}

/* Somebody has mixed up the files: a key does not belong where everybody may read. */
static int check_text(const char *name, size_t from)
{
	struct str fresh = { text.p + from, text.len - from };

	return str_find(fresh, "PRIVATE KEY-----", NULL)
		? err(ERR_FORMAT, "%s: holds a private key", name)
		: 0;
}

static int load_file(int at, const char *name)
{
	size_t from = text.len;
	struct stat st;
	int r, fd = openat(at, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0)
		return err_errno("%s", name);
	r = check_owner(fd, name, &st);
	if (r == 0 && !S_ISREG(st.st_mode))
		r = err(ERR_FORMAT, "%s: is not a file", name);
	if (r == 0)
		r = io_read_fd(fd, name, &text);
	if (r == 0)
		buf_putc(&text, '\n');
	if (r == 0)
		r = check_text(name, from);
	close(fd);
	return r;
}

static bool is_bundle(const char *name)
{
	return str_ends(str_of(name), ".pem") || str_ends(str_of(name), ".crt");
}

static int load_entry(void *owner, int folder, const char *name)
{
	(void)owner;
	return is_bundle(name) ? load_file(folder, name) : 0;
}

static int load(const char *path)
{
	int r, fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return errno == ENOTDIR ? load_file(AT_FDCWD, path) : err_errno("%s", path);
	r = check_owner(fd, path, &st);
	if (r == 0)
		r = folder_each(fd, path, load_entry, NULL);
	close(fd);
	return r;
}

int anchors_load(const char *path)
{
	int r;

	given = true;
	text = buf_of(text_storage, sizeof(text_storage));
	r = load(path);
	if (r == 0 && !str_find(buf_view(&text), "-----BEGIN CERTIFICATE-----", NULL))
		r = err(ERR_FORMAT, "%s: no certificate in it", path);
	return r;
}

int anchors_pick(struct certs *list, const struct certs *chain)
{
	int r;

	if (!given)
		return trust_anchors(list, chain);
	r = certs_read_pem_named(list, buf_view(&text), EIC_ANCHORS_MAX, chain);
	return r < 0 ? err_in(r, "--ca") : 0;
}
