/* accounts.c - --what-principals: who of an account may push, as whom, on which instance
 *
 * Reads what `aws iam get-account-authorization-details` prints: users, groups, roles and policies.
 */
#include <string.h>

#include "check.h"

struct account {
	struct check *c;
	struct json root;
	const char *file;
	size_t base;        /* layers of the command line */
	const char *absent; /* a policy that is attached and stands not in the file */
	struct buf *out;
	struct json_out json;
	bool undetermined;
};

static struct iam_context context;

/* ---- the policies of a principal ---- */

static int text_of(
	struct account *a, const char *before, struct json v, const char *after, const char **out)
{
	size_t room = strlen(before) + json_raw(v).n + strlen(after) + 1;
	char *p = arena_take(&a->c->arena, room);
	struct buf b;

	if (!p)
		return err(ERR_LIMIT, "no memory is left");
	b = buf_of(p, room);
	buf_puts(&b, before);
	if (json_text(v, &b) < 0)
		return err(ERR_FORMAT, "%s: a name or ARN is missing", a->file);
	buf_puts(&b, after);
	*out = p;
	return 0;
}

static int add_document(struct account *a, enum iam_kind kind, struct json name,
	struct json document, const struct iam_policy **list)
{
	struct iam_policy *p = arena_take(&a->c->arena, sizeof(*p));
	const char *source;
	int e = text_of(a, "", name, "", &source);

	if (!p)
		return err(ERR_LIMIT, "no memory is left");
	if (e == 0)
		e = policy_read_json(p, kind, source, document, &a->c->arena, 0);
	if (e < 0)
		return err_in(e, "%s", a->file);
	p->next = *list;
	*list = p;
	return 0;
}

static bool same(struct json a, struct json b)
{
	return json_type(a) == JSON_STRING && json_type(b) == JSON_STRING &&
		str_eq(json_raw(a), json_raw(b));
}

/* The element of a list whose member is equal to value. */
static struct json find_in(struct json list, const char *member, struct json value)
{
	for (struct json i = json_first(list); json_type(i); i = json_next(list, i))
		if (same(json_get(i, member), value))
			return i;
	return (struct json){ 0 };
}

static struct json default_version(struct json policy)
{
	struct json list = json_get(policy, "PolicyVersionList");
	bool yes;

	for (struct json i = json_first(list); json_type(i); i = json_next(list, i))
		if (json_bool(json_get(i, "IsDefaultVersion"), &yes) && yes)
			return json_get(i, "Document");
	return (struct json){ 0 };
}

static int add_managed(
	struct account *a, enum iam_kind kind, struct json arn, const struct iam_policy **list)
{
	struct json document = default_version(find_in(json_get(a->root, "Policies"), "Arn", arn));

	if (!json_type(document))
		return text_of(a, "", arn, "", &a->absent);
	return add_document(a, kind, arn, document, list);
}

static int add_policies(
	struct account *a, struct json who, const char *inline_list, const struct iam_policy **list)
{
	struct json all = json_get(who, inline_list);
	int e = 0;

	for (struct json i = json_first(all); e == 0 && json_type(i); i = json_next(all, i))
		e = add_document(a, IAM_IDENTITY, json_get(i, "PolicyName"),
			json_get(i, "PolicyDocument"), list);
	all = json_get(who, "AttachedManagedPolicies");
	for (struct json i = json_first(all); e == 0 && json_type(i); i = json_next(all, i))
		e = add_managed(a, IAM_IDENTITY, json_get(i, "PolicyArn"), list);
	return e;
}

static int add_groups(struct account *a, struct json user, const struct iam_policy **list)
{
	struct json names = json_get(user, "GroupList");
	int e = 0;

	for (struct json i = json_first(names); e == 0 && json_type(i); i = json_next(names, i)) {
		struct json group = find_in(json_get(a->root, "GroupDetailList"), "GroupName", i);

		if (!json_type(group))
			return err(ERR_FORMAT, "%s: there is no group %.*s", a->file,
				STR_ARG(json_raw(i)));
		e = add_policies(a, group, "GroupPolicyList", list);
	}
	return e;
}

