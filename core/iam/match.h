/* match.h - patterns of policies: wildcards, variables, ARNs
 *
 * A policy holds no control characters, so the compiled form of a pattern uses some: what they
 * stand for can be mistaken for no character of the policy or of a request.
 */
#ifndef IAM_MATCH_H
#define IAM_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"

#define MATCH_ANY '\1'     /* any run of characters, also none */
#define MATCH_ONE '\2'     /* exactly one character (of UTF-8, not a byte) */
#define MATCH_VAR '\3'     /* a variable begins: its key, */
#define MATCH_DEFAULT '\4' /* then its default, if it has one, */
#define MATCH_END '\5'     /* and its end */

#define MATCH_VALUE_MAX 2048 /* a value of a request that is longer matches nothing */

enum {
	COMPILE_WILD = 1,      /* * and ? are wildcards */
	COMPILE_VARIABLES = 2, /* ${...} is a variable, ${*} ${?} ${$} are characters */
	COMPILE_LOWER = 4,     /* for comparing without case (ASCII) */
};

/* What is wrong with a variable, NULL for nothing; pattern as written. */
const char *match_bad_variable(struct str pattern);

/* The compiled form, in the arena or pattern itself when both are equal. A variable that is
 * malformed makes the result {NULL, 0}: it matches nothing. False when the arena is full. */
bool match_compile(struct str *form, struct str pattern, unsigned flags, struct arena *a);

bool match_has_variables(struct str form);

/* Whether a compiled form without variables matches all of value. Linear for what people write; for
 * hostile patterns the work is bounded by both lengths' product divided by the word size. */
bool match_wild(struct str form, struct str value);

/* An ARN or a pattern of one, cut at the first five colons outside of variables. */
struct arn {
	struct str part[6]; /* arn, partition, service, region, account, resource */
	unsigned n;         /* parts that are there */
};
enum { ARN_PARTITION = 1, ARN_SERVICE, ARN_REGION, ARN_ACCOUNT, ARN_RESOURCE };

struct arn arn_split(struct str s);

/* Part by part, so that no * crosses a colon in front of the resource; every part of both must be
 * there. */
bool arn_match(const struct arn *form, const struct arn *value);

#endif
