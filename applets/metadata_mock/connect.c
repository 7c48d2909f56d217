/* connect.c - EC2 Instance Connect: SendSSHPublicKey and SendSerialConsoleSSHPublicKey
 *
 * Source: the EC2 Instance Connect API reference; texts of errors as observed in public issues. */
#include <string.h>

#include "base/err.h"
#include "crypto/sshkey.h"
#include "data/json.h"

#include "call.h"

enum { TOKENS = 64, RSA_LEAST = 2048, RSA_MOST = 4096 };

struct push {
	char instance_text[256], user_text[256], zone_text[256], key_text[EIC_KEY_MAX + 256];
	struct buf instance, user, zone, key;
	int64_t port;
};

/* One member of the request. */
struct member {
	const char *name, *constraint_name;
	size_t least, most;
	bool (*ok)(struct str);
	const char *pattern;
	bool optional;
};

static const struct member instance_member = { "InstanceId", "instanceId", 10, 32,
	eic_instance_id_ok, "^i-[a-f0-9]+$", false };
static const struct member user_member = {
	"InstanceOSUser",
	"instanceOSUser",
	1,
	32,
	eic_api_user_ok,
	"^[A-Za-z_][A-Za-z0-9\\@\\._-]{0,30}[A-Za-z0-9\\$_-]?$|^(?=.{2,32}$)[0-9]{1,32}[A-Za-z\\@"
	"\\._-][A-Za-z0-9\\@\\._-]*"
	"[A-Za-z0-9\\$_-]?$",
	false,
};
static const struct member zone_member = {
	"AvailabilityZone",
	"availabilityZone",
	6,
	32,
	eic_zone_ok,
	"^(\\w+-){2,3}\\d+\\w+$",
	true,
};
static const struct member key_member = { "SSHPublicKey", "sSHPublicKey", EIC_KEY_MIN, EIC_KEY_MAX,
	NULL, NULL, false };

static enum failure broken(
	struct call *c, const struct member *m, struct str value, const char *rule, const char *arg)
{
	return call_fail(c, FAIL_INVALID,
		"1 validation error detected: Value '%.*s' at '%s' failed to satisfy constraint: "
		"Member must %s%s",
		(int)(value.n < 300 ? value.n : 300), value.p, m->constraint_name, rule, arg);
}

static enum failure check_member(struct call *c, const struct member *m, struct str s)
{
	BUF(number, 32);

	buf_addf(&number, "%zu", s.n < m->least ? m->least : m->most);
	if (s.n < m->least)
		return broken(c, m, s, "have length greater than or equal to ", buf_text(&number));
	if (s.n > m->most)
		return broken(c, m, s, "have length less than or equal to ", buf_text(&number));
	if (m->ok && !m->ok(s))
		return broken(c, m, s, "satisfy regular expression pattern: ", m->pattern);
	return FAIL_NONE;
}

static enum failure take_member(
	struct call *c, struct json body, const struct member *m, struct buf *out)
{
	struct json v = json_get(body, m->name);

	if (json_type(v) == JSON_NONE || json_type(v) == JSON_NULL) {
		if (m->optional)
			return FAIL_NONE;
		return call_fail(c, FAIL_INVALID,
			"1 validation error detected: Value null at '%s' failed to satisfy "
			"constraint: Member must not be null",
			m->constraint_name);
	}
	if (json_type(v) != JSON_STRING)
		return call_fail(
			c, FAIL_SERIALIZATION, "%s can not be converted to a String", m->name);
	if (json_text(v, out) == ERR_FORMAT) /* a NUL, which no member may have */
		return FAIL_SERIALIZATION;
	return check_member(c, m, buf_view(out));
}

static enum failure read_body(struct call *c, struct json_doc *doc, struct json_token *tokens)
{
	if (json_parse(doc, c->rq->body, tokens, TOKENS) < 0 ||
		json_type(json_root(doc)) != JSON_OBJECT)
		return FAIL_SERIALIZATION;
	return FAIL_NONE;
}

static void push_open(struct push *p)
{
	p->instance = buf_of(p->instance_text, sizeof(p->instance_text));
	p->user = buf_of(p->user_text, sizeof(p->user_text));
	p->zone = buf_of(p->zone_text, sizeof(p->zone_text));
	p->key = buf_of(p->key_text, sizeof(p->key_text));
	p->port = 0;
}

/* --- the key --- */

static enum failure bad_key(struct call *c, const char *kind)
{
	return call_fail(c, FAIL_INVALID,
		"Invalid input parameter received for Illegal argument exception: "
		"%sSSH Public key is invalid",
		kind);
}

