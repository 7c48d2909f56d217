/* policy.h - a policy document, read strictly into an arena ("IAM JSON policy reference" in the IAM
 * User Guide) */
#ifndef IAM_POLICY_H
#define IAM_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "data/json.h"
#include "iam/match.h"
#include "iam/scalar.h"

#define POLICY_SIZE_MAX 131072 /* characters that the API takes at most */

/* What a policy is attached to decides its grammar. The order is that of the layers in an answer.
 */
enum iam_kind {
	IAM_IDENTITY,
	IAM_BOUNDARY,
	IAM_SESSION,
	IAM_SCP,
	IAM_RCP,
	IAM_ENDPOINT, /* of a VPC endpoint */
	IAM_RESOURCE,
	IAM_KINDS
};

const char *iam_kind_words(enum iam_kind kind); /* "identity-based policy", as AWS words it */

enum iam_family {
	IAM_STRING,
	IAM_STRING_IGNORE_CASE,
	IAM_LIKE,
	IAM_NUMERIC,
	IAM_DATE,
	IAM_BOOL,
	IAM_BINARY,
	IAM_IP,
	IAM_ARN,
	IAM_NULL,
};

enum iam_compare { IAM_EQUAL, IAM_LESS, IAM_LESS_EQUAL, IAM_GREATER, IAM_GREATER_EQUAL };

struct iam_operator {
	const char *name;
	uint8_t family, compare;
	bool negated;
};

enum iam_set { IAM_SINGLE, IAM_ALL, IAM_ANY };

/* A string of a policy and what it was read as; at is its offset in the policy's text. */
struct iam_value {
	struct str raw;  /* decoded, as written */
	struct str form; /* compiled (match.h); {NULL, 0}, of a resource arn NULL: matches nothing
			  */
	uint32_t at;
	bool variables;
	bool wrong; /* does not fit its operator; only with POLICY_LENIENT */
	union {
		const struct arn *arn; /* of ARN conditions and of resources: the parts of form */
		struct decimal number;
		struct moment date;
		struct network network;
		struct str bytes;
		bool yes;
	};
};

struct iam_list {
	struct iam_value *v;
	size_t n;
	bool list; /* written as a list */
};

struct iam_condition {
	const struct iam_operator *op;
	uint8_t set;
	bool if_exists;
	struct str words; /* the operator as written */
	struct str key;
	struct iam_list values;
	uint32_t at; /* of the key */
	struct iam_condition *next;
};

enum iam_principal_type {
	IAM_PRINCIPAL_ANY,
	IAM_PRINCIPAL_AWS,
	IAM_PRINCIPAL_FEDERATED,
	IAM_PRINCIPAL_SERVICE,
	IAM_PRINCIPAL_CANONICAL
};

/* Principals of one type. */
struct iam_principals {
	enum iam_principal_type type;
	struct iam_list values;
	struct iam_principals *next;
};

struct iam_policy;

struct iam_statement {
	const struct iam_policy *policy;
	size_t index; /* from 0 */
	struct str sid;
	bool deny, not_action, not_resource, not_principal;
	bool has_sid, has_resource, has_principal; /* written, perhaps empty */
	struct iam_list actions, resources;
	struct iam_principals *principals;
	struct iam_condition *conditions;
	bool empty_condition; /* {} was written, or an operator without keys */
	uint32_t at;
};

/* One thing that AWS would not take. */
struct iam_refusal {
	const char *code;  /* of lint.h */
	const char *words; /* without the place */
	uint32_t at;
	struct iam_refusal *next;
};

struct iam_policy {
	const char *source; /* the file; for words */
	struct str text;    /* what the offsets count in */
	enum iam_kind kind;
	bool variables;     /* Version 2012-10-17 */
	struct str version; /* "" when absent */
	struct str id;
	struct iam_statement *statements;
	size_t n;
	size_t size;                   /* characters without the white space outside of strings */
	const struct iam_policy *next; /* in its layer */
	struct iam_refusal *refused;   /* after ERR_FORMAT, in the order of reading */
};

enum {
	POLICY_LENIENT = 1, /* a condition value that does not fit its operator is marked, not
			       refused */
	POLICY_GO_ON = 2,   /* behind what is refused the rest is read, too */
};

/* Reads a document as written, or as the AWS CLI prints it: inside PolicyVersion.Document,
 * PolicyDocument, Policy, Policy.Content or Document, as an object or as a string, URL-encoded or
 * not. p, source and text must stay; all else goes into the arena. ERR_FORMAT with
 * "SOURCE:LINE:COLUMN: what" of the last refusal, ERR_LIMIT when the arena is full or the policy is
 * larger than the API takes. With POLICY_GO_ON p then holds the statements that have no fault. */
int policy_read(struct iam_policy *p, enum iam_kind kind, const char *source, struct str text,
	struct arena *a, unsigned flags) MUST_CHECK;

/* The same from a value of a larger document, whose text is then what places are counted in. */
int policy_read_json(struct iam_policy *p, enum iam_kind kind, const char *source,
	struct json document, struct arena *a, unsigned flags) MUST_CHECK;

/* JSON of any size: the tokens come from the arena. ERR_FORMAT with "SOURCE:LINE:COLUMN: what". */
int policy_json(
	struct json_doc *doc, const char *source, struct str text, struct arena *a) MUST_CHECK;

void policy_place(const struct iam_policy *p, uint32_t at, unsigned *line, unsigned *column);

/* The operator of that name, whatever its case; NULL if there is none. exact: the case is right,
 * too. */
const struct iam_operator *iam_operator_find(struct str name, bool *exact);

#endif
