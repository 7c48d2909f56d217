/* service.c - a call of an API: who calls (SigV4), what, and how the answer is put in the call's
 * protocol
 *
 * Sources: "Signature Version 4 signing process" (IAM user guide), the common errors of the API
 * references. */
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "config.h"
#include "data/enc.h"
#include "data/json.h"
#include "data/xml.h"

#include "call.h"

enum { SKEW = 300, TARGET_MAX = 128 };

#define TARGET_PREFIX "AWSEC2InstanceConnectService."

struct named {
	const char *name;
	int status;
};

/* As the API reference (and live answers) have the status, and as the Smithy model has it. */
static const struct {
	struct named live;
	int smithy;
} json_failures[FAILURES] = {
	[FAIL_NONE] = { { "", 200 }, 200 },
	[FAIL_MISSING_TOKEN] = { { "MissingAuthenticationTokenException", 400 }, 403 },
	[FAIL_INCOMPLETE] = { { "IncompleteSignatureException", 400 }, 400 },
	[FAIL_UNKNOWN_KEY] = { { "UnrecognizedClientException", 400 }, 403 },
	[FAIL_SIGNATURE] = { { "InvalidSignatureException", 400 }, 403 },
	[FAIL_EXPIRED] = { { "InvalidSignatureException", 400 }, 403 },
	[FAIL_EXPIRED_TOKEN] = { { "ExpiredTokenException", 400 }, 403 },
	[FAIL_EXPIRED_IDENTITY] = { { "ExpiredTokenException", 400 }, 403 },
	[FAIL_POLICY] = { { "InvalidArgsException", 400 }, 400 },
	[FAIL_DENIED] = { { "AccessDeniedException", 400 }, 403 },
	[FAIL_UNKNOWN_ACTION] = { { "UnknownOperationException", 400 }, 404 },
	[FAIL_SERIALIZATION] = { { "SerializationException", 400 }, 400 },
	[FAIL_INVALID] = { { "InvalidArgsException", 400 }, 400 },
	[FAIL_MALFORMED_ID] = { { "InvalidArgsException", 400 }, 400 },
	[FAIL_COMBINATION] = { { "InvalidArgsException", 400 }, 400 },
	[FAIL_DRY_RUN] = { { "InvalidArgsException", 400 }, 400 },
	[FAIL_MALFORMED_ENDPOINT] = { { "InvalidArgsException", 400 }, 400 },
	[FAIL_NO_ENDPOINT] = { { "InvalidArgsException", 400 }, 400 },
	[FAIL_INVALID_TOKEN] = { { "InvalidArgsException", 400 }, 400 },
	[FAIL_AUTH] = { { "AuthException", 400 }, 403 },
	[FAIL_NOT_FOUND] = { { "EC2InstanceNotFoundException", 400 }, 404 },
	[FAIL_STATE] = { { "EC2InstanceStateInvalidException", 400 }, 400 },
	[FAIL_UNAVAILABLE] = { { "EC2InstanceUnavailableException", 400 }, 503 },
	[FAIL_SERVICE] = { { "ServiceException", 500 }, 500 },
	[FAIL_THROTTLED] = { { "ThrottlingException", 400 }, 429 },
	[FAIL_TYPE] = { { "EC2InstanceTypeInvalidException", 400 }, 400 },
	[FAIL_SERIAL_DISABLED] = { { "SerialConsoleAccessDisabledException", 400 }, 403 },
	[FAIL_SERIAL_LIMIT] = { { "SerialConsoleSessionLimitExceededException", 400 }, 400 },
	[FAIL_INTERNAL] = { { "InternalFailure", 500 }, 500 },
	[FAIL_OUT_OF_SERVICE] = { { "ServiceUnavailable", 503 }, 503 },
	[FAIL_OPT_IN] = { { "OptInRequired", 403 }, 403 },
	[FAIL_NOT_AUTHORIZED] = { { "NotAuthorized", 400 }, 400 },
	[FAIL_REQUEST_EXPIRED] = { { "RequestExpired", 400 }, 400 },
	[FAIL_VALIDATION] = { { "ValidationError", 400 }, 400 },
	[FAIL_CLIENT_TOKEN] = { { "InvalidClientTokenId", 403 }, 403 },
	[FAIL_INVALID_ACTION] = { { "InvalidAction", 400 }, 400 },
	[FAIL_SERIAL_UNAVAILABLE] = { { "SerialConsoleSessionUnavailableException", 500 }, 500 },
	[FAIL_SERIAL_UNSUPPORTED] = { { "SerialConsoleSessionUnsupportedException", 400 }, 400 },
};