/* RFC 4716: the base64 between BEGIN and END, headers left out, put on one line as OpenSSH writes
 * it. */
static bool from_ssh2(struct str text, struct buf *line)
{
	struct str part;
	bool begun = false, continued = false;

	buf_puts(line, "ssh-rsa ");
	while (str_take_line(&text, &part)) {
		bool header = continued || str_has(part, ':');

		part = str_trim(part);
		continued = header && part.n > 0 && part.p[part.n - 1] == '\\';
		if (str_starts(part, "---- END SSH2 PUBLIC KEY"))
			return begun;
		if (str_starts(part, "---- BEGIN SSH2 PUBLIC KEY"))
			begun = true;
		else if (begun && !header)
			buf_str(line, part);
	}
	return false;
}

static enum failure check_key(struct call *c, struct str text, struct sshkey *key)
{
	struct str line = str_trim(text), comment;
	BUF(converted, EIC_KEY_MAX + 64);

	if (str_starts(line, "---- BEGIN SSH2")) {
		if (!from_ssh2(line, &converted))
			return bad_key(c, "");
		line = buf_view(&converted);
	}
	if (sshkey_read_line(key, line, &comment) < 0)
		return bad_key(c, str_starts(line, "ssh-rsa ") ? "RSA - " : "");
	if (key->type != SSHKEY_ED25519 && key->type != SSHKEY_RSA)
		return bad_key(c, "");
	if (key->type == SSHKEY_RSA && (key->bits < RSA_LEAST || key->bits > RSA_MOST))
		return bad_key(c, "RSA - ");
	return FAIL_NONE;
}

/* --- the instance --- */

static void instance_arn(const struct call *c, struct str id, struct buf *out)
{
	buf_addf(out, "arn:%s:ec2:%s:%s:instance/%.*s", partition_of(str_of(c->region), NULL),
		c->region, c->who.account->id, STR_ARG(id));
}

static const struct instance *own_instance(const struct call *c, struct str id)
{
	const struct instance *in = world_instance(&c->m->world, id);

	if (!in || in->account != c->who.account || strcmp(in->region, c->region) != 0)
		return NULL;
	return in;
}

static enum failure check_instance(struct call *c, const struct instance *in, const struct push *p)
{
	if (!in || (p->zone.len > 0 && !str_is(buf_view(&p->zone), in->zone)))
		return call_fail(c, FAIL_NOT_FOUND, "The instance with ID %s was not found%s.",
			buf_text(&p->instance), in ? " in that Availability Zone" : "");
	if (in->unavailable || in->state == STATE_PENDING)
		return call_fail(c, FAIL_UNAVAILABLE,
			"The instance is currently unavailable. Wait a few minutes and try again.");
	if (in->state != STATE_RUNNING)
		return call_fail(c, FAIL_STATE,
			"The instance %s is not in a valid state: it is %s. Start the instance and "
			"try again.",
			in->id, instance_state_name(in->state));
	return FAIL_NONE;
}

static enum failure store(
	struct call *c, const struct instance *in, struct str user, const struct sshkey *key)
{
	struct live_key *k = keys_add(&c->m->keys, in, user, c->now + c->m->key_ttl);
	struct buf line;

	if (!k)
		return call_fail(c, FAIL_THROTTLED, "Server is busy! Please retry after a moment.");
	memcpy(k->request, c->request_id, sizeof(k->request));
	(void)str_copy(k->caller, sizeof(k->caller), str_of(c->who.arn));
	line = buf_of(k->line, sizeof(k->line));
	sshkey_add_line(&line, key, STR(""));
	return FAIL_NONE;
}

static void answer_success(struct call *c)
{
	struct json_out o = json_out(c->a->body, 0);

	json_open(&o, '{');
	json_member(&o, "RequestId", c->request_id);
	json_name(&o, "Success");
	json_add_bool(&o, true);
	json_close(&o, '}');
}

/* --- the two actions --- */

static void record_push(struct call *c, const struct push *p, bool serial)
{
	struct json_out o = json_out(&c->parameters, 0);

	json_open(&o, '{');
	json_member(&o, "instanceId", buf_text(&p->instance));
	if (serial) {
		json_name(&o, "serialPort");
		json_add_int(&o, p->port);
		json_member(&o, "sSHPublicKey", buf_text(&p->key));
	} else {
		json_member(&o, "osUser", buf_text(&p->user));
		if (p->zone.len > 0)
			json_member(&o, "availabilityZone", buf_text(&p->zone));
		json_name(&o, "SSHKey");
		json_open(&o, '{');
		json_member(&o, "publicKey", buf_text(&p->key));
		json_close(&o, '}');
	}
	json_close(&o, '}');
}

