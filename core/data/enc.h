/* enc.h - hexadecimal, base64 and percent encoding */
#ifndef DATA_ENC_H
#define DATA_ENC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/str.h"

void hex_add(struct buf *out, const void *p, size_t n); /* lower case */
bool hex_read(struct str text, void *out, size_t n);    /* exactly 2n digits of either case */

#define BASE64_SIZE(n) (((n) + 2) / 3 * 4) /* characters for n bytes */

void base64_add(struct buf *out, const void *p, size_t n); /* RFC 4648 section 4, padded */
void base64_add_lines(struct buf *out, const void *p, size_t n, size_t width); /* LF after each
										  line, the last too
										*/

/* Without padding and with - and _ (RFC 4648 section 5). */
void base64url_add(struct buf *out, const void *p, size_t n);

/* Appends the decoded bytes. Strict: padding complete, unused bits zero, no foreign byte; with
 * lines set, CR, LF, blanks and tabs are passed over. ERR_FORMAT, or ERR_LIMIT when out is full. */
int base64_read(struct str text, bool lines, struct buf *out) MUST_CHECK;
/* The same without padding and with - and _ (RFC 4648 section 5). */
int base64url_read(struct str text, struct buf *out) MUST_CHECK;

/* Percent encoding: A-Z a-z 0-9 - _ . ~ and the bytes of keep stay as they are; upper-case digits.
 */
void percent_add(struct buf *out, struct str s, const char *keep);
int percent_read(struct str s, struct buf *out) MUST_CHECK; /* a bad %XX or %00 is ERR_FORMAT */

#endif
