/* batch.c - --batch: one case a line in, one answer a line out, in constant memory
 *
 * A case is a JSON object; what it leaves out is taken from the command line:
 *
 *	{"osUser":"root","instance":"i-0123456789abcdef0","tags":{"Env":"prod"},"context":{"aws:SourceIp":"192.0.2.1"}}
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "check.h"

enum { LINE_MAX_BYTES = 256 * 1024, CASE_TOKENS = 4096, FLUSH_AT = 64 * 1024 };

/* What a case says. */
struct asked {
	struct str principal, action, resource, instance, region, account, resource_account, user,
		mfa, time;
	struct str remote_port, private_ip, max_duration, source_ip, expect;
	struct json tags, principal_tags, context;
};

struct batch {
	struct check *c;
	struct buf *out;
	size_t line;
	struct iam_context base, context; /* base: stated and derived for the command line's own
					     request */
	struct iam_request base_request, own_request;
	struct iam_request *request; /* of the present case: one of these */
	bool based;
	bool bad, unmet;
};

/* ---- reading a case ---- */

static const struct member {
	const char *name;
	size_t offset;
	bool object;
} members[] = {
#define TEXT(name, field) \
	{ \
		name, offsetof(struct asked, field), false \
	}
#define OBJECT(name, field) \
	{ \
		name, offsetof(struct asked, field), true \
	}
	TEXT("osUser", user),
	TEXT("expect", expect),
	TEXT("instance", instance),
	TEXT("resource", resource),
	TEXT("principal", principal),
	TEXT("action", action),
	OBJECT("tags", tags),
	OBJECT("context", context),
	TEXT("sourceIp", source_ip),
	TEXT("mfa", mfa),
	TEXT("time", time),
	TEXT("region", region),
	TEXT("account", account),
	TEXT("resourceAccount", resource_account),
	TEXT("remotePort", remote_port),
	TEXT("privateIp", private_ip),
	TEXT("maxDuration", max_duration),
	OBJECT("principalTags", principal_tags),
#undef TEXT
#undef OBJECT
};

static int read_text(struct check *c, struct json v, struct str *out)
{
	struct buf b;
	char *p;

	*out = json_raw(v);
	if (json_type(v) == JSON_NUMBER || (json_type(v) == JSON_STRING && !str_has(*out, '\\')))
		return 0;
	if (json_type(v) != JSON_STRING)
		return err(ERR_FORMAT, "a string is needed");
	p = arena_take(&c->arena, out->n + 1);
	if (!p)
		return err(ERR_LIMIT, "no memory is left");
	b = buf_of(p, out->n + 1);
	if (json_text(v, &b) < 0)
		return ERR_FORMAT;
	*out = buf_view(&b);
	return 0;
}

static int read_member(struct check *c, struct json name, struct asked *a)
{
	struct json v = json_value(name);

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		void *field = (char *)a + members[i].offset;

		if (!str_is(json_raw(name), members[i].name))
			continue;
		if (!members[i].object) {
			int e = read_text(c, v, field);

			return e < 0 ? err_in(e, "%s", members[i].name) : 0;
		}
		if (json_type(v) != JSON_OBJECT)
			return err(ERR_FORMAT, "%s has to be an object", members[i].name);
		*(struct json *)field = v;
		return 0;
	}
	return err(ERR_FORMAT, "a case has no member '%.*s'", STR_ARG(json_raw(name)));
}

static int read_case(struct check *c, struct json v, struct asked *a)
{
	int e = 0;

	*a = (struct asked){ 0 };
	if (json_type(v) != JSON_OBJECT)
		return err(ERR_FORMAT, "a case has to be an object");
	for (struct json i = json_first(v); e == 0 && json_type(i); i = json_next(v, i))
		e = read_member(c, i, a);
	return e;
}

/* ---- the request of a case ---- */

static int set_tags(struct check *c, struct iam_context *context, struct json tags, bool principal)
{
	int e = 0;

	for (struct json i = json_first(tags); e == 0 && json_type(i); i = json_next(tags, i)) {
		struct str key, value;
		struct buf b;
		char *p;

		e = read_text(c, i, &key);
		if (e == 0)
			e = read_text(c, json_value(i), &value);
		if (e < 0)
			return e;
		p = arena_take(&c->arena, key.n + value.n + 2);
		if (!p)
			return err(ERR_LIMIT, "no memory is left");
		b = buf_of(p, key.n + value.n + 2);
		buf_addf(&b, "%.*s=%.*s", STR_ARG(key), STR_ARG(value));
		e = ask_tag(c, context, buf_view(&b), principal);
	}
	return e;
}

