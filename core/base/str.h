/* str.h - borrowed bytes with their length, and the one cursor that all parsers use */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* n bytes at p, not NUL-terminated, owned by somebody else. As a cursor it is what is still to be
 * read: the str_take_* functions move its front and never past its end. */
struct str {
	const char *p;
	size_t n;
};

#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })
#define STR_ARG(s) (int)(s).n, (s).p /* for %.*s */

struct str str_of(const char *s); /* borrows a NUL-terminated string; NULL is empty */

bool str_eq(struct str a, struct str b);
bool str_is(struct str a, const char *s);
bool str_ieq(struct str a, struct str b); /* ASCII case folded */
bool str_starts(struct str s, const char *prefix);
bool str_ends(struct str s, const char *suffix);
bool str_all(struct str s, const char *set); /* not empty, and every byte stands in set */
bool str_has(struct str s, char c);
bool str_find(struct str s, const char *word, size_t *at); /* first; at may be NULL */
struct str str_trim(struct str s); /* without blanks and tabs, CR and LF at either end */

/* The decimal number that s is, without sign, leading blanks or trailing bytes. False: no number,
 * or over max. */
bool str_u64(struct str s, uint64_t max, uint64_t *out);

/* Cursors. False: there is nothing (more) to take; *in and *out are then unchanged. */
bool str_take(struct str *in, size_t n, struct str *out); /* n bytes */
bool str_take_line(struct str *in, struct str *out); /* up to LF, which is dropped, or to the end */
bool str_take_word(struct str *in, struct str *out); /* skips blanks, ends before the next */
bool str_take_u8(struct str *in, uint8_t *out);
bool str_take_u32(struct str *in, uint32_t *out);    /* big-endian */
bool str_take_blob(struct str *in, struct str *out); /* u32 length and bytes: RFC 4251 */

/* The part before the first sep; *in keeps what follows it. Without sep: all of it, and *in is
 * empty. False only when *in is empty. */
bool str_cut(struct str *in, char sep, struct str *out);

/* A NUL-terminated copy into cap bytes; false (and an empty string) when it does not fit or holds a
 * NUL. */
bool str_copy(char *to, size_t cap, struct str s);

#endif