/* Of the query protocols, where they differ from that. */
static const struct named ec2_failures[FAILURES] = {
	[FAIL_MISSING_TOKEN] = { "MissingAuthenticationToken", 403 },
	[FAIL_INCOMPLETE] = { "IncompleteSignature", 400 },
	[FAIL_UNKNOWN_KEY] = { "AuthFailure", 401 },
	[FAIL_SIGNATURE] = { "AuthFailure", 401 },
	[FAIL_EXPIRED] = { "RequestExpired", 400 },
	[FAIL_EXPIRED_TOKEN] = { "RequestExpired", 400 },
	[FAIL_EXPIRED_IDENTITY] = { "RequestExpired", 400 },
	[FAIL_POLICY] = { "InvalidParameterValue", 400 },
	[FAIL_DENIED] = { "UnauthorizedOperation", 403 },
	[FAIL_UNKNOWN_ACTION] = { "InvalidAction", 400 },
	[FAIL_SERIALIZATION] = { "MalformedQueryString", 404 },
	[FAIL_INVALID] = { "InvalidParameterValue", 400 },
	[FAIL_MALFORMED_ID] = { "InvalidInstanceID.Malformed", 400 },
	[FAIL_COMBINATION] = { "InvalidParameterCombination", 400 },
	[FAIL_DRY_RUN] = { "DryRunOperation", 412 },
	[FAIL_MALFORMED_ENDPOINT] = { "InvalidInstanceConnectEndpointId.Malformed", 400 },
	[FAIL_NO_ENDPOINT] = { "InvalidInstanceConnectEndpointId.NotFound", 400 },
	[FAIL_INVALID_TOKEN] = { "InvalidParameterValue", 400 },
	[FAIL_AUTH] = { "AuthFailure", 401 },
	[FAIL_NOT_FOUND] = { "InvalidInstanceID.NotFound", 400 },
	[FAIL_STATE] = { "IncorrectInstanceState", 400 },
	[FAIL_UNAVAILABLE] = { "Unavailable", 503 },
	[FAIL_SERVICE] = { "InternalError", 500 },
	[FAIL_THROTTLED] = { "RequestLimitExceeded", 503 },
	[FAIL_TYPE] = { "InvalidParameterValue", 400 },
	[FAIL_SERIAL_DISABLED] = { "InvalidParameterValue", 400 },
	[FAIL_SERIAL_LIMIT] = { "InvalidParameterValue", 400 },
	[FAIL_SERIAL_UNAVAILABLE] = { "InternalError", 500 },
	[FAIL_SERIAL_UNSUPPORTED] = { "InvalidParameterValue", 400 },
};

static const struct named sts_failures[FAILURES] = {
	[FAIL_MISSING_TOKEN] = { "MissingAuthenticationToken", 403 },
	[FAIL_INCOMPLETE] = { "IncompleteSignature", 400 },
	[FAIL_UNKNOWN_KEY] = { "InvalidClientTokenId", 403 },
	[FAIL_SIGNATURE] = { "SignatureDoesNotMatch", 403 },
	[FAIL_EXPIRED] = { "SignatureDoesNotMatch", 403 },
	[FAIL_EXPIRED_TOKEN] = { "ExpiredToken", 403 },
	[FAIL_POLICY] = { "MalformedPolicyDocument", 400 },
	[FAIL_DENIED] = { "AccessDenied", 403 },
	[FAIL_UNKNOWN_ACTION] = { "InvalidAction", 400 },
	[FAIL_SERIALIZATION] = { "MalformedQueryString", 404 },
	[FAIL_INVALID] = { "ValidationError", 400 },
	[FAIL_MALFORMED_ID] = { "ValidationError", 400 },
	[FAIL_COMBINATION] = { "ValidationError", 400 },
	[FAIL_DRY_RUN] = { "ValidationError", 400 },
	[FAIL_MALFORMED_ENDPOINT] = { "ValidationError", 400 },
	[FAIL_NO_ENDPOINT] = { "ValidationError", 400 },
	[FAIL_INVALID_TOKEN] = { "InvalidIdentityToken", 400 },
	[FAIL_AUTH] = { "AccessDenied", 403 },
	[FAIL_NOT_FOUND] = { "AccessDenied", 403 },
	[FAIL_STATE] = { "ValidationError", 400 },
	[FAIL_UNAVAILABLE] = { "ServiceUnavailable", 503 },
	[FAIL_SERVICE] = { "InternalFailure", 500 },
	[FAIL_THROTTLED] = { "Throttling", 400 },
	[FAIL_TYPE] = { "ValidationError", 400 },
	[FAIL_SERIAL_DISABLED] = { "ValidationError", 400 },
	[FAIL_SERIAL_LIMIT] = { "ValidationError", 400 },
	[FAIL_SERIAL_UNAVAILABLE] = { "ValidationError", 400 },
	[FAIL_SERIAL_UNSUPPORTED] = { "ValidationError", 400 },
};