static int set_mfa(struct iam_context *context, struct str mfa)
{
	static const struct str key = { "aws:MultiFactorAuthPresent", 26 };

	if (str_is(mfa, "absent"))
		return context_derive_absent(context, key);
	if (str_is(mfa, "yes") || str_is(mfa, "no"))
		return context_set(context, key, str_of(str_is(mfa, "yes") ? "true" : "false"));
	return err(ERR_FORMAT, "mfa is yes, no or absent");
}

static int set_keys(struct check *c, struct iam_context *context, const struct asked *a)
{
	const struct {
		struct str key, value;
	} keys[] = {
		{ STR("ec2:osuser"), a->user },
		{ STR("aws:SourceIp"), a->source_ip },
		{ STR("aws:CurrentTime"), a->time },
		{ STR("ec2-instance-connect:remotePort"), a->remote_port },
		{ STR("ec2-instance-connect:privateIpAddress"), a->private_ip },
		{ STR("ec2-instance-connect:maxTunnelDuration"), a->max_duration },
	};
	int e = 0;

	for (size_t i = 0; e == 0 && i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].value.p)
			e = ask_set(context, keys[i].key, keys[i].value);
	if (e == 0 && a->mfa.p)
		e = set_mfa(context, a->mfa);
	if (e == 0 && json_type(a->tags))
		e = set_tags(c, context, a->tags, false);
	if (e == 0 && json_type(a->principal_tags))
		e = set_tags(c, context, a->principal_tags, true);
	if (e == 0 && json_type(a->context))
		e = ask_json(c, context, a->context, "context");
	return e;
}

static bool needs_own(const struct asked *a)
{
	return a->principal.p || a->action.p || a->resource.p || a->instance.p || a->region.p ||
		a->account.p || a->resource_account.p || a->time.p;
}

static int own_target(
	struct batch *b, const struct asked *a, const struct iam_principal *p, struct target *t)
{
	struct check *c = b->c;
	char region[64];
	struct str account = a->account;

	if (account.n == 0)
		account = c->opt.account ? str_of(c->opt.account) : p->account;
	if (c->targets > 0)
		*t = c->target[0];
	if (a->resource.p)
		t->arn = a->resource;
	if (a->resource_account.p)
		t->account = a->resource_account;
	if (!str_copy(region, sizeof(region),
		    a->region.p ? a->region : str_of(c->opt.region ? c->opt.region : "")))
		return err(ERR_FORMAT, "region");
	if (a->instance.p)
		return ask_arn(c, a->instance, *region ? region : NULL, account, &t->arn);
	return t->arn.n > 0 ? 0 : err(ERR_FORMAT, "no instance and no resource");
}

static int set_time(struct check *c, struct str time)
{
	struct moment m;

	if (!time.p)
		return 0;
	if (!moment_read(&m, time))
		return err(ERR_FORMAT, "time is no date");
	c->now = m.seconds;
	return 0;
}

/* A case that changes who, what or where is derived anew. */
static int own_request(struct batch *b, const struct asked *a)
{
	struct check *c = b->c;
	static struct iam_principal principal;
	struct str action = c->action;
	int64_t now = c->now;
	struct target t = { 0 };
	int e = 0;

	principal = c->principal;
	if (a->principal.p)
		e = principal_read(&principal, a->principal, &c->arena);
	else if (!c->opt.principal)
		e = err(ERR_FORMAT, "no principal");
	if (e == 0)
		e = own_target(b, a, &principal, &t);
	if (e == 0)
		e = set_time(c, a->time);
	if (a->action.p)
		c->action = a->action;
	if (e == 0)
		e = ask_request(c, &principal, &t, c->opt.user, &b->context, &b->own_request);
	b->request = &b->own_request;
	c->action = action;
	c->now = now;
	return e;
}

static int base_request(struct batch *b)
{
	if (!b->based)
		return err(ERR_FORMAT, "no principal, or no instance and no resource");
	memcpy(b->context.fact, b->base.fact, b->base.n * sizeof(b->base.fact[0]));
	b->context.n = b->base.n;
	b->context.closed = b->base.closed;
	b->request = &b->base_request;
	b->request->context = &b->context;
	return 0;
}

/* ---- the answer ---- */

static void add_missing(struct json_out *o, struct batch *b, const struct iam_answer *a)
{
	struct str keys[64];
	size_t n = report_missing(a, b->request, b->c->layer, b->c->layers, keys, 64, true);

	json_name(o, "missingContext");
	json_open(o, '[');
	for (size_t i = 0; i < n; i++)
		json_add_str(o, keys[i]);
	json_close(o, ']');
}

