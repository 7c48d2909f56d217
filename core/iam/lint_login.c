/* lint_login.c - who could log in, where, and through which tunnels, by evaluation
 *
 * Each Allow is asked about alone, beside all Denies: is the dangerous request allowed for some
 * value of what it leaves open? What stands for "any" are names, instances, ports and addresses
 * that nobody would write down.
 */
#include <string.h>

#include "iam/condition.h"
#include "iam/lint_parts.h"
#include "iam/users.h"

#define PLACE "arn:aws:ec2:us-east-1:111122223333:"

struct asking {
	const struct lint *lint;
	const struct iam_statement *s;
	struct iam_layer layer;
	struct iam_principal principal;
	struct iam_context context;
	struct iam_user users[2 * WITNESS_PATTERNS];
	size_t n_users;
	struct arena *arena;
};

/* ---- one request ---- */

/* What the service does not send, and tags and properties that some instance has and another has
 * not. */
static int drop_keys(struct asking *q, const struct iam_statement *s)
{
	int e = 0;

	for (const struct iam_condition *c = s->conditions; e == 0 && c; c = c->next)
		if (lint_is_unknown_key(s, c->key) ||
			(lint_has_prefix(c->key, "ec2:") &&
				!context_same_key(c->key, STR("ec2:osuser"))) ||
			lint_has_prefix(c->key, "aws:ResourceTag/"))
			e = context_derive_absent(&q->context, c->key);
	return e;
}

static bool is_condition_key(const struct asking *q, struct str key)
{
	for (const struct iam_policy *p = q->layer.policies; p; p = p->next)
		for (size_t i = 0; i < p->n; i++)
			for (const struct iam_condition *c = p->statements[i].conditions; c;
				c = c->next)
				if (context_same_key(c->key, key))
					return true;
	return false;
}

/* "ec2:osuser": "${aws:username}" is a guard: whoever asks gets his own user, and that is nobody
 * else's. */
static int set_variables(struct asking *q, struct str form)
{
	struct str part, key;
	int e = 0;

	while (e == 0 && str_has(form, MATCH_VAR)) {
		(void)str_cut(&form, MATCH_VAR, &part);
		if (str_cut(&form, MATCH_END, &part) && str_cut(&part, MATCH_DEFAULT, &key) &&
			!is_condition_key(q, key))
			e = context_derive(&q->context, key, STR("nobody.else"));
	}
	return e;
}

static int set_guards(struct asking *q, const struct iam_condition *c)
{
	int e = 0;

	for (size_t i = 0; e == 0 && i < c->values.n; i++)
		if (c->values.v[i].variables && context_same_key(c->key, STR("ec2:osuser")))
			e = set_variables(q, c->values.v[i].form);
	return e;
}

/* any: of any instance, so that what a particular one has counts as absent, too */
static int set_context(struct asking *q, bool any)
{
	int e = 0;

	q->context.n = 0;
	for (const struct iam_policy *p = q->layer.policies; p; p = p->next)
		for (size_t i = 0; e == 0 && i < p->n; i++) {
			const struct iam_statement *s = &p->statements[i];

			if (any)
				e = drop_keys(q, s);
			for (const struct iam_condition *c = s->conditions; e == 0 && c;
				c = c->next)
				e = lint_is_unknown_key(s, c->key)
					? context_derive_absent(&q->context, c->key)
					: set_guards(q, c);
		}
	return e;
}

/* Whether the Allow, beside all Denies, can allow it. */
static bool may(struct asking *q, const char *action, struct str resource, bool any,
	const char *key, struct str value)
{
	static struct iam_answer a;
	struct iam_request r;

	/* somebody of the same place */
	q->principal.account = arn_split(resource).part[ARN_ACCOUNT];
	q->principal.partition = arn_split(resource).part[ARN_PARTITION];
	if (set_context(q, any) < 0 ||
		request_set(&r, &q->principal, str_of(action), resource, (struct str){ 0 },
			&q->context) < 0 ||
		request_fix_service(&r) < 0 ||
		(key && context_set(&q->context, str_of(key), value) < 0))
		return false;
	r.only = q->s;
	r.room = q->arena;
	if (any && statement_has_resource(q->s, &r) != TRUTH_YES)
		return false;
	iam_eval(&a, &r, &q->layer, 1);
	return (a.possible & 1u << IAM_ALLOWED) != 0;
}

