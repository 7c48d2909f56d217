/* condition.h - whether the conditions of a statement hold for what is known of a request */
#ifndef IAM_CONDITION_H
#define IAM_CONDITION_H

#include "base/buf.h"
#include "iam/context.h"
#include "iam/policy.h"

/* Why a condition came out as it did. */
struct iam_test {
	enum truth result;
	const char *why;       /* a clause for people */
	struct iam_fact *fact; /* what the context says of the key; NULL: nothing */
};

struct iam_test condition_test(const struct iam_condition *c, struct iam_context *context);

/* All of a statement's conditions together. */
enum truth conditions_hold(const struct iam_condition *c, struct iam_context *context);

/* Appends form with its variables replaced. TRUTH_NO: one is absent and has no default, so that the
 * value matches nothing; TRUTH_UNKNOWN: nobody said what one is. */
enum truth condition_expand(struct buf *out, struct str form, struct iam_context *context);

/* Whether form holds a variable of that key. */
bool condition_names(struct str form, struct str key);

/* The expanded form for people: * and ? stand where wildcards do, and what could not be replaced
 * stays as it was written. */
void condition_show(struct buf *out, const struct iam_value *v, struct iam_context *context);

#endif
