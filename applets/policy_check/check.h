/* check.h - what the files of policy-check share */
#ifndef POLICY_CHECK_CHECK_H
#define POLICY_CHECK_CHECK_H

#include "applets/applet.h"
#include "base/mem.h"
#include "data/json.h"
#include "iam/eval.h"

#define CHECK "policy-check"
#define CHECK_MEMORY \
	(48u << 20) /* policies, their tokens, cases; only what is used is ever touched */
#define CHECK_ACCOUNT_MEMORY (512u << 20) /* of an account with all its policies, on demand */
#define CHECK_OUTPUT (4u << 20)           /* what is printed at once */
#define CHECK_TARGETS 64
#define CHECK_USERS 64

/* Exit statuses besides those of applet.h */
enum { EXIT_DENIED = 1, EXIT_UNDETERMINED = 4 };

/* The command line, as given. */
struct check_options {
	struct opt_list policies, scps, rcps, instances, tags, principal_tags, contexts;
	const char *boundary, *session_policy, *endpoint_policy, *resource_policy;
	const char *principal, *region, *account, *resource, *resource_account, *user, *action;
	const char *remote_port, *private_ip, *max_duration, *source_ip, *mfa, *time, *context_file;
	const char *expect, *output, *batch, *users, *accounts, *policy_type, *fail_on;
	bool exact, assume_absent, explain, what_users, lint, validate;
};

/* One instance (or other resource) that is asked about, and the tags that were given for it. */
struct target {
	const char *name; /* as given */
	struct str arn;
	struct str account;
	const char *tags[OPT_LIST_MAX];
	size_t n;
};

struct check {
	struct check_options opt;
	struct arena arena;
	struct iam_layer layer[IAM_LAYERS_MAX];
	size_t layers;
	struct iam_principal principal;
	struct iam_context stated; /* of all requests alike */
	struct target target[CHECK_TARGETS];
	size_t targets;
	int64_t now;
	struct str action;
	bool json;
	bool took_input; /* standard input, which can be read once */
};

/* ---- load.c ---- */

/* Whether path is standard input; ERR_USAGE the second time. */
int load_is_input(struct check *c, const char *path, bool *input) MUST_CHECK;
/* The text of a file (- is standard input) in the arena. */
int load_text(struct check *c, const char *path, struct str *out) MUST_CHECK;
int load_policy(struct check *c, enum iam_kind kind, const char *path, unsigned flags,
	struct iam_policy **out) MUST_CHECK;
/* All policies of the command line, as layers. */
int load_layers(struct check *c) MUST_CHECK;
/* One more layer. */
int load_add_layer(struct check *c, enum iam_kind kind, const char *name,
	const struct iam_policy *policies) MUST_CHECK;
int load_kind(const char *name, enum iam_kind *kind) MUST_CHECK; /* of --policy-type */

/* ---- ask.c ---- */

/* Who asks; ERR_USAGE also when the policies are not of such a principal. */
int ask_principal(struct check *c, struct iam_principal *p, struct str arn) MUST_CHECK;
/* Principal, targets and context of the command line. argv is as main got it: it tells which tag
 * stands behind which instance. */
int ask_prepare(struct check *c, int argc, char *const *argv) MUST_CHECK;
int ask_targets(struct check *c, int argc, char *const *argv) MUST_CHECK;
int ask_context(struct check *c) MUST_CHECK;
/* The ARN of an instance or endpoint id. */
int ask_arn(struct check *c, struct str id, const char *region, struct str account,
	struct str *out) MUST_CHECK;

/* The request for one target and OS user (NULL: none), and all that is known of it. context and r
 * are filled. */
int ask_request(struct check *c, const struct iam_principal *p, const struct target *t,
	const char *user, struct iam_context *context, struct iam_request *r) MUST_CHECK;

/* Options and members of a case that are condition keys; without p: not given. */
struct ask_words {
	struct str user, source_ip, mfa, time, remote_port, private_ip, max_duration;
};
int ask_words(struct check *c, struct iam_context *context, const struct ask_words *w) MUST_CHECK;

/* One condition key; ERR_USAGE with words when the value does not fit what is known of the key. */
int ask_set(struct iam_context *context, struct str key, struct str value) MUST_CHECK;
int ask_tag(struct check *c, struct iam_context *context, const char *prefix, struct str name,
	struct str value) MUST_CHECK;
#define ASK_TAG "aws:ResourceTag/" /* ec2:ResourceTag/ is the same */
#define ASK_PRINCIPAL_TAG "aws:PrincipalTag/"
/* A string, number or boolean. */
int ask_text(struct check *c, struct json v, struct str *out) MUST_CHECK;
/* The members of a JSON object as keys: texts, lists of them; null is known to be absent. */
int ask_json(struct check *c, struct iam_context *context, struct json object,
	const char *source) MUST_CHECK;

/* ---- report.c, explain.c, report_json.c ---- */

const char *report_decision(enum iam_decision d); /* allowed, implicitDeny, explicitDeny */
/* The keys that were not stated and could change the answer (changing) or only its kind of denial,
 * each once; more than CHECK_KEYS are left out. Adds to those that stand in keys already. */
#define CHECK_KEYS 64
struct keys {
	struct str key[CHECK_KEYS];
	size_t n;
};
void report_missing(
	const struct check *c, const struct iam_request *r, struct keys *keys, bool changing);
void report_keys(struct buf *out, const struct keys *keys); /* "K, K" */
void report_keys_json(struct json_out *o, const struct keys *keys);
/* "FILE, statement SID (FILE:LINE:COLUMN)" */
void report_statement(struct buf *out, const struct iam_statement *s);
void report_text(
	struct buf *out, struct check *c, const struct iam_answer *a, const struct iam_request *r);
void report_json(struct json_out *o, struct check *c, const struct iam_answer *a,
	const struct iam_request *r);
/* What IAM itself would not say: other account, other region, wrong type of resource. */
void report_notes(struct check *c, const struct iam_answer *a, const struct iam_request *r,
	void (*note)(void *data, struct str text), void *data);
void explain_text(
	struct buf *out, struct check *c, const struct iam_answer *a, const struct iam_request *r);
const char *explain_help(void);

/* The exit status of an answer, with --expect or without. */
int report_status(const struct check *c, const struct iam_answer *a, const char *expect);
bool report_expect_known(const char *expect);

/* ---- the other modes; each returns an exit status ---- */

int batch_run(struct check *c);
int users_run(struct check *c);
int accounts_run(struct check *c);
int lint_run(struct check *c, int argc, char **argv);
int validate_run(struct check *c, int argc, char **argv);
void lint_help(struct buf *out);

/* users.c: the OS users worth asking about: those of --users, or root, all that the policies name,
 * and one for each way in which nobody names him. */
enum user_kind { USER_NAME, USER_PATTERN, USER_ELSE };
struct user {
	struct str name;  /* as it is shown */
	struct str value; /* as it is asked */
	enum user_kind kind;
	uint64_t matches; /* of a kind of names: the patterns that they match, as bits */
};
/* The patterns as a list. Of the users that were listed last. */
void users_json(struct json_out *o, const struct user *u);
/* For the targets from t on, which share the principal. */
int users_list(struct check *c, const struct iam_principal *p, const struct target *t, size_t n,
	struct user *out, size_t *count) MUST_CHECK;

/* Storage of CHECK_OUTPUT bytes for what is printed. */
struct buf check_output(void);

/* Says err_text(). Returns the status of no answer, which must not be taken for a denial. */
int check_fail(int e);
/* Prints what stands in out, when e is not negative. Returns status, or that of no answer. */
int check_end(const struct buf *out, int e, int status);

#endif
