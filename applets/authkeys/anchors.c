/* anchors.c - the certificates that a chain may end at: compiled in, or named by an administrator
 *
 * A bundle holds a hundred certificates and a chain names one or two. Only those are parsed. */
#include "applets/authkeys/anchors.h"

#include <errno.h>
#include <fcntl.h>
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

/* The name of the program that started us; "" when it cannot be known. */
static void parent_name(struct buf *name)
{
	BUF(path, 64);
	int fd;
	ssize_t n;

	buf_addf(&path, "/proc/%d/comm", (int)getppid());
	fd = open(buf_text(&path), O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	n = read(fd, buf_tail(name), buf_room(name));
	if (n > 0)
		buf_grew(name, (size_t)n);
	close(fd);
}

/* sshd runs us as a user of our own, and what that user owns must not decide who logs in. */
static bool owner_ok(uid_t owner)
{
	BUF(parent, 64);

	if (owner == 0)
		return true;
	if (owner != getuid())
		return false;
	parent_name(&parent);
	return parent.len > 0 && !str_starts(buf_view(&parent), "sshd");
}

static int check_owner(int fd, const char *path, struct stat *st)
{
	if (fstat(fd, st))
		return err_errno("%s", path);
	if (!owner_ok(st->st_uid))
		return err(ERR_DENIED, "%s: does not belong to root", path);
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return err(ERR_DENIED, "%s: may be written by others than its owner", path);
	return 0;
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