static int add_layers(struct account *a, struct json who, const char *inline_list)
{
	const struct iam_policy *identity = NULL, *boundary = NULL;
	struct json limit = json_get(who, "PermissionsBoundary");
	int e = add_policies(a, who, inline_list, &identity);

	if (e == 0)
		e = add_groups(a, who, &identity);
	if (e == 0)
		e = load_add_layer(a->c, IAM_IDENTITY, NULL, identity);
	if (e == 0 && json_type(limit)) {
		e = add_managed(
			a, IAM_BOUNDARY, json_get(limit, "PermissionsBoundaryArn"), &boundary);
		if (e == 0)
			e = load_add_layer(a->c, IAM_BOUNDARY, NULL, boundary);
	}
	return e;
}

static int add_tags(struct account *a, struct json who)
{
	struct json tags = json_get(who, "Tags");
	int e = 0;

	for (struct json i = json_first(tags); e == 0 && json_type(i); i = json_next(tags, i)) {
		const char *key, *value;

		e = text_of(a, "aws:PrincipalTag/", json_get(i, "Key"), "", &key);
		if (e == 0)
			e = text_of(a, "", json_get(i, "Value"), "", &value);
		if (e == 0)
			e = ask_set(&a->c->stated, str_of(key), str_of(value));
	}
	return e;
}

/* ---- the answers ---- */

/* The names that came out one way, or "-". */
struct verdicts {
	struct buf allowed, unknown;
};

static int ask_one(struct account *a, const struct iam_principal *p, const struct target *t,
	const struct user *u, struct verdicts *v)
{
	struct iam_request r;
	struct iam_answer answer;
	struct buf *b;
	char name[512];
	int e;

	if (!str_copy(name, sizeof(name), u->value))
		return err(ERR_USAGE, "an OS user of more than %zu bytes", sizeof(name) - 1);
	e = ask_request(a->c, p, t, name, &context, &r);
	if (e < 0)
		return e;
	iam_eval(&answer, &r, a->c->layer, a->c->layers);
	b = answer.undetermined || (a->absent && answer.decision != IAM_EXPLICIT_DENY) ? &v->unknown
		: answer.decision == IAM_ALLOWED                                       ? &v->allowed
										       : NULL;
	if (b)
		buf_addf(b, b->len ? ", %.*s" : "%.*s", STR_ARG(u->name));
	return 0;
}

static void add_text_row(struct account *a, const struct iam_principal *p, const struct target *t,
	const struct verdicts *v)
{
	buf_addf(a->out, "%.*s  %s  ", STR_ARG(p->arn), t->name);
	if (v->allowed.len > 0)
		buf_addf(a->out, "may push as %s", buf_text(&v->allowed));
	if (v->unknown.len > 0)
		buf_addf(a->out, "%sundetermined: %s", v->allowed.len ? "; " : "",
			buf_text(&v->unknown));
	if (v->allowed.len + v->unknown.len == 0)
		buf_puts(a->out, "may not push");
	if (a->absent)
		buf_addf(a->out, " (policy %s is not in %s)", a->absent, a->file);
	buf_putc(a->out, '\n');
}

static void add_json_row(struct account *a, const struct iam_principal *p, const struct target *t,
	const struct verdicts *v)
{
	struct json_out *o = &a->json;

	json_open(o, '{');
	json_name(o, "principal");
	json_add_str(o, p->arn);
	json_member(o, "resource", t->name);
	json_member(o, "allowed", buf_text(&v->allowed));
	json_member(o, "undetermined", buf_text(&v->unknown));
	if (a->absent)
		json_member(o, "absentPolicy", a->absent);
	json_close(o, '}');
}

