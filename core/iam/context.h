/* context.h - what is known of a request: condition keys and their values */
#ifndef IAM_CONTEXT_H
#define IAM_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

/* What decides, in three values: what is not known is neither. */
enum truth { TRUTH_NO, TRUTH_YES, TRUTH_UNKNOWN };

/* One key. Absent ones are known to be absent. Names and values borrow from whoever set them. */
struct iam_fact {
	struct str key;
	struct str one;         /* the value, when there is one */
	const struct str *many; /* or the values, when there are none or several */
	size_t n;
	bool absent, derived; /* derived: not stated, but follows from the request */
	bool used;            /* an evaluation looked at it */
};

#define IAM_FACTS_MAX 128

struct iam_context {
	struct iam_fact fact[IAM_FACTS_MAX];
	size_t n;
	bool closed; /* what stands not here is absent; else it is unknown */
};

/* All set functions replace an earlier fact of that key (names are compared without case), except
 * that what is derived never replaces what is stated. ERR_LIMIT with words when there are too many.
 */
int context_set(struct iam_context *c, struct str key, struct str value) MUST_CHECK;
int context_set_many(
	struct iam_context *c, struct str key, const struct str *values, size_t n) MUST_CHECK;
int context_derive(struct iam_context *c, struct str key, struct str value) MUST_CHECK;
int context_derive_absent(struct iam_context *c, struct str key) MUST_CHECK;

/* TRUTH_YES and *fact; TRUTH_NO: absent; TRUTH_UNKNOWN: nobody said. *fact is NULL when no fact
 * stands for it. */
enum truth context_get(struct iam_context *c, struct str key, struct iam_fact **fact);

struct str fact_value(const struct iam_fact *f, size_t i);

#endif
