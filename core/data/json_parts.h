/* json_parts.h - what the files of this module share */
#ifndef DATA_JSON_PARTS_H
#define DATA_JSON_PARTS_H

#include "data/json.h"

/* How far the check has come. */
struct json_check {
	struct str rest;
	const char *what; /* is wrong at rest; a literal */
};

/* Whether the rest is one JSON value of at most JSON_DEPTH_MAX levels, and no more than that. Equal
 * names are not looked for. */
bool json_check(struct json_check *c);

/* Takes the character that stands at the front of a string, decoded. False where none of JSON
 * stands. */
bool json_take_char(struct str *s, uint32_t *out);

/* How many bytes at the front stand for themselves in a string. */
size_t json_plain(struct str s);

/* Line and column, from 1, of a byte at of a text that begins at from. */
void json_locate(const char *from, const char *at, unsigned *line, unsigned *column);

/* The bytes of a token; of a string without its quotes and still escaped. */
static inline struct str json_bytes(const struct json_token *t, struct str text)
{
	return (struct str){ text.p + t->start, t->end - t->start };
}

#endif
