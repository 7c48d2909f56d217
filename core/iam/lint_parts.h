/* lint_parts.h - what the files of lint share; nobody else includes it */
#ifndef IAM_LINT_PARTS_H
#define IAM_LINT_PARTS_H

#include "iam/lint.h"

struct lint {
	const struct iam_policy *policy;
	lint_report *report;
	void *data;
};

void lint_found(const struct lint *l, const char *code, uint32_t at, struct str about);

/* Whether s begins with prefix, whatever the case. */
bool lint_has_prefix(struct str s, const char *prefix);

/* The actions of EC2 Instance Connect, for comparing; from EIC_PUSH to EIC_TUNNEL. */
extern const char *const lint_actions[];

/* Those that the statement is about, as bits of keys.h; and whether it is about nothing else. */
unsigned lint_covered(const struct iam_statement *s);
bool lint_only_eic(const struct iam_statement *s);

/* Whether no service sends a key of that name. */
bool lint_is_unknown_key(const struct iam_statement *s, struct str key);

/* lint_condition.c */
void lint_conditions(const struct lint *l, const struct iam_statement *s);

#endif
