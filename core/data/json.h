/* json.h - JSON (RFC 8259), strictly: parsed (json_check.c, json_parse.c), looked up (json.c) and
 * written (json_write.c) */
#ifndef DATA_JSON_H
#define DATA_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

enum json_type {
	JSON_NONE,
	JSON_NULL,
	JSON_BOOL,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT
};

#define JSON_DEPTH_MAX 64

/* One token; the fields are the module's own. */
struct json_token {
	uint32_t start, end; /* bytes of the text; of a string without its quotes */
	uint32_t next;       /* index of the token behind this value and all that it holds */
	uint32_t n;          /* elements of an array, members of an object */
	uint8_t type;
};

/* A parsed text. text and tokens are the caller's and must outlive it. */
struct json_doc {
	struct str text;
	const struct json_token *tokens;
	size_t n;
	const char *wrong; /* after ERR_FORMAT: what, and at which byte of the text */
	size_t wrong_at;
};

/* A value in a document; .doc NULL (JSON_NONE) where there is none, and every function below takes
 * that. */
struct json {
	const struct json_doc *doc;
	uint32_t i;
};

/* Checks and parses the whole text: one value, nothing behind it but white space; no duplicate
 * members, no NUL, valid UTF-8, no lone surrogates, depth at most JSON_DEPTH_MAX. ERR_FORMAT with
 * "line L, column C: what", or ERR_LIMIT when cap tokens are not enough. */
int json_parse(
	struct json_doc *doc, struct str text, struct json_token *tokens, size_t cap) MUST_CHECK;

struct json json_root(const struct json_doc *doc);
enum json_type json_type(struct json v);
size_t json_count(struct json v); /* elements or members; 0 for anything else */

struct json json_get(struct json object, const char *name); /* the member of that (decoded) name */

/* Walking: for (i = json_first(v); json_type(i); i = json_next(v, i)) — elements of an array; of an
 * object, the member names, whose values json_value gives. */
struct json json_first(struct json v);
struct json json_next(struct json v, struct json i);
struct json json_value(struct json name);

struct str json_raw(struct json v); /* as written; of a string without quotes and still escaped */
int json_text(struct json v, struct buf *out) MUST_CHECK; /* appends a string's value, decoded;
							     ERR_FORMAT if no string or it holds
							     \u0000 */
bool json_is(struct json v, const char *text);            /* a string of exactly that value */
bool json_bool(struct json v, bool *out);
bool json_int(struct json v, int64_t *out); /* a number without fraction and exponent that fits */
void json_place(struct json v, unsigned *line, unsigned *column); /* of the value's first byte, from
								     1 */

/* Writing: the commas and quotes are set by the writer; compact, or one member a line with an
 * indent. */
struct json_out {
	struct buf *b;
	unsigned indent; /* blanks a level; 0: compact, with no white space at all */
	unsigned depth;
	bool filled; /* something stands at this level already */
	bool named;  /* a name was written, its value comes */
};

struct json_out json_out(struct buf *b, unsigned indent);
void json_open(struct json_out *o, char bracket); /* '{' or '[' */
void json_close(struct json_out *o, char bracket);
void json_name(struct json_out *o, const char *name);
void json_add_str(struct json_out *o, struct str value); /* escapes; bytes that are no UTF-8 become
							    U+FFFD */
void json_add_int(struct json_out *o, int64_t value);
void json_add_bool(struct json_out *o, bool value);
void json_add_null(struct json_out *o);
void json_add_raw(struct json_out *o, struct str json);                    /* already JSON */
void json_member(struct json_out *o, const char *name, const char *value); /* name and string; NULL
									      writes null */

#endif
