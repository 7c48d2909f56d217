/* accounts.c - --what-principals: who of an account may push, as whom, on which instance
 *
 * Reads what `aws iam get-account-authorization-details` prints: users, groups, roles and policies.
 * The account's root user, who stands in no list, comes first. What is missing of a principal, or
 * cannot be read, makes what it may do undetermined, and does not keep the others from an answer.
 */
#include <string.h>

#include "base/io.h"
#include "check.h"

struct managed {
	struct str arn; /* as written */
	struct json policy;
};

struct account {
	struct check *c;
	struct json root;
	struct managed *managed; /* there are thousands, and each principal looks for some */
	size_t n_managed;
	const char *file;
	size_t base;         /* layers of the command line */
	struct buf problems; /* of this principal: what cannot be looked at, a line each */
	bool rooted;         /* the root user had his turn */
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
	if (e == ERR_FORMAT && p->source) {
		buf_addf(&a->problems, "policy %s\n", err_text());
		return 0;
	}
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

static int add_gap(struct account *a, const char *what, struct json name)
{
	const char *text;
	int e = text_of(a, "", name, "", &text);

	if (e == 0)
		buf_addf(&a->problems, "%s %s is not in %s\n", what, text, a->file);
	return e;
}

static int add_managed(
	struct account *a, enum iam_kind kind, struct json arn, const struct iam_policy **list)
{
	struct json document = { 0 };

	for (size_t i = 0; i < a->n_managed && !document.doc; i++)
		if (str_eq(a->managed[i].arn, json_raw(arn)))
			document = default_version(a->managed[i].policy);
	if (json_type(document))
		return add_document(a, kind, arn, document, list);
	return add_gap(a, "policy", arn);
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

