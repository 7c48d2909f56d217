/* users.c - --what-users: as whom may the principal log in, on which instance */
#include <string.h>

#include "check.h"
#include "eic/limits.h"
#include "iam/users.h"

/* ---- who is worth asking about ---- */

static int list_given(const char *list, struct user *out, size_t *n)
{
	struct str rest = str_of(list), name = { 0 };

	for (*n = 0; *n < CHECK_USERS && str_cut(&rest, ',', &name) && name.n > 0; ++*n)
		out[*n] = (struct user){ .name = name, .value = name };
	if (*n == 0 || name.n == 0 || rest.n > 0)
		return err(ERR_USAGE,
			"--users '%s' is not a list of names with commas between them", list);
	return 0;
}

static struct iam_users listed;

void users_json(struct json_out *o, const struct user *u)
{
	json_open(o, '[');
	for (size_t i = 0; u->kind == USER_PATTERN && i < listed.n; i++)
		if (u->matches >> i & 1)
			json_add_str(o, listed.raw[i]);
	json_close(o, ']');
}

/* "anyone like PATTERN and PATTERN" stands for names that nobody wrote down. */
static int add_name(struct check *c, const struct iam_user *of, struct user *out)
{
	BUF(b, 1024);
	char *p;

	*out = (struct user){ of->text, of->text, USER_NAME, of->matches };
	if (of->named)
		return 0;
	out->kind = of->anyone ? USER_ELSE : USER_PATTERN;
	buf_puts(&b, of->anyone ? "anyone else" : "anyone like");
	for (size_t i = 0, n = 0; !of->anyone && i < listed.n; i++)
		if (of->matches >> i & 1)
			buf_addf(&b, n++ ? " and %.*s" : " %.*s", STR_ARG(listed.raw[i]));
	p = arena_take(&c->arena, b.len + 1);
	if (!p)
		return err(ERR_LIMIT, "no memory is left");
	memcpy(p, b.p, b.len);
	out->name = (struct str){ p, b.len };
	return 0;
}

int users_list(struct check *c, const struct iam_principal *p, const struct target *t, size_t n,
	struct user *out, size_t *count)
{
	static struct iam_context context;
	struct iam_user found[CHECK_USERS];
	struct iam_request r;
	int e;

	if (c->opt.users)
		return list_given(c->opt.users, out, count);
	listed.n = 0;
	e = iam_users_add(&listed, NULL, &context, &c->arena); /* root, whoever else there is */
	for (size_t i = 0; e == 0 && i < n; i++) {
		e = ask_request(c, p, &t[i], NULL, &context, &r);
		for (size_t k = 0; e == 0 && k < c->layers; k++)
			e = iam_users_add(&listed, c->layer[k].policies, &context, &c->arena);
	}
	*count = 0;
	if (e == 0)
		e = iam_users_find(&listed, eic_api_user_ok, found, CHECK_USERS, &c->arena);
	for (int i = 0; i < e; i++)
		if (add_name(c, &found[i], &out[(*count)++]) < 0)
			return ERR_LIMIT;
	if (e == ERR_LIMIT)
		return err_in(e, "ask about some of them with --users");
	return e < 0 ? e : 0;
}

/* ---- the table ---- */

static const char *cell(const struct iam_answer *a)
{
	return a->undetermined ? "undetermined" : report_decision(a->decision);
}

static size_t width_of(struct str s)
{
	return s.n > 14 ? s.n : 14;
}

static void pad(struct buf *out, size_t from, size_t width)
{
	do
		buf_putc(out, ' ');
	while (out->len < from + width);
}

struct run {
	struct check *c;
	struct buf *out;
	struct json_out json;
	struct keys missing;
	bool undetermined;
};

static void add_json(
	struct run *run, const struct target *t, const struct user *u, const struct iam_answer *a)
{
	static const char *const kinds[] = { "name", "pattern", "anyoneElse" };
	struct json_out *o = &run->json;

