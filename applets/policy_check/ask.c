/* ask.c - makes requests out of the command line */
#include <string.h>

#include "aws/region.h"
#include "base/clock.h"
#include "check.h"
#include "eic/limits.h"
#include "iam/keys.h"

static int no_memory(void)
{
	return err(ERR_LIMIT, "no memory is left");
}

/* ---- one key ---- */

static int check_value(struct str key, struct str value)
{
	const struct iam_key *k = iam_key_find(key);

	if (!str_has(key, ':'))
		return err(ERR_USAGE, "condition key '%.*s' is not service:name", STR_ARG(key));
	if (value.n > MATCH_VALUE_MAX)
		return err(
			ERR_USAGE, "%.*s is longer than %d bytes", STR_ARG(key), MATCH_VALUE_MAX);
	if (k && k->max > 0 && !iam_key_fits(k, value))
		return err(ERR_USAGE, "%.*s is a number from 1 to %d, not '%.*s'", STR_ARG(key),
			k->max, STR_ARG(value));
	if (k && !iam_key_fits(k, value))
		return err(ERR_USAGE, "%.*s is %s, and '%.*s' is none", STR_ARG(key),
			iam_family_words(k->family), STR_ARG(value));
	if (context_same_key(key, STR("ec2:osuser")) && !eic_api_user_ok(value))
		return err(
			ERR_USAGE, "'%.*s' is no OS user that the service takes", STR_ARG(value));
	return 0;
}

int ask_set(struct iam_context *context, struct str key, struct str value)
{
	int e = check_value(key, value);

	return e < 0 ? e : context_set(context, key, value);
}

int ask_tag(struct check *c, struct iam_context *context, const char *prefix, struct str name,
	struct str value)
{
	size_t room = strlen(prefix) + name.n + 1;
	char *p = arena_take(&c->arena, room);
	struct buf b;

	if (!p)
		return no_memory();
	if (name.n == 0)
		return err(ERR_USAGE, "a tag without a name");
	b = buf_of(p, room);
	buf_puts(&b, prefix);
	buf_str(&b, name);
	return ask_set(context, buf_view(&b), value);
}

/* KEY=VALUE */
static int split(struct str pair, const char *option, struct str *key, struct str *value)
{
	*value = pair;
	if (!str_has(pair, '=') || !str_cut(value, '=', key) || key->n == 0)
		return err(ERR_USAGE, "--%s '%.*s' is not KEY=VALUE", option, STR_ARG(pair));
	return 0;
}

static int set_tag(struct check *c, struct iam_context *context, bool principal, const char *pair)
{
	struct str name, value;
	int e = split(str_of(pair), principal ? "principal-tag" : "tag", &name, &value);

	return e < 0 ? e
		     : ask_tag(c, context, principal ? ASK_PRINCIPAL_TAG : ASK_TAG, name, value);
}

/* One more value of a key; ERR_USAGE when it has one only. */
static int add_value(struct check *c, struct iam_fact *f, struct str value)
{
	struct str *all = arena_take(&c->arena, (f->n + 1) * sizeof(*all));
	int e = check_value(f->key, value);

	if (!all)
		return no_memory();
	for (size_t i = 0; i < f->n; i++)
		all[i] = fact_value(f, i);
	all[f->n] = value;
	f->many = all;
	f->n++;
	return e;
}

/* --context KEY=VALUE: given several times, the key has several values */
static int add_context(struct check *c, struct str pair)
{
	struct str value, key;
	const struct iam_key *k;
	struct iam_fact *f;
	int e = split(pair, "context", &key, &value);

	if (e < 0)
		return e;
	k = iam_key_find(key);
	if ((k && !(k->flags & KEY_MANY)) || context_get(&c->stated, key, &f) != TRUTH_YES)
		return ask_set(&c->stated, key, value);
	return add_value(c, f, value);
}

/* ---- a JSON object of keys ---- */

int ask_text(struct check *c, struct json v, struct str *out)
{
	enum json_type type = json_type(v);
	struct buf b;
	char *p;

	*out = json_raw(v);
	if (type == JSON_NUMBER || type == JSON_BOOL ||
		(type == JSON_STRING && !str_has(*out, '\\')))
		return 0;
	if (type != JSON_STRING)
		return err(ERR_USAGE, "a string, a number, true or false is needed");
	p = arena_take(&c->arena, out->n + 1);
	if (!p)
		return no_memory();
	b = buf_of(p, out->n + 1);
	if (json_text(v, &b) < 0)
		return ERR_USAGE;
	*out = buf_view(&b);
	return 0;
}

