/* buf.h - bytes are appended to storage that somebody else owns; it never grows */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

/* p[len] is always NUL when cap > 0, so at most cap - 1 bytes fit. What does not fit is cut and
 * full stays set: chain the writes, check full once. */
struct buf {
	char *p;
	size_t len, cap;
	bool full;
};

/* A buffer over cap bytes at p; both must outlive it. */
struct buf buf_of(char *p, size_t cap);

/* Declares a struct buf with storage of its own in the enclosing block. */
#define BUF(name, size) \
	char name##_storage[size]; \
	struct buf name = buf_of(name##_storage, sizeof(name##_storage))

void buf_clear(struct buf *b); /* empty again, not full */
void buf_wipe(struct buf *b);  /* the same, and the storage is overwritten: for secrets */
void buf_add(struct buf *b, const void *p, size_t n);
void buf_puts(struct buf *b, const char *s);
void buf_putc(struct buf *b, char c);
void buf_str(struct buf *b, struct str s);

/* Formats %s %.*s %c %d %i %u %x %X %% with the lengths l, ll, z, and a width with or without 0 in
 * front; anything else is a bug and adds "%?" and the rest of fmt as it stands. */
void buf_addf(struct buf *b, const char *fmt, ...) PRINTF(2, 3);
void buf_vaddf(struct buf *b, const char *fmt, va_list ap) PRINTF(2, 0);

/* The text so far, NUL-terminated; lives as long as the storage. */
const char *buf_text(const struct buf *b);
struct str buf_view(const struct buf *b);

/* The room that is left, to be filled by read(2) and the like; then tell how much was filled. */
size_t buf_room(const struct buf *b);
char *buf_tail(struct buf *b);
void buf_grew(struct buf *b, size_t n);

/* Drops n bytes from the front (n at most len). */
void buf_drop(struct buf *b, size_t n);

/* 0, or ERR_LIMIT with words when something was cut. */
int buf_check(const struct buf *b, const char *what) MUST_CHECK;

#endif