	json_open(o, '{');
	json_member(o, "resource", t->name);
	json_name(o, "user");
	json_add_str(o, u->name);
	json_member(o, "kind", kinds[u->kind]);
	json_name(o, "patterns");
	users_json(o, u);
	json_name(o, "askedAs");
	json_add_str(o, u->value);
	json_member(o, "decision", report_decision(a->decision));
	json_name(o, "undetermined");
	json_add_bool(o, a->undetermined);
	json_close(o, '}');
}

static void add_line(struct run *run, const struct user *u, const struct iam_answer *a)
{
	size_t from = run->out->len;

	buf_str(run->out, u->name);
	pad(run->out, from, 24);
	buf_puts(run->out, cell(a));
	pad(run->out, from, 38);
	if (!a->undetermined && a->statement)
		report_statement(run->out, a->statement);
	else if (!a->undetermined)
		buf_addf(run->out, "no %s allows it", iam_kind_words(a->kind));
	buf_putc(run->out, '\n');
}

static int ask_user(struct run *run, const struct target *t, const struct user *u, bool table)
{
	static struct iam_context context;
	struct iam_request r;
	struct iam_answer a;
	char name[512];
	size_t from = run->out->len;
	int e;

	if (!str_copy(name, sizeof(name), u->value))
		return err(ERR_USAGE, "an OS user of more than %zu bytes", sizeof(name) - 1);
	e = ask_request(run->c, &run->c->principal, t, name, &context, &r);
	if (e < 0)
		return e;
	iam_eval(&a, &r, run->c->layer, run->c->layers);
	run->undetermined = run->undetermined || a.undetermined;
	if (a.undetermined)
		report_missing(run->c, &r, &run->missing, true);
	if (run->c->json) {
		add_json(run, t, u, &a);
	} else if (table) {
		buf_puts(run->out, cell(&a));
		pad(run->out, from, width_of(u->name) + 2);
	} else {
		add_line(run, u, &a);
	}
	return 0;
}

static int ask_target(struct run *run, const struct target *t, const struct user *users, size_t n)
{
	bool table = run->c->targets > 1;
	size_t from = run->out->len;
	int e = 0;

	if (table && !run->c->json) {
		buf_puts(run->out, t->name);
		pad(run->out, from, 24);
	}
	for (size_t i = 0; e == 0 && i < n; i++)
		e = ask_user(run, t, &users[i], table);
	if (table && !run->c->json)
		buf_putc(run->out, '\n');
	return e;
}

static void add_head(struct run *run, const struct user *users, size_t n)
{
	if (run->c->targets < 2 || run->c->json)
		return;
	pad(run->out, run->out->len, 24);
	for (size_t i = 0; i < n; i++) {
		size_t from = run->out->len;

		buf_str(run->out, users[i].name);
		pad(run->out, from, width_of(users[i].name) + 2);
	}
	buf_putc(run->out, '\n');
}

static void add_foot(struct run *run)
{
	if (run->missing.n == 0 || run->c->json)
		return;
	buf_puts(run->out, "undetermined: depends on what was not stated: ");
	report_keys(run->out, &run->missing);
	buf_putc(run->out, '\n');
}

static int run_table(struct run *run)
{
	struct check *c = run->c;
	struct user users[CHECK_USERS];
	size_t n = 0;
	int e = users_list(c, &c->principal, c->target, c->targets, users, &n);

	if (run->c->json)
		json_open(&run->json, '[');
	if (e == 0)
		add_head(run, users, n);
	for (size_t i = 0; e == 0 && i < run->c->targets; i++)
		e = ask_target(run, &run->c->target[i], users, n);
	if (run->c->json) {
		json_close(&run->json, ']');
		buf_putc(run->out, '\n');
	}
	add_foot(run);
	return e;
}

int users_run(struct check *c)
{
	struct buf out = check_output();
	static struct run run;
	int e;

	run = (struct run){ .c = c, .out = &out, .json = json_out(&out, 2) };
	if (c->targets == 0 || !c->opt.principal)
		return applet_usage(
			CHECK, "--what-users needs --principal, and --instance or --resource");
	e = run_table(&run);
	return check_end(&out, e, run.undetermined ? EXIT_UNDETERMINED : EXIT_DONE);
}
