/* ask.c - makes requests out of the command line */
#include <string.h>

#include "base/clock.h"
#include "check.h"
#include "iam/keys.h"

/* ---- text in the arena ---- */

static int join(struct check *c, struct str *out, const char *a, struct str b)
{
	size_t n = strlen(a);
	char *p = arena_take(&c->arena, n + b.n + 1);

	if (!p)
		return err(ERR_LIMIT, "no memory is left for the context");
	memcpy(p, a, n);
	memcpy(p + n, b.p, b.n);
	*out = (struct str){ p, n + b.n };
	return 0;
}

/* ---- keys ---- */

int ask_set(struct iam_context *context, struct str key, struct str value)
{
	const struct iam_key *k = iam_key_find(key);

	if (key.n == 0)
		return err(ERR_USAGE, "a condition key without a name");
	if (k && !iam_key_fits(k, value))
		return err(ERR_USAGE, "%.*s is %s, and '%.*s' is none", STR_ARG(key),
			iam_family_words(k->family), STR_ARG(value));
	if (value.n > MATCH_VALUE_MAX)
		return err(
			ERR_USAGE, "%.*s is longer than %d bytes", STR_ARG(key), MATCH_VALUE_MAX);
	return context_set(context, key, value);
}

int ask_tag(struct check *c, struct iam_context *context, struct str pair, bool principal)
{
	static const char *const prefixes[2][2] = { { "aws:ResourceTag/", "ec2:ResourceTag/" },
		{ "aws:PrincipalTag/", NULL } };
	struct str value = pair, name, key;
	int e = 0;

	if (!str_has(pair, '=') || !str_cut(&value, '=', &name) || name.n == 0)
		return err(ERR_USAGE, "tag '%.*s' is not KEY=VALUE", STR_ARG(pair));
	for (int i = 0; e == 0 && i < 2 && prefixes[principal][i]; i++) {
		e = join(c, &key, prefixes[principal][i], name);
		if (e == 0)
			e = ask_set(context, key, value);
	}
	return e;
}

/* --context KEY=VALUE: given several times, the key has several values */
static int add_context(struct check *c, struct str pair)
{
	struct str value = pair, key, *all;
	struct iam_fact *f;
	size_t n;
	int e;

	if (!str_has(pair, '=') || !str_cut(&value, '=', &key))
		return err(ERR_USAGE, "--context '%.*s' is not KEY=VALUE", STR_ARG(pair));
	if (context_get(&c->stated, key, &f) != TRUTH_YES)
		return ask_set(&c->stated, key, value);
	n = f->n;
	all = arena_take(&c->arena, (n + 1) * sizeof(*all));
	if (!all)
		return err(ERR_LIMIT, "no memory is left for the context");
	for (size_t i = 0; i < n; i++)
		all[i] = fact_value(f, i);
	all[n] = value;
	e = ask_set(&c->stated, key, value);
	return e < 0 ? e : context_set_many(&c->stated, key, all, n + 1);
}

/* ---- a JSON object of keys ---- */

static int json_value_text(struct check *c, struct json v, const char *source, struct str *out)
{
	struct str raw = json_raw(v);
	struct buf b;
	char *p;

	*out = raw;
	if (json_type(v) == JSON_NUMBER || json_type(v) == JSON_BOOL ||
		(json_type(v) == JSON_STRING && !str_has(raw, '\\')))
		return 0;
	if (json_type(v) != JSON_STRING)
		return err(ERR_USAGE,
			"%s: a condition key is a string, a number, true or false, or a list of "
			"strings",
			source);
	p = arena_take(&c->arena, raw.n + 1);
	if (!p)
		return err(ERR_LIMIT, "no memory is left for the context");
	b = buf_of(p, raw.n + 1);
	if (json_text(v, &b) < 0)
		return err_in(ERR_USAGE, "%s", source);
	*out = buf_view(&b);
	return 0;
}

static int json_list(struct check *c, struct iam_context *context, struct str key, struct json list,
	const char *source)
{
	struct str *all = arena_take(&c->arena, (json_count(list) + 1) * sizeof(*all));
	size_t n = 0;
	int e = 0;

	if (!all)
		return err(ERR_LIMIT, "no memory is left for the context");
	for (struct json i = json_first(list); e == 0 && json_type(i); i = json_next(list, i)) {
		e = json_value_text(c, i, source, &all[n]);
		if (e == 0)
			e = ask_set(context, key, all[n++]);
	}
	return e < 0 ? e : context_set_many(context, key, all, n);
}

