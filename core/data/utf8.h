/* utf8.h - UTF-8, one character at a time */
#ifndef DATA_UTF8_H
#define DATA_UTF8_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

#define UTF8_REPLACEMENT 0xfffdu

/* Takes the character at the front. False, and nothing taken, at the end and where the bytes are no
 * UTF-8 (RFC 3629: no overlong form, no surrogate, nothing over U+10FFFF). */
bool utf8_take(struct str *s, uint32_t *c);

void utf8_add(struct buf *out, uint32_t c); /* c is one that utf8_take gives */

#endif
