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
	struct str principal, action, resource, instance, region, account, resource_account, expect;
	struct ask_words words;
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
	bool skips; /* the rest of a line that was too long */
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
	TEXT("osUser", words.user),
	TEXT("expect", expect),
	TEXT("instance", instance),
	TEXT("resource", resource),
	TEXT("principal", principal),
	TEXT("action", action),
	OBJECT("tags", tags),
	OBJECT("context", context),
	TEXT("sourceIp", words.source_ip),
	TEXT("mfa", words.mfa),
	TEXT("time", words.time),
	TEXT("region", region),
	TEXT("account", account),
	TEXT("resourceAccount", resource_account),
	TEXT("remotePort", words.remote_port),
	TEXT("privateIp", words.private_ip),
	TEXT("maxDuration", words.max_duration),
	OBJECT("principalTags", principal_tags),
#undef TEXT
#undef OBJECT
};

static int read_member(struct check *c, struct json name, struct asked *a)
{
	struct json v = json_value(name);

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		void *field = (char *)a + members[i].offset;

		if (!str_is(json_raw(name), members[i].name))
			continue;
		if (!members[i].object) {
			int e = ask_text(c, v, field);

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

static int set_tags(
	struct check *c, struct iam_context *context, struct json tags, const char *prefix)
{
	int e = 0;

	for (struct json i = json_first(tags); e == 0 && json_type(i); i = json_next(tags, i)) {
		struct str key, value;

		e = ask_text(c, i, &key);
		if (e == 0)
			e = ask_text(c, json_value(i), &value);
		if (e == 0)
			e = ask_tag(c, context, prefix, key, value);
	}
	return e;
}

/* They replace what the command line states, and contradict each other. */
static int set_keys(struct check *c, struct iam_context *context, const struct asked *a)
{
	int e;

	context->rank = 2;
	e = ask_words(c, context, &a->words);
	if (e == 0 && json_type(a->tags))
		e = set_tags(c, context, a->tags, ASK_TAG);
	if (e == 0 && json_type(a->principal_tags))
		e = set_tags(c, context, a->principal_tags, ASK_PRINCIPAL_TAG);
	if (e == 0 && json_type(a->context))
		e = ask_json(c, context, a->context, "context");
	return e;
}

static bool needs_own(const struct asked *a)
{
	return a->principal.p || a->action.p || a->resource.p || a->instance.p || a->region.p ||
		a->account.p || a->resource_account.p || a->words.time.p || a->words.mfa.p ||
		json_type(a->context);
}

static int own_target(
	struct batch *b, const struct asked *a, const struct iam_principal *p, struct target *t)
{
	struct check *c = b->c;
	char region[64];
	struct str account = a->resource_account.n > 0 ? a->resource_account : a->account;

	if (c->targets > 0)
		*t = c->target[0];
	if (a->resource.p || a->instance.p) /* the tags are of another one */
		*t = (struct target){ .arn = a->resource };
	for (; c->targets == 0 && t->n < c->opt.tags.n; t->n++)
		t->tags[t->n] = c->opt.tags.value[t->n];
	if (account.n > 0)
		t->account = account;
	if (account.n == 0)
		account = c->opt.account ? str_of(c->opt.account) : p->account;
	if (!str_copy(region, sizeof(region),
		    a->region.p ? a->region : str_of(c->opt.region ? c->opt.region : "")))
		return err(ERR_FORMAT, "region");
	if (a->instance.p)
		return ask_arn(c, a->instance, region, account, &t->arn);
	return t->arn.n > 0 ? 0 : err(ERR_FORMAT, "no instance and no resource");
}

/* A case that changes who, what, where or when: what follows is derived anew, from what the case
 * states as well. */
static int own_request(struct batch *b, const struct asked *a)
{
	static struct iam_principal principal;
	static struct iam_context stated;
	struct check *c = b->c;
	struct str action = c->action;
	struct target t = { 0 };
	int e = 0;

	principal = c->principal;
	stated = c->stated;
	if (a->principal.p)
		e = ask_principal(c, &principal, a->principal);
	else if (!c->opt.principal)
		e = err(ERR_FORMAT, "no principal");
	if (e == 0)
		e = own_target(b, a, &principal, &t);
	if (e == 0)
		e = set_keys(c, &c->stated, a);
	if (a->action.p)
		c->action = a->action;
	if (e == 0)
		e = ask_request(c, &principal, &t, c->opt.user, &b->context, &b->own_request);
	b->request = &b->own_request;
	c->action = action;
	c->stated = stated;
	return e;
}

static int base_request(struct batch *b, const struct asked *a)
{
	if (!b->based)
		return err(ERR_FORMAT, "no principal, or no instance and no resource");
	memcpy(b->context.fact, b->base.fact, b->base.n * sizeof(b->base.fact[0]));
	b->context.n = b->base.n;
	b->context.closed = b->base.closed;
	b->context.untagged = b->base.untagged;
	b->request = &b->base_request;
	b->request->context = &b->context;
	return set_keys(b->c, &b->context, a);
}

/* ---- the answer ---- */

static void add_short(struct json_out *o, struct batch *b, const struct iam_answer *a)
{
	struct keys keys = { .n = 0 };

	json_open(o, '{');
	json_member(o, "decision", report_decision(a->decision));
	if (a->undetermined) {
		json_name(o, "undetermined");
		json_add_bool(o, true);
		report_missing(b->c, b->request, &keys, true);
		report_keys_json(o, &keys);
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

	if (!a->expect.p && b->c->opt.expect)
		(void)str_copy(expect, sizeof(expect), str_of(b->c->opt.expect));
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
		e = needs_own(&a) ? own_request(b, &a) : base_request(b, &a);
	return e < 0 ? e : answer(b, &a);
}

/* In place of the answer: err_text() tells why there is none. */
static void refuse(struct batch *b)
{
	struct json_out o = json_out(b->out, 0);

	b->bad = true;
	json_open(&o, '{');
	json_member(&o, "error", err_text());
	json_name(&o, "line");
	json_add_int(&o, (int64_t)b->line);
	json_close(&o, '}');
}

static int flush(struct batch *b, size_t n)
{
	return io_write(1, b->out->p, n) < 0 ? err_in(ERR_SYSTEM, "standard output") : 0;
}

static int end_line(struct batch *b)
{
	size_t n = b->out->len;

	buf_putc(b->out, '\n');
	if (++n < FLUSH_AT)
		return 0;
	b->out->len = 0;
	return b->out->full ? err(ERR_LIMIT, "an answer is too long") : flush(b, n);
}

static int run_line(struct batch *b, struct str line)
{
	size_t mark = b->c->arena.used, from = b->out->len;

	if (run_case(b, line) < 0) {
		b->out->len = from;
		refuse(b);
	}
	b->c->arena.used = mark;
	return end_line(b);
}

/* The buffer is full, and holds no end of a line. */
static int skip_line(struct batch *b, struct buf *in)
{
	buf_clear(in);
	if (b->skips)
		return 0;
	b->skips = true;
	b->line++;
	(void)err(ERR_LIMIT, "a line of more than %d bytes", LINE_MAX_BYTES - 1);
	refuse(b);
	return end_line(b);
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
		if (b->skips) {
			b->skips = false;
			continue;
		}
		b->line++;
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
			e = skip_line(b, &in);
	}
	return e < 0 ? e : flush(b, b->out->len);
}

int batch_run(struct check *c)
{
	static struct batch b;
	struct buf out = check_output();
	bool standard;
	int e = load_is_input(c, c->opt.batch, &standard), fd;

	if (e < 0)
		return check_fail(e);
	fd = standard ? 0 : open(c->opt.batch, O_RDONLY | O_CLOEXEC);
	b = (struct batch){ .c = c, .out = &out };
	if (fd < 0)
		return check_fail(err_errno("%s", c->opt.batch));
	b.based = c->opt.principal && c->targets > 0;
	if (b.based)
		e = ask_request(
			c, &c->principal, &c->target[0], c->opt.user, &b.base, &b.base_request);
	if (e == 0)
		e = run_file(&b, fd);
	if (!standard)
		close(fd);
	if (e < 0)
		return check_fail(e);
	return b.bad ? EXIT_USAGE : b.unmet ? EXIT_DENIED : EXIT_DONE;
}
