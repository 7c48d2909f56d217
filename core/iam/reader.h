/* reader.h - what policy.c, principals.c, clause.c and envelope.c share while a policy is read */
#ifndef IAM_READER_H
#define IAM_READER_H

#include "iam/policy.h"

struct reader {
	struct iam_policy *policy;
	struct arena *arena;
	unsigned flags;
	unsigned refused; /* how many refusals the policy has */
};

#define REFUSALS_MAX 100 /* of one policy; who mends so many asks again */

/* Records "SOURCE:LINE:COLUMN: words" and the code; returns ERR_FORMAT. */
int reader_refuse(struct reader *r, const char *code, struct json at, const char *fmt, ...)
	PRINTF(4, 5);
int reader_refuse_at(struct reader *r, const char *code, uint32_t at, const char *words);
int reader_full(struct reader *r); /* ERR_LIMIT with words */

/* 0 for what was refused and recorded, when the rest is to be read all the same; else e. */
int reader_go_on(const struct reader *r, int e) MUST_CHECK;

uint32_t reader_at(struct json v); /* offset of a value's first byte */

/* A string, decoded and free of characters that AWS refuses. */
int reader_text(struct reader *r, struct json v, struct str *out) MUST_CHECK;

/* Calls one for a single value or for each of a list. */
int reader_list(struct reader *r, struct json v, struct iam_list *out,
	int (*one)(struct reader *r, struct json v, struct iam_value *out, const void *of),
	const void *of) MUST_CHECK;

/* A policy itself. */
int reader_document(struct reader *r, struct json v) MUST_CHECK;

/* The Principal element of a statement. */
int reader_principals(struct reader *r, struct json v, struct iam_statement *s) MUST_CHECK;

/* The Condition element of a statement. */
int reader_condition(struct reader *r, struct json v, struct iam_statement *s) MUST_CHECK;

#endif