static enum failure send_key(struct call *c)
{
	static struct push p; /* as everything of a call: one at a time */
	static struct sshkey key;
	struct json_token tokens[TOKENS];
	struct json_doc doc;
	const struct instance *in;
	struct pair user = { "ec2:osuser", p.user_text };
	BUF(arn, ARN_MAX);
	enum failure f = read_body(c, &doc, tokens);

	push_open(&p);
	if (f == FAIL_NONE)
		f = take_member(c, json_root(&doc), &instance_member, &p.instance);
	if (f == FAIL_NONE)
		f = take_member(c, json_root(&doc), &user_member, &p.user);
	if (f == FAIL_NONE)
		f = take_member(c, json_root(&doc), &zone_member, &p.zone);
	if (f == FAIL_NONE)
		f = take_member(c, json_root(&doc), &key_member, &p.key);
	record_push(c, &p, false);
	if (f != FAIL_NONE)
		return f;
	in = own_instance(c, buf_view(&p.instance));
	instance_arn(c, buf_view(&p.instance), &arn);
	f = permit(c, buf_text(&arn), &user, 1, in ? &in->tags : NULL);
	if (f == FAIL_NONE)
		f = check_key(c, buf_view(&p.key), &key);
	if (f == FAIL_NONE)
		f = check_instance(c, in, &p);
	if (f == FAIL_NONE)
		f = store(c, in, buf_view(&p.user), &key);
	if (f == FAIL_NONE)
		answer_success(c);
	return f;
}

static enum failure check_serial(struct call *c, const struct instance *in)
{
	if (!in->account->serial_console)
		return call_fail(c, FAIL_SERIAL_DISABLED,
			"Your account is not authorized to use the EC2 Serial Console. To "
			"authorize "
			"your account, run the EnableSerialConsoleAccess API.");
	if (!in->nitro)
		return call_fail(c, FAIL_TYPE,
			"The instance type %s is not supported for connecting via the serial "
			"console. "
			"Only Nitro instance types are currently supported.",
			in->type);
	if (in->serial_busy)
		return call_fail(c, FAIL_SERIAL_LIMIT,
			"The instance currently has 1 active serial console session. Only 1 "
			"session is supported at a time.");
	return FAIL_NONE;
}

static enum failure take_port(struct call *c, struct json body, int64_t *port)
{
	struct json v = json_get(body, "SerialPort");

	*port = 0;
	if (json_type(v) == JSON_NONE || json_type(v) == JSON_NULL)
		return FAIL_NONE;
	if (!json_int(v, port))
		return call_fail(
			c, FAIL_SERIALIZATION, "SerialPort can not be converted to an Integer");
	if (*port != 0)
		return call_fail(c, FAIL_INVALID,
			"1 validation error detected: Value '%lld' at 'serialPort' failed to "
			"satisfy "
			"constraint: Member must have value %s than or equal to 0",
			(long long)*port, *port > 0 ? "less" : "greater");
	return FAIL_NONE;
}

static enum failure send_serial_key(struct call *c)
{
	static struct push p;
	static struct sshkey key;
	struct json_token tokens[TOKENS];
	struct json_doc doc;
	const struct instance *in;
	BUF(arn, ARN_MAX);
	enum failure f = read_body(c, &doc, tokens);

	push_open(&p);
	if (f == FAIL_NONE)
		f = take_member(c, json_root(&doc), &instance_member, &p.instance);
	if (f == FAIL_NONE)
		f = take_port(c, json_root(&doc), &p.port);
	if (f == FAIL_NONE)
		f = take_member(c, json_root(&doc), &key_member, &p.key);
	record_push(c, &p, true);
	if (f != FAIL_NONE)
		return f;
	in = own_instance(c, buf_view(&p.instance));
	instance_arn(c, buf_view(&p.instance), &arn);
	f = permit(c, buf_text(&arn), NULL, 0, in ? &in->tags : NULL);
	if (f == FAIL_NONE)
		f = check_key(c, buf_view(&p.key), &key);
	if (f == FAIL_NONE)
		f = check_instance(c, in, &p);
	if (f == FAIL_NONE)
		f = check_serial(c, in);
	if (f == FAIL_NONE)
		answer_success(c);
	return f;
}

const struct action connect_actions[] = {
	{ "SendSSHPublicKey", PROTOCOL_JSON, "ec2-instance-connect", false, false, send_key },
	{ "SendSerialConsoleSSHPublicKey", PROTOCOL_JSON, "ec2-instance-connect", false, false,
		send_serial_key },
	{ 0 },
};
