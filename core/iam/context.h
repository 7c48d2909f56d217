/* context.h - what is known of a request: condition keys and their values */
#ifndef IAM_CONTEXT_H
#define IAM_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/* What decides, in three values: what is not known is neither. */
enum truth { TRUTH_NO, TRUTH_YES, TRUTH_UNKNOWN };

enum truth truth_not(enum truth t);
enum truth truth_and(enum truth a, enum truth b);
enum truth truth_or(enum truth a, enum truth b);

/* One key. Absent ones are known to be absent. Names and values borrow from whoever set them. */
struct iam_fact {
	struct str key;
	struct str one;         /* the value, when there is one */
	const struct str *many; /* or the values, when there are none or several */
	size_t n;
	bool absent, derived; /* derived: not stated, but follows from the request */
	bool firm;            /* derived, and whoever states something else contradicts */
	bool used;            /* an evaluation looked at it */
	uint8_t rank;
};

#define IAM_FACTS_MAX 128

struct iam_context {
	struct iam_fact fact[IAM_FACTS_MAX];
	size_t n;
	bool closed;   /* what stands not here is absent; else it is unknown */
	bool untagged; /* there is no resource, so whatever is said of its tags is absent */
	bool all_tags; /* so are the principal's tags that do not stand here */
	uint8_t rank;  /* of what is stated now */
	struct str unknown[IAM_FACTS_MAX]; /* keys that were asked for and are unknown, each once;
					      borrowed from who asked */
	size_t n_unknown;
};

/* Whether both names are of one key: without case, and aws:ResourceTag/K is ec2:ResourceTag/K. */
bool context_same_key(struct str a, struct str b);

/* All set functions replace an earlier fact of that key, except that what is derived never replaces
 * what is stated, nor a lower rank a higher one, and that ERR_USAGE with words refuses what
 * contradicts: another statement of the same rank (0: none contradicts), or a firm fact. ERR_LIMIT
 * with words when there are too many. */
int context_set(struct iam_context *c, struct str key, struct str value) MUST_CHECK;
int context_set_many(
	struct iam_context *c, struct str key, const struct str *values, size_t n) MUST_CHECK;
int context_set_absent(struct iam_context *c, struct str key) MUST_CHECK;
int context_derive(struct iam_context *c, struct str key, struct str value) MUST_CHECK;
int context_derive_absent(struct iam_context *c, struct str key) MUST_CHECK;
int context_fix(struct iam_context *c, struct str key, struct str value) MUST_CHECK; /* firm */
int context_fix_absent(struct iam_context *c, struct str key) MUST_CHECK;

/* TRUTH_YES and *fact; TRUTH_NO: absent; TRUTH_UNKNOWN: nobody said. *fact is NULL when no fact
 * stands for it. */
enum truth context_get(struct iam_context *c, struct str key, struct iam_fact **fact);
/* What was stated of a key, not derived; NULL: nothing. Not a use. */
const struct iam_fact *context_stated(struct iam_context *c, struct str key);

struct str fact_value(const struct iam_fact *f, size_t i);

#endif