enum failure call_fail(struct call *c, enum failure f, const char *fmt, ...)
{
	struct buf words = buf_of(c->words, sizeof(c->words));
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&words, fmt, ap);
	va_end(ap);
	return f;
}

static const struct named *named_of(const struct call *c)
{
	const struct named *query = call_protocol(c) == PROTOCOL_EC2 ? ec2_failures : sts_failures;

	return call_protocol(c) == PROTOCOL_JSON || !query[c->failed].name
		? &json_failures[c->failed].live
		: &query[c->failed];
}

const char *call_failure_name(const struct call *c)
{
	return named_of(c)->name;
}

static bool is_named(const struct named *n, struct str name)
{
	return n->name && str_is(name, n->name);
}

enum failure failure_named(struct str name)
{
	for (int i = FAIL_NONE + 1; i < FAILURES; i++)
		if (is_named(&json_failures[i].live, name))
			return (enum failure)i;
	for (int i = FAIL_NONE + 1; CONFIG_MOCK_QUERY && i < FAILURES; i++)
		if (is_named(&ec2_failures[i], name) || is_named(&sts_failures[i], name))
			return (enum failure)i;
	return FAIL_NONE;
}

/* --- who calls --- */

static void add_headers(const struct http_head *head, struct sigv4_header *to)
{
	for (size_t i = 0; i < head->n_headers; i++)
		to[i] = (struct sigv4_header){ head->headers[i].name, head->headers[i].value };
}

static enum failure check_clock(struct call *c)
{
	BUF(asked, 32);
	BUF(limit, 32);
	BUF(now, 32);
	bool early = c->claim.time > c->now;

	if (c->claim.time >= c->now - SKEW && c->claim.time <= c->now + SKEW)
		return FAIL_NONE;
	clock_basic(&asked, c->claim.time);
	clock_basic(&limit, early ? c->now + SKEW : c->now - SKEW);
	clock_basic(&now, c->now);
	if (early)
		return call_fail(c, FAIL_EXPIRED,
			"Signature not yet current: %s is still later than %s (%s + 5 min.)",
			buf_text(&asked), buf_text(&limit), buf_text(&now));
	return call_fail(c, FAIL_EXPIRED,
		"Signature expired: %s is now earlier than %s (%s - 5 min.)", buf_text(&asked),
		buf_text(&limit), buf_text(&now));
}

/* The scope's service must be the one that is called; its region must be one. */
static enum failure check_scope(struct call *c)
{
	static const char *const services[] = { "ec2-instance-connect", "ec2", "sts" };
	const char *service = services[call_protocol(c)];

	if (!str_is(c->claim.service, service))
		return call_fail(c, FAIL_SIGNATURE,
			"Credential should be scoped to correct service: '%s'. ", service);
	if (!eic_region_ok(c->claim.region) ||
		!str_copy(c->region, sizeof(c->region), c->claim.region))
		return call_fail(
			c, FAIL_SIGNATURE, "Credential should be scoped to a valid region. ");
	return FAIL_NONE;
}

static enum failure unknown_key(struct call *c)
{
	return call_fail(c, FAIL_UNKNOWN_KEY,
		call_protocol(c) == PROTOCOL_EC2
			? "AWS was not able to validate the provided access credentials"
			: "The security token included in the request is invalid.");
}

static void set_identity(struct call *c)
{
	struct identity *w = &c->who;
	struct buf arn = buf_of(w->arn, sizeof(w->arn)), id = buf_of(w->id, sizeof(w->id));

	if (!w->temporary) {
		buf_puts(&arn, w->principal->arn);
		buf_puts(&id, w->principal->unique_id);
		return;
	}
	buf_addf(&arn, "arn:%s:sts::%s:assumed-role/%s/%s", w->account->partition, w->account->id,
		w->session.role, w->session.name);
	buf_addf(&id, "%s:%s", w->principal ? w->principal->unique_id : w->account->id,
		w->session.name);
}

