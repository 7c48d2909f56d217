/* lint.h - what could go wrong with a policy that can be read, and what to write instead */
#ifndef IAM_LINT_H
#define IAM_LINT_H

#include "iam/eval.h"

enum lint_severity { LINT_LOW, LINT_MEDIUM, LINT_HIGH };

/* The codes are stable. */
struct lint_code {
	const char *code;
	enum lint_severity severity;
	const char *words; /* what could happen, and what to write instead */
};

extern const struct lint_code lint_codes[];
extern const size_t lint_code_count;

struct lint_finding {
	const struct lint_code *code;
	const struct iam_policy *policy;
	uint32_t at;      /* offset in the policy's text */
	struct str about; /* what it is about, "" for the whole; valid during the call */
};

typedef void lint_report(void *data, const struct lint_finding *f);

const char *lint_severity_words(enum lint_severity s);

/* The code of that name; the codes of refusals (struct iam_policy, wrong) are among them. */
const struct lint_code *lint_code_find(const char *code);

/* What one policy says by itself. It should be read with POLICY_LENIENT. is_user tells what can be
 * an OS user; working memory comes from the arena, and what has not enough of it is not looked at.
 */
void lint_policy(const struct iam_policy *p, bool (*is_user)(struct str s), struct arena *a,
	lint_report *report, void *data);

/* Who could log in as whom and where, by evaluating the policies of one principal together. Working
 * memory comes from the arena; ERR_LIMIT. */
int lint_logins(const struct iam_policy *first, bool (*is_user)(struct str s), struct arena *a,
	lint_report *report, void *data) MUST_CHECK;

#endif
