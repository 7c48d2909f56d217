/* err.c - why something failed: a number for the caller, words for the person */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/buf.h"

static char words[ERR_TEXT_MAX];

/* What files, programs and sockets answer; libc's words for every error take 2 KB. */
static const struct {
	short number;
	char text[32];
} system_words[] = {
	{ EPERM, "Operation not permitted" },
	{ ENOENT, "No such file or directory" },
	{ EIO, "I/O error" },
	{ ENOEXEC, "Exec format error" },
	{ EBADF, "Bad file descriptor" },
	{ EAGAIN, "Try again" },
	{ ENOMEM, "Out of memory" },
	{ EACCES, "Permission denied" },
	{ EBUSY, "Resource busy" },
	{ EEXIST, "File exists" },
	{ EXDEV, "Cross-device link" },
	{ ENOTDIR, "Not a directory" },
	{ EISDIR, "Is a directory" },
	{ EINVAL, "Invalid argument" },
	{ EMFILE, "Too many open files" },
	{ ETXTBSY, "Text file busy" },
	{ ENOSPC, "No space left on device" },
	{ EROFS, "Read-only file system" },
	{ ENAMETOOLONG, "File name too long" },
	{ ENOSYS, "Function not implemented" },
	{ ELOOP, "Too many symbolic links" },
	{ EOPNOTSUPP, "Not supported" },
	{ EDQUOT, "Quota exceeded" },
	{ EPIPE, "Broken pipe" },
	{ EAFNOSUPPORT, "no such kind of address here" },
	{ EADDRINUSE, "in use" },
	{ EADDRNOTAVAIL, "not an address of this machine" },
	{ ENETUNREACH, "no route to it" },
	{ EHOSTUNREACH, "no route to it" },
	{ ECONNRESET, "connection reset" },
	{ ETIMEDOUT, "timed out" },
	{ ECONNREFUSED, "connection refused" },
};

const char *err_words(int e)
{
	static char other[24];
	struct buf b = buf_of(other, sizeof(other));

	for (size_t i = 0; i < sizeof(system_words) / sizeof(system_words[0]); i++)
		if (system_words[i].number == e)
			return system_words[i].text;
	buf_addf(&b, "system error %d", e);
	return other;
}

/* Puts the words, and behind them the tail, in place of the last ones. */
static void record(const char *fmt, va_list ap, const char *tail)
{
	char fresh[ERR_TEXT_MAX]; /* an argument may be err_text() itself */
	struct buf b = buf_of(fresh, sizeof(fresh));

	buf_vaddf(&b, fmt, ap);
	if (tail)
		buf_addf(&b, ": %s", tail);
	memcpy(words, fresh, b.len + 1);
}

int err(int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	record(fmt, ap, NULL);
	va_end(ap);
	return code;
}

int err_in(int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	record(fmt, ap, words);
	va_end(ap);
	return code;
}

int err_errno(const char *fmt, ...)
{
	int e = errno;
	va_list ap;

	va_start(ap, fmt);
	record(fmt, ap, err_words(e));
	va_end(ap);
	return e == ENOENT ? ERR_ABSENT : ERR_SYSTEM;
}

const char *err_text(void)
{
	return words;
}
