/* eval.h - allowed, or denied and why ("Policy evaluation logic" in the IAM User Guide) */
#ifndef IAM_EVAL_H
#define IAM_EVAL_H

#include "base/buf.h"
#include "iam/condition.h"
#include "iam/policy.h"
#include "iam/request.h"

#define IAM_LAYERS_MAX 32

enum iam_decision { IAM_ALLOWED, IAM_IMPLICIT_DENY, IAM_EXPLICIT_DENY };

/* The policies of one kind; of service control policies, those of one node. What is not given is
 * not there: no boundary, no organisation. An identity layer that is not given allows nothing. */
struct iam_layer {
	enum iam_kind kind;
	const char *name; /* of the node, or NULL */
	const struct iam_policy *policies;
};

/* What a layer says. TRUTH_UNKNOWN: a key that was not stated decides. */
struct iam_layer_result {
	enum truth allow, deny;
	const struct iam_statement *allowed_by, *denied_by; /* also where unknown: the first that
							       may */
	const char *skipped; /* why the layer does not count; NULL: it does */
};

struct iam_answer {
	enum iam_decision decision; /* taking what is unknown for the worst: never allowed unless it
				       is sure */
	unsigned possible; /* 1 << each decision that is possible with some value of the unknown
			      keys */
	bool undetermined; /* allowed is possible, and so is a denial */
	bool cross_account;
	bool bounded;                          /* there is a permissions boundary */
	enum iam_kind kind;                    /* of the layer that decided */
	const struct iam_layer *layer;         /* that layer; NULL: there is none of its kind */
	const struct iam_statement *statement; /* that decided; NULL for an implicit denial */
	struct iam_layer_result of[IAM_LAYERS_MAX]; /* in the order of the layers */
};

/* Decides, in three values: what depends on an unknown key is unknown, even where all of its values
 * come to the same. At most IAM_LAYERS_MAX layers; more are a denial. */
void iam_eval_once(struct iam_answer *answer, const struct iam_request *r,
	const struct iam_layer *layers, size_t n);

/* Decides, and where that leaves several decisions open, tries what the unknown keys could be. */
void iam_eval(struct iam_answer *answer, const struct iam_request *r,
	const struct iam_layer *layers, size_t n);

/* "User: ARN is not authorized to perform: ACTION on resource: ARN because no identity-based policy
 * allows the ACTION action", or "... with an explicit deny in a service control policy", as AWS
 * words it; for an allowed request "ARN is allowed to perform: ACTION on resource: ARN". */
void iam_reason(struct buf *out, const struct iam_answer *answer, const struct iam_request *r);

/* The parts of a statement that have to match, for those who explain. */
bool statement_has_action(const struct iam_statement *s, const struct iam_request *r);
enum truth statement_has_resource(const struct iam_statement *s, const struct iam_request *r);

/* The ways in which a statement names the principal: it or everybody, its role, its account. */
struct iam_named {
	enum truth self, role, account;
};
struct iam_named statement_names(
	const struct iam_statement *s, const struct iam_request *r, bool bounded);
enum truth iam_named_at_all(const struct iam_named *n);

/* All parts together, the conditions too. */
enum truth statement_applies(
	const struct iam_statement *s, const struct iam_request *r, enum truth named);

/* Calls one for every key that was not stated and on which the answer depends: changes tells
 * whether it can turn a denial into an allowance or back, or only an implicit into an explicit
 * denial. */
void iam_missing(const struct iam_request *r, const struct iam_layer *layers, size_t n,
	void (*one)(void *data, struct str key, bool changes), void *data);

#endif
