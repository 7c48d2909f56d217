/* witness.h - texts that stand for all others: one for each set of patterns that a text can match
 *
 * What a policy says of a text depends only on which of its patterns match. So it is enough to ask
 * about the shortest text of each kind, to know about all texts there are.
 */
#ifndef IAM_WITNESS_H
#define IAM_WITNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

#define WITNESS_PATTERNS 64

struct witness_pattern {
	struct str form; /* of match.h, without variables */
	bool fold;       /* compared without case */
};

struct witness {
	struct str text;
	uint64_t matches; /* bits of the patterns that match it */
};

/* Finds them, in the order of their length: at most cap, among the texts that are ok (NULL: all).
 * Texts and working memory come from the arena. Returns how many, or ERR_LIMIT with words when the
 * patterns are too many, too long or too entangled. */
int witness_find(const struct witness_pattern *p, size_t n, bool (*ok)(struct str s),
	struct witness *out, size_t cap, struct arena *a) MUST_CHECK;

#endif