		e = json_type(group) ? add_policies(a, group, "GroupPolicyList", list)
				     : add_gap(a, "group", i);
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

enum verdict { MAY_NOT, MAY, OPEN };

/* What one principal may do on one target. */
struct row {
	const struct iam_principal *p;
	const struct target *t;
	struct user user[CHECK_USERS];
	enum verdict verdict[CHECK_USERS];
	size_t n, count[OPEN + 1];
	bool gaps; /* not all of the principal's policies are known */
	struct keys missing;
};

static int ask_one(struct account *a, struct row *row, size_t i)
{
	struct iam_request r;
	struct iam_answer answer;
	char name[512];
	int e;

	if (!str_copy(name, sizeof(name), row->user[i].value))
		return err(ERR_USAGE, "an OS user of more than %zu bytes", sizeof(name) - 1);
	e = ask_request(a->c, row->p, row->t, name, &context, &r);
	if (e < 0)
		return e;
	iam_eval(&answer, &r, a->c->layer, a->c->layers);
	if (answer.undetermined)
		report_missing(a->c, &r, &row->missing, true);
	row->verdict[i] = answer.undetermined || (row->gaps && answer.decision != IAM_EXPLICIT_DENY)
		? OPEN
		: answer.decision == IAM_ALLOWED ? MAY
						 : MAY_NOT;
	row->count[row->verdict[i]]++;
	return 0;
}

static void add_names(struct account *a, const struct row *row, enum verdict of, const char *words)
{
	bool any = false;

	for (size_t i = 0; i < row->n; i++)
		if (row->verdict[i] == of) {
			buf_addf(a->out, "%s%.*s", any ? ", " : words, STR_ARG(row->user[i].name));
			any = true;
		}
}

static void add_text_row(struct account *a, const struct row *row)
{
	struct str rest = buf_view(&a->problems), line;

	buf_addf(a->out, "%.*s  %s  ", STR_ARG(row->p->arn), row->t->name);
	add_names(a, row, MAY, "may push as ");
	add_names(a, row, OPEN, row->count[MAY] ? "; undetermined: " : "undetermined: ");
	if (row->count[MAY] + row->count[OPEN] == 0)
		buf_puts(a->out, "may not push");
	if (row->missing.n > 0) {
		buf_puts(a->out, " (not stated: ");
		report_keys(a->out, &row->missing);
		buf_putc(a->out, ')');
	}
	while (rest.n > 0 && str_take_line(&rest, &line))
		buf_addf(a->out, " (%.*s)", STR_ARG(line));
	buf_putc(a->out, '\n');
}

static void add_json_users(struct json_out *o, const struct row *row, enum verdict of)
{
	bool others = false;

	json_open(o, '{');
	json_name(o, "users");
	json_open(o, '[');
	for (size_t i = 0; i < row->n; i++)
		if (row->verdict[i] == of && row->user[i].kind == USER_NAME)
			json_add_str(o, row->user[i].value);
	json_close(o, ']');
	json_name(o, "patterns");
	json_open(o, '[');
	for (size_t i = 0; i < row->n; i++) {
		if (row->verdict[i] == of && row->user[i].kind == USER_PATTERN)
			users_json(o, &row->user[i]);
		others = others || (row->verdict[i] == of && row->user[i].kind == USER_ELSE);
	}
	json_close(o, ']');
	json_name(o, "anyoneElse");
	json_add_bool(o, others);
	json_close(o, '}');
}

static void add_json_row(struct account *a, const struct row *row)
{
	struct json_out *o = &a->json;
	struct str rest = buf_view(&a->problems), line;

	json_open(o, '{');
	json_name(o, "principal");
	json_add_str(o, row->p->arn);
	json_member(o, "resource", row->t->name);
	json_name(o, "allowed");
	add_json_users(o, row, MAY);
	json_name(o, "undetermined");
	add_json_users(o, row, OPEN);
	report_keys_json(o, &row->missing);
	json_name(o, "problems");
	json_open(o, '[');
	while (rest.n > 0 && str_take_line(&rest, &line))
		json_add_str(o, line);
	json_close(o, ']');
	json_close(o, '}');
}

/* What stands in the buffer is printed as soon as it is much. */
static int flush(struct account *a)
{
	int e = buf_check(a->out, "an answer");

	if (e < 0 || a->out->len < CHECK_OUTPUT / 2)
		return e;
	if (io_write(1, a->out->p, a->out->len) < 0)
		return err_in(ERR_SYSTEM, "standard output");
	buf_clear(a->out);
	return 0;
}

/* Where there are too many to ask about all of them, it is root alone, and the rest stays open. */
static int list_users(struct account *a, struct row *row)
{
	static const struct user all[] = { { .name = { "root", 4 }, .value = { "root", 4 } },
		{ .name = { "anyone else", 11 }, .kind = USER_ELSE } };
	int e = users_list(a->c, row->p, row->t, 1, row->user, &row->n);

	if (e != ERR_LIMIT)
		return e;
	buf_addf(&a->problems, "%s\n", err_text());
	memcpy(row->user, all, sizeof(all));
	row->verdict[1] = OPEN;
	row->count[OPEN] = 1;
	row->n = 2;
	return 0;
}

static int ask_target(struct account *a, const struct iam_principal *p, const struct target *t)
{
	static struct row row;
	size_t problems = a->problems.len;
	int e;

	row = (struct row){ .p = p, .t = t, .gaps = problems > 0 };
	e = list_users(a, &row);
	for (size_t i = 0; e == 0 && i < row.n; i++)
		e = row.verdict[i] == OPEN ? 0 : ask_one(a, &row, i);
	if (e < 0)
		return e;
	a->undetermined = a->undetermined || row.count[OPEN] > 0;
	(a->c->json ? add_json_row : add_text_row)(a, &row);
	a->problems.len = problems;
	return flush(a);
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

static int ask_targets_of(struct account *a, const struct iam_principal *p)
{
	struct target t;
	int e = 0;

	for (size_t i = 0; e == 0 && i < a->c->targets; i++) {
		e = place_targets(a, p, &t, &a->c->target[i]);
		if (e == 0)
			e = ask_target(a, p, &t);
	}
	return e;
}

/* The root user of the account: only service control policies limit him. */
static int ask_root(struct account *a, const struct iam_principal *of)
{
	struct iam_principal p = { .who = IAM_ROOT,
		.account = of->account,
		.partition = of->partition,
		.name = STR("root") };
	BUF(arn, 128);

	if (a->rooted)
		return 0;
	a->rooted = true;
	buf_addf(&arn, "arn:%.*s:iam::%.*s:root", STR_ARG(p.partition), STR_ARG(p.account));
	p.arn = buf_view(&arn);
	a->c->stated.all_tags = true;
	return ask_targets_of(a, &p);
}

static int ask_for(struct account *a, struct json who, const char *inline_list)
{
	static struct iam_context saved;
	struct check *c = a->c;
	struct iam_principal p;
	const char *arn;
	size_t mark = c->arena.used;
	int e = text_of(a, "", json_get(who, "Arn"), "", &arn);

	saved = c->stated;
	c->stated.rank = 2; /* what the file says of the principal counts */
	c->layers = a->base;
	buf_clear(&a->problems);
	if (e == 0)
		e = principal_read(&p, str_of(arn));
	if (e == 0)
		e = ask_root(a, &p);
	if (e == 0)
		e = add_layers(a, who, inline_list);
	if (e == 0)
		e = add_tags(a, who);
	/* a session can bring more than its role has */
	c->stated.all_tags = p.who == IAM_USER;
	if (e == 0)
		e = ask_targets_of(a, &p);
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

static int list_managed(struct account *a)
{
	struct json all = json_get(a->root, "Policies");

	a->managed = arena_take(&a->c->arena, json_count(all) * sizeof(*a->managed));
	if (!a->managed)
		return err(ERR_LIMIT, "no memory is left");
	for (struct json i = json_first(all); json_type(i); i = json_next(all, i))
		a->managed[a->n_managed++] = (struct managed){ json_raw(json_get(i, "Arn")), i };
	return 0;
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
	e = list_managed(a);
	if (e == 0)
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
	static char problems[16384];
	struct buf out = check_output();
	struct account a = { .c = c,
		.problems = buf_of(problems, sizeof(problems)),
		.file = c->opt.accounts,
		.base = c->layers,
		.out = &out,
		.json = json_out(&out, 2) };
	int e;

	if (c->targets == 0)
		return applet_usage(CHECK, "--what-principals needs --instance or --resource");
	e = ask_all(&a);
	return check_end(&out, e, a.undetermined ? EXIT_UNDETERMINED : EXIT_DONE);
}