static int set_list(struct check *c, struct iam_context *context, struct str key, struct json list)
{
	const struct iam_key *k = iam_key_find(key);
	size_t n = json_count(list), i = 0;
	struct str *all = arena_take(&c->arena, (n + 1) * sizeof(*all));
	int e = 0;

	if (!all)
		return no_memory();
	if (n != 1 && k && !(k->flags & KEY_MANY))
		return err(ERR_USAGE, "%.*s has one value", STR_ARG(key));
	for (struct json v = json_first(list); e == 0 && json_type(v); v = json_next(list, v)) {
		e = ask_text(c, v, &all[i]);
		if (e == 0)
			e = check_value(key, all[i++]);
	}
	return e < 0 ? e : context_set_many(context, key, all, n);
}

static int set_member(struct check *c, struct iam_context *context, struct json name)
{
	struct json v = json_value(name);
	struct str key, value;
	int e = ask_text(c, name, &key);

	if (e < 0)
		return e;
	if (json_type(v) == JSON_ARRAY)
		return set_list(c, context, key, v);
	if (json_type(v) == JSON_NULL)
		return context_set_absent(context, key);
	e = ask_text(c, v, &value);
	return e < 0 ? e : ask_set(context, key, value);
}

int ask_json(struct check *c, struct iam_context *context, struct json object, const char *source)
{
	int e = 0;

	if (json_type(object) != JSON_OBJECT)
		return err(ERR_USAGE, "%s: the context has to be an object of keys", source);
	for (struct json i = json_first(object); e == 0 && json_type(i); i = json_next(object, i))
		e = set_member(c, context, i);
	return e < 0 ? err_in(e, "%s", source) : 0;
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

static int set_mfa(struct iam_context *context, struct str how)
{
	static const struct str key = { "aws:MultiFactorAuthPresent", 26 };

	if (str_is(how, "absent"))
		return context_set_absent(context, key);
	if (str_is(how, "yes") || str_is(how, "no"))
		return context_set(context, key, str_of(str_is(how, "yes") ? "true" : "false"));
	return err(ERR_USAGE, "mfa '%.*s' is not yes, no or absent", STR_ARG(how));
}

/* Both keys, as nothing may be derived. */
static int set_time(struct check *c, struct iam_context *context, struct str time)
{
	char *p = arena_take(&c->arena, 32);
	struct moment m;
	struct buf b;
	int e;

	if (!moment_read(&m, time))
		return err(ERR_USAGE, "time '%.*s' is not a date such as 2030-01-31T12:00:00Z",
			STR_ARG(time));
	if (!p)
		return no_memory();
	b = buf_of(p, 32);
	buf_addf(&b, "%lld", (long long)m.seconds);
	e = context_set(context, STR("aws:CurrentTime"), time);
	return e < 0 ? e : context_set(context, STR("aws:EpochTime"), buf_view(&b));
}

int ask_words(struct check *c, struct iam_context *context, const struct ask_words *w)
{
	const struct {
		const char *key, *words;
		struct str value;
	} keys[] = {
		{ "ec2:osuser", "OS user", w->user },
		{ "aws:SourceIp", "source IP", w->source_ip },
		{ "ec2-instance-connect:remotePort", "remote port", w->remote_port },
		{ "ec2-instance-connect:privateIpAddress", "private IP", w->private_ip },
		{ "ec2-instance-connect:maxTunnelDuration", "max duration", w->max_duration },
	};
	int e = 0;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (keys[i].value.p)
			e = ask_set(context, str_of(keys[i].key), keys[i].value);
		if (e < 0)
			return err_in(e, "%s", keys[i].words);
	}
	if (w->mfa.p)
		e = set_mfa(context, w->mfa);
	return e == 0 && w->time.p ? set_time(c, context, w->time) : e;
}

static struct str word(const char *option)
{
	return option ? str_of(option) : (struct str){ 0 };
}

int ask_context(struct check *c)
{
	const struct check_options *o = &c->opt;
	const struct ask_words words = { .source_ip = word(o->source_ip),
		.mfa = word(o->mfa),
		.time = word(o->time),
		.remote_port = word(o->remote_port),
		.private_ip = word(o->private_ip),
		.max_duration = word(o->max_duration) };
	int e;

	c->now = clock_now();
	c->stated.rank = 1;
	e = o->context_file ? context_file(c, o->context_file) : 0;
	if (e == 0)
		e = ask_words(c, &c->stated, &words);
	for (size_t i = 0; e == 0 && i < o->principal_tags.n; i++)
		e = set_tag(c, &c->stated, true, o->principal_tags.value[i]);
	for (size_t i = 0; e == 0 && i < o->contexts.n; i++)
		e = add_context(c, str_of(o->contexts.value[i]));
	c->stated.closed = o->exact || o->assume_absent;
	return e;
}

/* ---- targets ---- */