static void add_short(struct json_out *o, struct batch *b, const struct iam_answer *a)
{
	json_open(o, '{');
	json_member(o, "decision", report_decision(a->decision));
	if (a->undetermined) {
		json_name(o, "undetermined");
		json_add_bool(o, true);
		add_missing(o, b, a);
	}
	json_member(o, "layer", iam_kind_words(a->kind));
	if (a->statement) {
		json_member(o, "policy", a->statement->policy->source);
		if (a->statement->has_sid) {
			json_name(o, "sid");
			json_add_str(o, a->statement->sid);
		}
		json_name(o, "index");
		json_add_int(o, (int64_t)a->statement->index);
	}
	json_close(o, '}');
}

static int answer(struct batch *b, const struct asked *a)
{
	struct json_out o = json_out(b->out, 0);
	struct iam_answer answer;
	char expect[16] = "";

	if (a->expect.p &&
		(!str_copy(expect, sizeof(expect), a->expect) || !report_expect_known(expect)))
		return err(ERR_FORMAT, "expect is allowed, implicitDeny, explicitDeny or denied");
	iam_eval(&answer, b->request, b->c->layer, b->c->layers);
	if (*expect && report_status(b->c, &answer, expect) != EXIT_DONE)
		b->unmet = true;
	if (b->c->opt.explain)
		report_json(&o, b->c, &answer, b->request);
	else
		add_short(&o, b, &answer);
	return 0;
}

static int run_case(struct batch *b, struct str line)
{
	static struct json_token tokens[CASE_TOKENS];
	struct json_doc doc;
	struct asked a;
	int e = json_parse(&doc, line, tokens, CASE_TOKENS);

	if (e == 0)
		e = read_case(b->c, json_root(&doc), &a);
	if (e == 0)
		e = needs_own(&a) ? own_request(b, &a) : base_request(b);
	if (e == 0)
		e = set_keys(b->c, &b->context, &a);
	return e < 0 ? e : answer(b, &a);
}

static int run_line(struct batch *b, struct str line)
{
	size_t mark = b->c->arena.used, from = b->out->len;

	b->line++;
	if (run_case(b, line) < 0) {
		struct json_out o = json_out(b->out, 0);

		b->bad = true;
		b->out->len = from;
		json_open(&o, '{');
		json_member(&o, "error", err_text());
		json_name(&o, "line");
		json_add_int(&o, (int64_t)b->line);
		json_close(&o, '}');
	}
	buf_putc(b->out, '\n');
	b->c->arena.used = mark;
	if (b->out->len < FLUSH_AT)
		return 0;
	from = b->out->len;
	b->out->len = 0;
	return b->out->full ? err(ERR_LIMIT, "an answer is too long")
			    : io_write(1, b->out->p, from);
}

/* ---- lines ---- */

static int run_lines(struct batch *b, struct buf *in, bool last)
{
	struct str rest = buf_view(in), line;
	size_t taken = 0;
	int e = 0;

	while (e == 0 && (str_has(rest, '\n') || (last && rest.n > 0)) &&
		str_take_line(&rest, &line)) {
		taken = in->len - rest.n;
		if (str_trim(line).n > 0)
			e = run_line(b, line);
	}
	buf_drop(in, taken);
	return e;
}

static int run_file(struct batch *b, int fd)
{
	static char storage[LINE_MAX_BYTES];
	struct buf in = buf_of(storage, sizeof(storage));
	int e = 0;

	while (e == 0) {
		ssize_t n = read(fd, buf_tail(&in), buf_room(&in));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno("%s", b->c->opt.batch);
		buf_grew(&in, (size_t)n);
		e = run_lines(b, &in, n == 0);
		if (e < 0 || n == 0)
			break;
		if (buf_room(&in) == 0)
			return err(ERR_LIMIT, "%s: a line of more than %d bytes", b->c->opt.batch,
				LINE_MAX_BYTES - 1);
	}
	return e < 0 ? e : io_write(1, b->out->p, b->out->len);
}

int batch_run(struct check *c)
{
	static struct batch b;
	struct buf out = check_output();
	bool standard = str_is(str_of(c->opt.batch), "-");
	int fd = standard ? 0 : open(c->opt.batch, O_RDONLY | O_CLOEXEC), e = 0;

	b = (struct batch){ .c = c, .out = &out };
	if (fd < 0)
		return applet_fail(CHECK, err_errno("%s", c->opt.batch)), EXIT_USAGE;
	b.based = c->opt.principal && c->targets > 0;
	if (b.based)
		e = ask_request(
			c, &c->principal, &c->target[0], c->opt.user, &b.base, &b.base_request);
	if (e == 0)
		e = run_file(&b, fd);
	if (!standard)
		close(fd);
	if (e < 0)
		return applet_fail(CHECK, e);
	return b.bad ? EXIT_USAGE : b.unmet ? EXIT_DENIED : EXIT_DONE;
}