/* Long-lived keys: the secret, borrowed from the world. */
static enum failure find_long_key(struct call *c, struct str *secret)
{
	const struct principal *p;
	const struct access_key *key = world_key(&c->m->world, c->claim.key_id, &p);

	if (!key || key->inactive)
		return unknown_key(c);
	c->who.principal = p;
	c->who.account = p->account;
	*secret = str_of(key->secret);
	return FAIL_NONE;
}

static enum failure find_temporary(struct call *c, struct str token, struct str *secret)
{
	static struct temporary t; /* session.policy and secret lie in it until the call is done */
	struct session *s = &c->who.session;

	if (creds_read(c->m, token, s, &t) < 0 || !str_is(c->claim.key_id, t.id))
		return unknown_key(c);
	if (s->expiry <= c->now)
		return call_fail(c, FAIL_EXPIRED_TOKEN,
			"The security token included in the request is expired");
	c->who.temporary = true;
	c->who.account = world_account(&c->m->world, str_of(s->account));
	c->who.principal = world_principal(&c->m->world, s->account, STR("role"), str_of(s->role));
	if (!c->who.account || (!c->who.principal && s->kind != SESSION_INSTANCE))
		return unknown_key(c);
	*secret = str_of(t.secret);
	return FAIL_NONE;
}

static enum failure authenticate(struct call *c)
{
	struct sigv4_header headers[HTTP_HEADERS_MAX];
	const struct http_head *head = c->rq->head;
	struct str token = http_header(head, "x-amz-security-token"), secret = { 0 },
		   query = head->target, path;
	struct sigv4_request request = { .method = head->method,
		.headers = headers,
		.n_headers = head->n_headers,
		.body = c->rq->body };
	enum failure f = FAIL_SERVICE;
	int r;

	add_headers(head, headers);
	if (str_cut(&query, '?', &path)) {
		request.path = path;
		request.query = query;
	}
	r = sigv4_read(&request, &c->claim);
	if (r < 0)
		return call_fail(c, r == ERR_ABSENT ? FAIL_MISSING_TOKEN : FAIL_INCOMPLETE, "%s",
			err_text());
	(void)str_copy(c->who.key_id, sizeof(c->who.key_id), c->claim.key_id);
	f = token.n > 0 ? find_temporary(c, token, &secret) : find_long_key(c, &secret);
	if (f == FAIL_NONE)
		f = check_scope(c);
	if (f == FAIL_NONE)
		f = check_clock(c);
	if (f == FAIL_NONE && sigv4_verify(&request, &c->claim, secret) < 0)
		f = call_fail(c, FAIL_SIGNATURE, "%s", err_text());
	if (f == FAIL_NONE)
		set_identity(c);
	else
		c->who.account = NULL; /* CloudTrail has only calls of a proven identity */
	return f;
}

/* --- what is called --- */

static const struct action *action_named(const struct action *table, struct str name)
{
	for (; table->name; table++)
		if (str_is(name, table->name))
			return table;
	return NULL;
}

static enum failure find_json_action(struct call *c, struct str target)
{
	struct str name = target, prefix;

	c->protocol = PROTOCOL_JSON;
	if (str_starts(target, TARGET_PREFIX) && str_cut(&name, '.', &prefix))
		c->action = action_named(connect_actions, name);
	if (!c->action)
		return FAIL_UNKNOWN_ACTION;
	return FAIL_NONE;
}

/* A body "Action=...&Version=...": the version tells the API. */
static enum failure find_query_action(struct call *c)
{
	BUF(name, 128);
	BUF(version, 32);

	c->protocol = PROTOCOL_EC2;
	if (!query_well_formed(c->rq->body))
		return call_fail(c, FAIL_SERIALIZATION, "The query string is malformed");
	if (!query_parameter(c, "Action", &name))
		return call_fail(
			c, FAIL_UNKNOWN_ACTION, "The request must contain the parameter Action");
	if (query_parameter(c, "Version", &version) && str_is(buf_view(&version), "2011-06-15"))
		c->protocol = PROTOCOL_STS;
	c->action = action_named(
		c->protocol == PROTOCOL_STS ? sts_actions : ec2_actions, buf_view(&name));
	if (!c->action)
		return call_fail(c, FAIL_UNKNOWN_ACTION,
			"The action %s is not valid for this web service.", buf_text(&name));
	return FAIL_NONE;
}

static enum failure throttle(struct call *c)
{
	struct faults *f = &c->m->faults;

