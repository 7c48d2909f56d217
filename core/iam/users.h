/* users.h - the OS users worth asking about: every other one fares like one of them */
#ifndef IAM_USERS_H
#define IAM_USERS_H

#include "iam/eval.h"
#include "iam/witness.h"

struct iam_user {
	struct str text;  /* whom to ask as */
	uint64_t matches; /* bits of the patterns */
	bool named;       /* a policy names it, or it is root; else it stands for others */
	bool anyone;      /* stands for those whom the fewest patterns match */
};

/* The patterns that conditions compare ec2:osuser with, each once. */
struct iam_users {
	struct witness_pattern pattern[WITNESS_PATTERNS];
	struct str raw[WITNESS_PATTERNS]; /* as written */
	size_t n;
};

/* Adds those of a list of policies, with what is known in the context in place of variables; the
 * first is root, always. Text is made in the arena. ERR_LIMIT with words. */
int iam_users_add(struct iam_users *u, const struct iam_policy *first, struct iam_context *context,
	struct arena *a) MUST_CHECK;

/* Whether there is a name that matches. */
bool iam_users_can_be(struct str form, bool fold, bool (*is_user)(struct str s), struct arena *a);

/* One user for each set of patterns that a name can match: root first, then those that are
 * named, those that stand for others, and last the one for anyone else. is_user tells what can be a
 * name. Returns how many, or ERR_LIMIT with words. */
int iam_users_find(const struct iam_users *u, bool (*is_user)(struct str s), struct iam_user *out,
	size_t cap, struct arena *a) MUST_CHECK;

#endif