/* ---- an instance or endpoint that a pattern reaches ---- */

/* One part of an ARN that the pattern matches: the usual one if it does, else the pattern with its
 * wildcards filled; accounts have 12 digits, and ids at least 8. */
static void add_part(struct buf *b, struct str form, struct str usual, unsigned part)
{
	size_t end = b->len + 12;

	if (!form.p || match_has_variables(form) || match_wild(form, usual)) {
		buf_str(b, usual);
		return;
	}
	for (size_t i = 0; i < form.n; i++) {
		if (form.p[i] == MATCH_ANY && part == ARN_RESOURCE)
			buf_puts(b, "00000000");
		else if (form.p[i] != MATCH_ANY)
			buf_putc(b, form.p[i] == MATCH_ONE ? '0' : form.p[i]);
		while (form.p[i] == MATCH_ANY && part == ARN_ACCOUNT && b->len + form.n - i <= end)
			buf_putc(b, '0');
	}
}

/* The ARN of id where v reaches; v NULL: anywhere. */
static struct str make_arn(struct buf *b, const struct iam_value *v, const char *id)
{
	struct arn usual;
	BUF(text, 160);

	buf_addf(&text, PLACE "%s", id);
	usual = arn_split(buf_view(&text));
	buf_clear(b);
	for (unsigned i = 0; i < 6; i++) {
		if (i > 0)
			buf_putc(b, ':');
		if (v && v->arn)
			add_part(b, v->arn->part[i], usual.part[i], i);
		else
			buf_str(b, usual.part[i]);
	}
	return buf_view(b);
}

/* Whether ask holds for what one of the statement's resources reaches. */
static bool somewhere(struct asking *q, const char *id,
	bool (*ask)(struct asking *q, struct str resource, const void *of), const void *of)
{
	for (size_t i = 0; i < q->s->resources.n || (i == 0 && q->s->not_resource); i++) {
		BUF(b, MATCH_VALUE_MAX);

		if (ask(q, make_arn(&b, q->s->not_resource ? NULL : &q->s->resources.v[i], id), of))
			return true;
	}
	return false;
}

/* ---- what is asked ---- */

#define SOME_INSTANCE "instance/i-0123456789abcdef0"
#define SOME_ENDPOINT "instance-connect-endpoint/eice-0123456789abcdef0"

static bool may_push_as(struct asking *q, struct str resource, const void *user)
{
	return may(q, "push", resource, false, "ec2:osuser", *(const struct str *)user);
}

static void check_users(struct asking *q)
{
	static const struct str root = { "root", 4 };
	const struct iam_condition *c = q->s->conditions;

	for (size_t i = 0; i < q->n_users; i++)
		if (q->users[i].anyone &&
			somewhere(q, SOME_INSTANCE, may_push_as, &q->users[i].text)) {
			lint_found(q->lint, "osuser-unrestricted", q->s->at, q->s->sid);
			return;
		}
	while (c && !str_ieq(c->key, STR("ec2:osuser")))
		c = c->next;
	if (somewhere(q, SOME_INSTANCE, may_push_as, &root))
		lint_found(q->lint, "osuser-root-allowed", c ? c->at : q->s->at, q->s->sid);
}

static bool may_serial(struct asking *q, struct str resource, const void *of)
{
	(void)of;
	return may(q, "serial", resource, false, NULL, (struct str){ 0 });
}

static bool names_serial(const struct iam_statement *s)
{
	for (size_t i = 0; !s->not_action && i < s->actions.n; i++)
		if (str_ieq(s->actions.v[i].raw, str_of(lint_actions[EIC_SERIAL])))
			return true;
	return false;
}