static int ask_target(struct account *a, const struct iam_principal *p, const struct target *t)
{
	char storage[2][8192];
	struct verdicts v = { buf_of(storage[0], sizeof(storage[0])),
		buf_of(storage[1], sizeof(storage[1])) };
	struct user users[CHECK_USERS];
	size_t n = 0;
	int e = users_list(a->c, p, t, 1, users, &n);

	for (size_t i = 0; e == 0 && i < n; i++)
		e = ask_one(a, p, t, &users[i], &v);
	if (e < 0)
		return e;
	a->undetermined = a->undetermined || v.unknown.len > 0;
	if (a->c->json)
		add_json_row(a, p, t, &v);
	else
		add_text_row(a, p, t, &v);
	return 0;
}

/* An instance of the principal's own account, where none was named. */
static int place_targets(
	struct account *a, const struct iam_principal *p, struct target *t, const struct target *of)
{
	const char *account = a->c->opt.account;

	*t = *of;
	if (of->arn.n > 0)
		return 0;
	return ask_arn(a->c, str_of(of->name), a->c->opt.region,
		account ? str_of(account) : p->account, &t->arn);
}

static int ask_for(struct account *a, struct json who, const char *inline_list)
{
	static struct iam_context saved;
	struct check *c = a->c;
	struct iam_principal p;
	struct target t;
	const char *arn;
	size_t mark = c->arena.used;
	int e = text_of(a, "", json_get(who, "Arn"), "", &arn);

	saved = c->stated;
	c->stated.rank = 2; /* what the file says of the principal counts */
	c->layers = a->base;
	a->absent = NULL;
	if (e == 0)
		e = principal_read(&p, str_of(arn));
	if (e == 0)
		e = add_layers(a, who, inline_list);
	if (e == 0)
		e = add_tags(a, who);
	/* a session can bring more than its role has */
	c->stated.all_tags = p.who == IAM_USER;
	for (size_t i = 0; e == 0 && i < c->targets; i++) {
		e = place_targets(a, &p, &t, &c->target[i]);
		if (e == 0)
			e = ask_target(a, &p, &t);
	}
	c->stated = saved;
	c->arena.used = mark;
	return e;
}

static int ask_list(struct account *a, const char *list, const char *inline_list)
{
	struct json all = json_get(a->root, list);
	int e = 0;

	for (struct json i = json_first(all); e == 0 && json_type(i); i = json_next(all, i))
		e = ask_for(a, i, inline_list);
	return e;
}

static int ask_all(struct account *a)
{
	struct json_doc doc;
	struct str text;
	bool more;
	int e = load_text(a->c, a->file, &text);

	if (e == 0)
		e = policy_json(&doc, a->file, text, &a->c->arena);
	if (e < 0)
		return e;
	a->root = json_root(&doc);
	if (!json_type(json_get(a->root, "UserDetailList")) &&
		!json_type(json_get(a->root, "RoleDetailList")))
		return err(ERR_FORMAT,
			"%s: not what 'aws iam get-account-authorization-details' prints", a->file);
	if (json_type(json_get(a->root, "NextToken")) == JSON_STRING ||
		(json_bool(json_get(a->root, "IsTruncated"), &more) && more))
		return err(ERR_FORMAT, "%s: is only a part of what there is", a->file);
	if (a->c->json)
		json_open(&a->json, '[');
	e = ask_list(a, "UserDetailList", "UserPolicyList");
	if (e == 0)
		e = ask_list(a, "RoleDetailList", "RolePolicyList");
	if (a->c->json) {
		json_close(&a->json, ']');
		buf_putc(a->out, '\n');
	}
	return e;
}

int accounts_run(struct check *c)
{
	struct buf out = check_output();
	struct account a = { .c = c,
		.file = c->opt.accounts,
		.base = c->layers,
		.out = &out,
		.json = json_out(&out, 2) };
	int e;

	if (c->targets == 0)
		return applet_usage(CHECK, "--what-principals needs --instance or --resource");
	e = ask_all(&a);
	if (e == 0)
		e = buf_check(&out, "the table");
	if (e < 0)
		return e == ERR_FORMAT ? (applet_fail(CHECK, e), EXIT_USAGE)
				       : applet_fail(CHECK, e);
	return applet_print(CHECK, buf_view(&out)) ? EXIT_FAILED
		: a.undetermined                   ? EXIT_UNDETERMINED
						   : EXIT_DONE;
}