int ask_json(struct check *c, struct iam_context *context, struct json object, const char *source)
{
	int e = 0;

	if (json_type(object) != JSON_OBJECT)
		return err(ERR_USAGE, "%s: the context has to be an object of keys", source);
	for (struct json i = json_first(object); e == 0 && json_type(i); i = json_next(object, i)) {
		struct json v = json_value(i);
		struct str key, value;

		e = json_value_text(c, i, source, &key);
		if (e < 0)
			return e;
		if (json_type(v) == JSON_ARRAY) {
			e = json_list(c, context, key, v, source);
		} else if (json_type(v) == JSON_NULL) {
			e = context_derive_absent(context, key);
		} else {
			e = json_value_text(c, v, source, &value);
			if (e == 0)
				e = ask_set(context, key, value);
		}
	}
	return e;
}

static int context_file(struct check *c, const char *path)
{
	struct json_doc doc;
	struct str text;
	int e = load_text(c, path, &text);

	if (e == 0)
		e = policy_json(&doc, path, text, &c->arena);
	return e < 0 ? e : ask_json(c, &c->stated, json_root(&doc), path);
}

/* ---- the options that are keys ---- */

static int set_mfa(struct check *c)
{
	static const struct str key = { "aws:MultiFactorAuthPresent", 26 };
	struct str how = str_of(c->opt.mfa);

	if (str_is(how, "absent"))
		return context_derive_absent(&c->stated, key);
	if (str_is(how, "yes") || str_is(how, "no"))
		return context_set(&c->stated, key, str_of(str_is(how, "yes") ? "true" : "false"));
	return err(ERR_USAGE, "--mfa '%s' is not yes, no or absent", c->opt.mfa);
}

static int set_time(struct check *c)
{
	struct moment m;
	struct str text = str_of(c->opt.time);
	char *p = arena_take(&c->arena, 32);
	struct buf b;
	int e;

	if (!moment_read(&m, text))
		return err(ERR_USAGE, "--time '%s' is not a date such as 2030-01-31T12:00:00Z",
			c->opt.time);
	if (!p)
		return err(ERR_LIMIT, "no memory is left for the context");
	c->now = m.seconds;
	b = buf_of(p, 32);
	buf_addf(&b, "%lld", (long long)m.seconds);
	e = context_set(&c->stated, STR("aws:CurrentTime"), text);
	return e < 0 ? e : context_set(&c->stated, STR("aws:EpochTime"), buf_view(&b));
}

static int set_plain(struct check *c)
{
	const struct check_options *o = &c->opt;
	const struct {
		const char *key, *value;
	} keys[] = {
		{ "ec2-instance-connect:remotePort", o->remote_port },
		{ "ec2-instance-connect:privateIpAddress", o->private_ip },
		{ "ec2-instance-connect:maxTunnelDuration", o->max_duration },
		{ "aws:SourceIp", o->source_ip },
	};
	int e = 0;

	for (size_t i = 0; e == 0 && i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].value)
			e = ask_set(&c->stated, str_of(keys[i].key), str_of(keys[i].value));
	return e;
}

int ask_context(struct check *c)
{
	const struct check_options *o = &c->opt;
	int e = o->context_file ? context_file(c, o->context_file) : 0;

	c->now = clock_now();
	if (e == 0)
		e = set_plain(c);
	if (e == 0 && o->mfa)
		e = set_mfa(c);
	if (e == 0 && o->time)
		e = set_time(c);
	for (size_t i = 0; e == 0 && i < o->principal_tags.n; i++)
		e = ask_tag(c, &c->stated, str_of(o->principal_tags.value[i]), true);
	for (size_t i = 0; e == 0 && i < o->contexts.n; i++)
		e = add_context(c, str_of(o->contexts.value[i]));
	c->stated.closed = o->exact || o->assume_absent;
	return e;
}

/* ---- targets ---- */

static bool is_id(struct str id)
{
	struct str digits = id, kind;

	return (str_starts(id, "i-") || str_starts(id, "eice-")) && str_cut(&digits, '-', &kind) &&
		str_all(digits, "0123456789abcdef") && id.n >= 10 && id.n <= 32;
}

