/* call.h - one call of an API on its way through the checks */
#ifndef APPLETS_METADATA_MOCK_CALL_H
#define APPLETS_METADATA_MOCK_CALL_H

#include "config.h"
#include "mock.h"

/* Why a call fails. Its name and status differ by protocol: see service.c. */
enum failure {
	FAIL_NONE,
	FAIL_MISSING_TOKEN, /* no signature at all */
	FAIL_INCOMPLETE,    /* Authorization is no SigV4 */
	FAIL_UNKNOWN_KEY,
	FAIL_SIGNATURE,
	FAIL_EXPIRED, /* outside the window of the clock */
	FAIL_EXPIRED_TOKEN,
	FAIL_EXPIRED_IDENTITY, /* of another provider */
	FAIL_POLICY,           /* is none */
	FAIL_DENIED,           /* by IAM */
	FAIL_UNKNOWN_ACTION,
	FAIL_SERIALIZATION, /* not JSON, or JSON of the wrong types */
	FAIL_INVALID,       /* a parameter */
	FAIL_COMBINATION,   /* of parameters */
	FAIL_DRY_RUN,       /* allowed, but asked not to be done */
	FAIL_MALFORMED_ID,
	FAIL_MALFORMED_ENDPOINT,
	FAIL_NO_ENDPOINT,
	FAIL_INVALID_TOKEN,
	FAIL_AUTH,
	FAIL_NOT_FOUND,
	FAIL_STATE,
	FAIL_UNAVAILABLE,
	FAIL_SERVICE,
	FAIL_THROTTLED,
	FAIL_TYPE,
	FAIL_SERIAL_DISABLED,
	FAIL_SERIAL_LIMIT,
	FAIL_SERIAL_UNAVAILABLE,
	FAIL_SERIAL_UNSUPPORTED,
	/* what any API can answer; here only when asked for */
	FAIL_INTERNAL,
	FAIL_OUT_OF_SERVICE,
	FAIL_OPT_IN,
	FAIL_NOT_AUTHORIZED,
	FAIL_REQUEST_EXPIRED,
	FAIL_VALIDATION,
	FAIL_CLIENT_TOKEN,
	FAIL_INVALID_ACTION,
	FAILURES
};

enum protocol { PROTOCOL_JSON, PROTOCOL_EC2, PROTOCOL_STS };

/* Who calls, once the signature is proven. */
struct identity {
	const struct principal *principal; /* NULL: an instance's own identity, or a web identity */
	const struct account *account;
	bool temporary;
	struct session session;         /* of temporary credentials */
	const char *provider, *subject; /* of a web identity, else NULL */
	char arn[ARN_MAX], id[2 * ARN_MAX];
	char key_id[132];
};

struct call;

struct action {
	const char *name;
	enum protocol protocol;
	const char *prefix; /* of its name in policies, and of the event source */
	bool reads;         /* changes nothing */
	bool anonymous;     /* takes no signature */
	enum failure (*run)(struct call *c);
};

struct call {
	struct mock *m;
	const struct serve_request *rq;
	struct serve_answer *a;
	int64_t now;
	enum protocol protocol;
	const struct action *action;
	const struct fault_rule *fault; /* to be applied to the answer; NULL: none */
	struct sigv4_claim claim;
	struct identity who;
	char request_id[UUID_TEXT], region[64], source[64];
	struct str user_agent;
	char parameters_text[8192];
	struct buf parameters; /* for the trail: a JSON object or empty */
	enum failure failed;
	char words[1024];
};

/* Without EC2 and STS there is one, and nothing of the others is linked. */
static inline enum protocol call_protocol(const struct call *c)
{
	return CONFIG_MOCK_QUERY ? c->protocol : PROTOCOL_JSON;
}

/* Sets the words and returns f. */
enum failure call_fail(struct call *c, enum failure f, const char *fmt, ...) PRINTF(3, 4);
/* The failure's name and status in the call's protocol. */
const char *call_failure_name(const struct call *c);
/* By its name in any of the protocols; FAIL_NONE: no such name. */
enum failure failure_named(struct str name);

/* permit.c: what IAM says. FAIL_NONE or FAIL_DENIED with AWS's words. keys are further context
 * keys. */
enum failure permit(struct call *c, const char *resource_arn, const struct pair *keys,
	size_t n_keys, const struct pairs *resource_tags);

/* May the caller assume the role? By its trust policy and the caller's policies. */
enum failure permit_assume(
	struct call *c, const struct principal *role, const struct pair *keys, size_t n_keys);
/* May somebody whom that provider vouches for? By the role's trust policy alone. */
enum failure permit_federated(struct call *c, const struct principal *role, const char *provider,
	const struct pair *keys, size_t n_keys);
/* Is that a session policy? FAIL_POLICY with words. */
enum failure permit_policy(struct call *c, struct str policy);

/* The actions of a file each; the tables end with an empty row. */
extern const struct action connect_actions[], ec2_actions[], sts_actions[];

/* Can every value of a query-protocol body be decoded, and are they few enough? */
bool query_well_formed(struct str body);
/* A parameter of a body that is well formed, decoded into out, which is full when that is too
 * short; false: not there. */
bool query_parameter(const struct call *c, const char *name, struct buf *out);

#endif
