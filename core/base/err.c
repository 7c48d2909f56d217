/* err.c - why something failed: a number for the caller, words for the person */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/buf.h"

static char words[ERR_TEXT_MAX];

/* What files, programs and sockets answer; libc's words for every error take 2 KB. */
#define SYSTEM_WORDS(X) \
	X(EPERM, "Operation not permitted") \
	X(ENOENT, "No such file or directory") \
	X(EIO, "I/O error") \
	X(ENOEXEC, "Exec format error") \
	X(EBADF, "Bad file descriptor") \
	X(EAGAIN, "Try again") \
	X(ENOMEM, "Out of memory") \
	X(EACCES, "Permission denied") \
	X(EBUSY, "Resource busy") \
	X(EEXIST, "File exists") \
	X(EXDEV, "Cross-device link") \
	X(ENOTDIR, "Not a directory") \
	X(EISDIR, "Is a directory") \
	X(EINVAL, "Invalid argument") \
	X(EMFILE, "Too many open files") \
	X(ETXTBSY, "Text file busy") \
	X(ENOSPC, "No space left on device") \
	X(EROFS, "Read-only file system") \
	X(ENAMETOOLONG, "File name too long") \
	X(ENOSYS, "Function not implemented") \
	X(ELOOP, "Too many symbolic links") \
	X(EOPNOTSUPP, "Not supported") \
	X(EDQUOT, "Quota exceeded") \
	X(EPIPE, "Broken pipe") \
	X(EAFNOSUPPORT, "no such kind of address here") \
	X(EADDRINUSE, "in use") \
	X(EADDRNOTAVAIL, "not an address of this machine") \
	X(ENETUNREACH, "no route to it") \
	X(EHOSTUNREACH, "no route to it") \
	X(ECONNRESET, "connection reset") \
	X(ETIMEDOUT, "timed out") \
	X(ECONNREFUSED, "connection refused")

#define NUMBER(number, text) number,
#define TEXT(number, text) text "\0"

const char *err_words(int e)
{
	static const unsigned char numbers[] = { SYSTEM_WORDS(NUMBER) };
	static const char texts[] = SYSTEM_WORDS(TEXT);
	static char other[24];
	struct buf b = buf_of(other, sizeof(other));
	const char *at = texts;

	for (size_t i = 0; i < sizeof(numbers); i++, at += strlen(at) + 1)
		if (numbers[i] == e)
			return at;
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