int ask_arn(struct check *c, struct str id, const char *region, struct str account, struct str *out)
{
	struct str partition = c->principal.partition.n > 0 ? c->principal.partition : STR("aws");
	size_t room = id.n + strlen(region ? region : "") + account.n + partition.n + 64;
	char *p = arena_take(&c->arena, room);
	struct buf b;

	if (!p)
		return err(ERR_LIMIT, "no memory is left");
	if (!is_id(id))
		return err(ERR_USAGE,
			"--instance '%.*s' is no instance id (i-0123456789abcdef0) or endpoint id "
			"(eice-...)",
			STR_ARG(id));
	if (!region)
		return err(ERR_USAGE, "--instance needs --region");
	b = buf_of(p, room);
	buf_addf(&b, "arn:%.*s:ec2:%s:%.*s:%s/%.*s", STR_ARG(partition), region, STR_ARG(account),
		str_starts(id, "i-") ? "instance" : "instance-connect-endpoint", STR_ARG(id));
	*out = buf_view(&b);
	return 0;
}

/* Where in the command line a value stands. */
static int place(const char *value, int argc, char *const *argv)
{
	for (int i = 0; i < argc; i++)
		if (value >= argv[i] && value <= argv[i] + strlen(argv[i]))
			return i;
	return 0;
}

/* A tag in front of the first instance is one of all, the others belong to the instance before
 * them. */
static void share_tags(struct check *c, int argc, char *const *argv)
{
	const struct opt_list *tags = &c->opt.tags, *ids = &c->opt.instances;

	for (size_t t = 0; t < tags->n; t++) {
		int at = place(tags->value[t], argc, argv);
		size_t owner = SIZE_MAX;

		for (size_t i = 0; i < ids->n; i++)
			if (place(ids->value[i], argc, argv) < at)
				owner = i;
		for (size_t i = 0; i < c->targets; i++)
			if (owner == SIZE_MAX || owner == i || ids->n < 2)
				c->target[i].tags[c->target[i].n++] = tags->value[t];
	}
}

int ask_targets(struct check *c, int argc, char *const *argv)
{
	const struct check_options *o = &c->opt;
	struct str account = str_of(o->account ? o->account : "");
	int e = 0;

	if (account.n == 0)
		account = c->principal.account;
	if (o->resource && o->instances.n > 0)
		return err(ERR_USAGE, "--resource and --instance exclude each other");
	for (size_t i = 0; e == 0 && i < o->instances.n; i++) {
		struct target *t = &c->target[c->targets++];

		t->name = o->instances.value[i];
		if (account.n == 0 && o->accounts) /* each principal's own */
			continue;
		if (account.n == 0)
			return err(ERR_USAGE, "--instance needs --principal or --account");
		e = ask_arn(c, str_of(t->name), o->region, account, &t->arn);
	}
	if (o->resource)
		c->target[c->targets++] = (struct target){ .name = o->resource,
			.arn = str_of(o->resource) };
	for (size_t i = 0; i < c->targets; i++)
		c->target[i].account = str_of(o->resource_account ? o->resource_account : "");
	share_tags(c, argc, argv);
	return e;
}

int ask_prepare(struct check *c, int argc, char *const *argv)
{
	const struct check_options *o = &c->opt;
	int e = 0;

	c->action = str_of(o->action ? o->action : "push");
	if (o->principal)
		e = principal_read(&c->principal, str_of(o->principal), &c->arena);
	if (e == 0)
		e = ask_context(c);
	if (e == 0)
		e = ask_targets(c, argc, argv);
	return e;
}

/* ---- the request ---- */

static void copy_context(struct iam_context *to, const struct iam_context *from)
{
	memcpy(to->fact, from->fact, from->n * sizeof(from->fact[0]));
	to->n = from->n;
	to->closed = from->closed;
}

int ask_request(struct check *c, const struct iam_principal *p, const struct target *t,
	const char *user, struct iam_context *context, struct iam_request *r)
{
	int e;

	copy_context(context, &c->stated);
	e = request_set(r, p, c->action, t->arn, t->account, context);
	for (size_t i = 0; e == 0 && i < t->n; i++)
		e = ask_tag(c, context, str_of(t->tags[i]), false);
	/* the serial console and a tunnel know no OS user */
	if (e == 0 && user && (r->eic == EIC_PUSH || r->eic == EIC_NONE))
		e = ask_set(context, STR("ec2:osuser"), str_of(user));
	if (e == 0 && !c->opt.exact)
		e = request_derive(r, c->now, &c->arena);
	return e;
}