	if (f->throttle == 0)
		return FAIL_NONE;
	if (f->throttle_second != c->now) {
		f->throttle_second = c->now;
		f->throttle_used = 0;
	}
	if (f->throttle_used++ < f->throttle)
		return FAIL_NONE;
	c->a->close = true;
	return call_fail(c, FAIL_THROTTLED, "Server is busy! Please retry after a moment.");
}

/* A status alone is the answer of something in front of the service, which then was not called. */
static enum failure forced(struct call *c)
{
	const struct fault_rule *rule = faults_take(&c->m->faults, str_of(c->action->name), true);

	c->fault = rule;
	if (!rule || (!rule->error[0] && rule->status == 0))
		return FAIL_NONE;
	return call_fail(c, rule->error[0] ? failure_named(str_of(rule->error)) : FAIL_SERVICE,
		"%s (a fault that was asked for)", rule->error);
}

static enum failure run(struct call *c)
{
	struct str target = http_header(c->rq->head, "x-amz-target");
	enum failure f = target.p || !CONFIG_MOCK_QUERY ? find_json_action(c, target)
							: find_query_action(c);

	if (f == FAIL_NONE)
		f = forced(c);
	if (f == FAIL_NONE)
		f = throttle(c);
	if (f == FAIL_NONE && !c->action->anonymous)
		f = authenticate(c);
	return f == FAIL_NONE ? c->action->run(c) : f;
}

/* --- the answer --- */

static void write_json_failure(struct call *c)
{
	struct json_out o = json_out(c->a->body, 0);

	json_open(&o, '{');
	json_member(&o, "__type", call_failure_name(c));
	if (c->words[0])
		json_member(&o, "Message", c->words);
	json_close(&o, '}');
	buf_addf(c->a->headers, "x-amzn-ErrorType: %s\r\n", call_failure_name(c));
}

static void write_ec2_failure(struct call *c)
{
	struct buf *b = c->a->body;

	buf_puts(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error>");
	xml_element(b, "Code", str_of(call_failure_name(c)));
	xml_element(b, "Message", str_of(c->words));
	buf_puts(b, "</Error></Errors>");
	xml_element(b, "RequestID", str_of(c->request_id));
	buf_puts(b, "</Response>");
}

static void write_sts_failure(struct call *c)
{
	struct buf *b = c->a->body;

	buf_puts(b, "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error>");
	xml_element(b, "Type", named_of(c)->status < 500 ? STR("Sender") : STR("Receiver"));
	xml_element(b, "Code", str_of(call_failure_name(c)));
	xml_element(b, "Message", str_of(c->words));
	buf_puts(b, "</Error>");
	xml_element(b, "RequestId", str_of(c->request_id));
	buf_puts(b, "</ErrorResponse>");
}

static void write_failure(struct call *c)
{
	static void (*const writers[])(
		struct call * c) = { write_json_failure, write_ec2_failure, write_sts_failure };

	buf_clear(c->a->body);
	c->a->status = named_of(c)->status;
	if (c->m->smithy_statuses && call_protocol(c) == PROTOCOL_JSON)
		c->a->status = json_failures[c->failed].smithy;
	writers[call_protocol(c)](c);
}

static void write_answer(struct call *c)
{
	static const char *const types[] = { "application/x-amz-json-1.1", "text/xml;charset=UTF-8",
		"text/xml" };

	c->a->status = 200;
	if (c->failed != FAIL_NONE)
		write_failure(c);
	buf_addf(c->a->headers, "Content-Type: %s\r\nx-amzn-RequestId: %s\r\n",
		types[call_protocol(c)], c->request_id);
}

void service_handle(struct mock *m, const struct serve_request *rq, struct serve_answer *a)
{
	static struct call c; /* large, and there is one at a time */
	struct buf source;
	struct str text, port;

	c = (struct call){ .m = m, .rq = rq, .a = a, .now = mock_now(m) };
	source = buf_of(c.source, sizeof(c.source));
	c.parameters = buf_of(c.parameters_text, sizeof(c.parameters_text));
	c.user_agent = http_header(rq->head, "user-agent");
	mock_uuid(c.request_id);
	sock_add_text(&source, rq->peer);
	text = buf_view(&source);
	if (text.n > 0 && text.p[0] != '[' && str_cut(&text, ':', &port))
		c.source[port.n] = 0;
	c.failed = run(&c);
	write_answer(&c);
	faults_apply(c.fault, a);
	if (c.failed != FAIL_NONE)
		log_info("%s: %s: %s", c.action ? c.action->name : "?", call_failure_name(&c),
			c.words);
	if (c.action && c.who.account)
		trail_record(&m->trail, &c);
}
