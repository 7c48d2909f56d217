/* err.c - why something failed: a number for the caller, words for the person */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/buf.h"

static char words[ERR_TEXT_MAX];

int err(int code, const char *fmt, ...)
{
	char fresh[ERR_TEXT_MAX]; /* an argument may be err_text() itself */
	struct buf b = buf_of(fresh, sizeof(fresh));
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	memcpy(words, buf_text(&b), b.len + 1);
	return code;
}

int err_in(int code, const char *fmt, ...)
{
	char fresh[ERR_TEXT_MAX];
	struct buf b = buf_of(fresh, sizeof(fresh));
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	buf_addf(&b, ": %s", words);
	memcpy(words, buf_text(&b), b.len + 1);
	return code;
}

int err_errno(const char *fmt, ...)
{
	int e = errno;
	char fresh[ERR_TEXT_MAX];
	struct buf b = buf_of(fresh, sizeof(fresh));
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	buf_addf(&b, ": %s", strerror(e));
	memcpy(words, buf_text(&b), b.len + 1);
	return e == ENOENT ? ERR_ABSENT : ERR_SYSTEM;
}

const char *err_text(void)
{
	return words;
}