int ask_arn(struct check *c, struct str id, const char *region, struct str account, struct str *out)
{
	struct str place = str_of(region ? region : "");
	size_t room = id.n + place.n + account.n + 64;
	char *p = arena_take(&c->arena, room);
	struct buf b;

	if (!p)
		return no_memory();
	if (!request_id_ok(id))
		return err(ERR_USAGE, "instance '%.*s' is not i-... or eice-...", STR_ARG(id));
	if (!eic_region_ok(place))
		return err(ERR_USAGE, "an instance needs its region, and '%.*s' is none",
			STR_ARG(place));
	b = buf_of(p, room);
	buf_addf(&b, "arn:%s:ec2:%.*s:%.*s:%s/%.*s", region_partition(place)->name, STR_ARG(place),
		STR_ARG(account), str_starts(id, "i-") ? "instance" : "instance-connect-endpoint",
		STR_ARG(id));
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

static int check_place(const struct check_options *o, struct str account)
{
	struct str region = arn_split(str_of(o->resource ? o->resource : "")).part[ARN_REGION];

	if (o->resource && o->instances.n > 0)
		return err(ERR_USAGE, "--resource and --instance exclude each other");
	if (o->account && o->resource_account && !str_is(account, o->account))
		return err(ERR_USAGE, "--account and --resource-account differ");
	if (account.n > 0 && (account.n != 12 || !str_all(account, "0123456789")))
		return err(ERR_USAGE, "account '%.*s' is not 12 digits", STR_ARG(account));
	if (o->region && region.n > 0 && !str_is(region, o->region))
		return err(
			ERR_USAGE, "resource '%s' is not in region '%s'", o->resource, o->region);
	return 0;
}

int ask_targets(struct check *c, int argc, char *const *argv)
{
	const struct check_options *o = &c->opt;
	struct str account = word(o->resource_account ? o->resource_account : o->account);
	struct str owner = account.n > 0 ? account : c->principal.account;
	int e = check_place(o, account);

	for (size_t i = 0; e == 0 && i < o->instances.n; i++) {
		struct target *t = &c->target[c->targets++];

		t->name = o->instances.value[i];
		if (owner.n == 0 && o->accounts) /* each principal's own */
			continue;
		if (owner.n == 0)
			return err(ERR_USAGE, "--instance needs --principal or --account");
		e = ask_arn(c, str_of(t->name), o->region, owner, &t->arn);
	}
	if (o->resource)
		c->target[c->targets++] = (struct target){ .name = o->resource,
			.arn = str_of(o->resource) };
	for (size_t i = 0; i < c->targets; i++)
		c->target[i].account = account;
	share_tags(c, argc, argv);
	return e;
}

/* ---- who asks ---- */

int ask_principal(struct check *c, struct iam_principal *p, struct str arn)
{
	int e = principal_read(p, arn);
	bool role = p->who == IAM_ROLE || p->who == IAM_SESSION_OF_ROLE || p->who == IAM_FEDERATED;

	if (e == 0 && c->opt.boundary && !role && p->who != IAM_USER)
		return err(ERR_USAGE, "'%.*s' has no permissions boundary", STR_ARG(arn));
	if (e == 0 && c->opt.session_policy && !role)
		return err(ERR_USAGE, "'%.*s' has no session policy", STR_ARG(arn));
	return e;
}

int ask_prepare(struct check *c, int argc, char *const *argv)
{
	const struct check_options *o = &c->opt;
	int e = 0;

	c->action = str_of(o->action ? o->action : "push");
	if (o->principal)
		e = ask_principal(c, &c->principal, str_of(o->principal));
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
	to->all_tags = from->all_tags;
	to->rank = 1;
}

int ask_request(struct check *c, const struct iam_principal *p, const struct target *t,
	const char *user, struct iam_context *context, struct iam_request *r)
{
	int e;

	copy_context(context, &c->stated);
	e = request_set(r, p, c->action, t->arn, t->account, context);
	if (e == 0 && r->eic && c->opt.resource_policy)
		return err(ERR_USAGE, "instances and endpoints have no resource-based policy");
	for (size_t i = 0; e == 0 && i < t->n; i++)
		e = set_tag(c, context, false, t->tags[i]);
	/* the serial console and a tunnel know no OS user */
	if (e == 0 && user && (r->eic == EIC_PUSH || r->eic == EIC_NONE))
		e = ask_set(context, STR("ec2:osuser"), str_of(user));
	if (r->region.n == 0 && c->opt.region)
		r->region = str_of(c->opt.region);
	r->through_endpoint = c->opt.endpoint_policy != NULL;
	if (e == 0 && !c->opt.exact)
		e = request_derive(r, c->now, &c->arena);
	return e;
}
