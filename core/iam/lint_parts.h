/* lint_parts.h - what the files of lint share; nobody else includes it */
#ifndef IAM_LINT_PARTS_H
#define IAM_LINT_PARTS_H

#include "iam/lint.h"

struct lint {
	const struct iam_policy *policy;
	bool (*is_user)(struct str s);
	struct arena *arena;
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

/* lint_never.c: whether c is the first condition of s on its key, and no value of the key fulfils
 * it and the others; whether the value of c is a name, or pattern of names, that no OS user has */
bool lint_never_holds(
	const struct lint *l, const struct iam_statement *s, const struct iam_condition *c);
bool lint_is_nobody(const struct lint *l, const struct iam_condition *c, const struct iam_value *v);

/* lint_condition.c */
void lint_conditions(const struct lint *l, const struct iam_statement *s);

#endif