static struct str about(const struct iam_statement *s)
{
	return s->not_action ? STR("NotAction") : s->actions.n > 0 ? s->actions.v[0].raw : s->sid;
}

static void check_serial(struct asking *q)
{
	if (!names_serial(q->s) && somewhere(q, SOME_INSTANCE, may_serial, NULL))
		lint_found(q->lint, "serial-console-granted", q->s->at, about(q->s));
}

static void check_reach(struct asking *q)
{
	static const char *const ids[] = { "instance/i-0f1e2d3c4b5a69788", "instance/i-9c8b7a6d",
		"instance/i-e5d4c3b2a1908f7e6", "instance/i-43a1b2c3d4e5f6071" };
	const struct iam_list *list = &q->s->resources;

	for (size_t i = 0; i < list->n || (i == 0 && q->s->not_resource); i++) {
		const struct iam_value *v = q->s->not_resource ? NULL : &list->v[i];
		bool all = true;

		for (size_t k = 0; all && k < sizeof(ids) / sizeof(ids[0]); k++) {
			BUF(b, MATCH_VALUE_MAX);
			struct str arn = make_arn(&b, v, ids[k]);

			all = str_ends(arn, ids[k]) &&
				may(q, "push", arn, true, NULL, (struct str){ 0 });
		}
		if (all)
			lint_found(q->lint, "any-instance", v ? v->at : q->s->at,
				v ? v->raw : STR("NotResource"));
	}
}

struct choice {
	const char *code, *key, *values[4];
};

static bool may_choose(struct asking *q, struct str resource, const void *of)
{
	const struct choice *c = of;

	for (size_t i = 0; i < sizeof(c->values) / sizeof(c->values[0]); i++)
		if (!may(q, "tunnel", resource, false, c->key, str_of(c->values[i])))
			return false;
	return true;
}

static void check_tunnel(struct asking *q)
{
	static const struct choice choices[] = {
		{ "tunnel-port-unrestricted", "ec2-instance-connect:remotePort",
			{ "7", "4711", "31337", "65001" } },
		{ "tunnel-address-unrestricted", "ec2-instance-connect:privateIpAddress",
			{ "10.91.7.3", "172.23.45.67", "192.168.211.5", "100.70.9.8" } },
	};

	for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++)
		if (somewhere(q, SOME_ENDPOINT, may_choose, &choices[i]))
			lint_found(q->lint, choices[i].code, q->s->at, about(q->s));
}

/* ---- all statements ---- */

static void check_statement(struct asking *q)
{
	unsigned bits = q->s->deny ? 0 : lint_covered(q->s);

	if (bits & 1u << EIC_PUSH) {
		check_users(q);
		check_reach(q);
	}
	if (bits & 1u << EIC_SERIAL)
		check_serial(q);
	if (bits & 1u << EIC_TUNNEL)
		check_tunnel(q);
}

int lint_logins(const struct iam_policy *first, bool (*is_user)(struct str s), struct arena *a,
	lint_report *report, void *data)
{
	static struct asking q;
	static struct iam_users users;
	int n;

	q = (struct asking){ .layer = { IAM_IDENTITY, NULL, first }, .arena = a };
	users.n = 0;
	n = principal_read(&q.principal, STR("arn:aws:iam::111122223333:user/somebody"));
	if (n == 0)
		n = iam_users_add(&users, first, &q.context, a);
	if (n == 0)
		n = iam_users_find(&users, is_user, q.users, 2 * WITNESS_PATTERNS, a);
	q.n_users = n < 0 ? 0 : (size_t)n;
	for (const struct iam_policy *p = first; n >= 0 && p; p = p->next) {
		const struct lint l = { p, is_user, a, report, data };

		q.lint = &l;
		for (size_t i = 0; i < p->n; i++) {
			q.s = &p->statements[i];
			check_statement(&q);
		}
	}
	return n < 0 ? n : 0;
}
