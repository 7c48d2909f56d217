/* users.c - --what-users: as whom may the principal log in, on which instance */
#include <string.h>

#include "check.h"

#define OSUSER "ec2:osuser"

/* ---- who is worth asking about ---- */

struct finder {
	struct check *c;
	struct iam_context *context;
	struct user *users;
	size_t n;
	int e;
};

static void add_user(struct finder *f, struct str name, struct str value)
{
	for (size_t i = 0; i < f->n; i++)
		if (str_eq(f->users[i].value, value))
			return;
	if (f->n == CHECK_USERS)
		f->e = err(ERR_LIMIT, "more than %d OS users; name those of interest with --users",
			CHECK_USERS);
	else
		f->users[f->n++] = (struct user){ name, value };
}

/* A name that the pattern matches: each * a run that stands nowhere else, each ? a letter. */
static int make_witness(struct check *c, struct str form, struct str *out)
{
	static const char run[] = "qx7";
	char *p = arena_take(&c->arena, form.n * 3 + 1);
	struct buf b;

	if (!p)
		return err(ERR_LIMIT, "no memory is left");
	b = buf_of(p, form.n * 3 + 1);
	for (size_t i = 0; i < form.n; i++) {
		if (form.p[i] == MATCH_ANY)
			buf_puts(&b, run);
		else
			buf_putc(&b, form.p[i] == MATCH_ONE ? 'q' : form.p[i]);
	}
	*out = buf_view(&b);
	return 0;
}

static void add_value(struct finder *f, const struct iam_value *v)
{
	struct str witness;
	BUF(b, 256);
	char *p;

	if (!v->form.p || condition_expand(&b, v->form, f->context) != TRUTH_YES || b.len == 0)
		return;
	if (!str_has(buf_view(&b), MATCH_ANY) && !str_has(buf_view(&b), MATCH_ONE)) {
		p = arena_take(&f->c->arena, b.len + 1);
		if (p && str_copy(p, b.len + 1, buf_view(&b)))
			add_user(f, str_of(p), str_of(p));
		return;
	}
	if (str_is(v->raw, "*"))
		return;
	f->e = make_witness(f->c, buf_view(&b), &witness);
	if (f->e == 0)
		add_user(f, v->raw, witness);
}

static void each_value(const struct iam_layer *layers, size_t n,
	void (*one)(struct finder *f, const struct iam_value *v), struct finder *f)
{
	for (size_t i = 0; i < n; i++)
		for (const struct iam_policy *p = layers[i].policies; p; p = p->next)
			for (size_t s = 0; s < p->n; s++)
				for (const struct iam_condition *c = p->statements[s].conditions; c;
					c = c->next)
					for (size_t v = 0; v < c->values.n && f->e == 0 &&
						str_ieq(c->key, STR(OSUSER));
						v++)
						one(f, &c->values.v[v]);
}

/* ---- anyone else ---- */

static void count_match(struct finder *f, const struct iam_value *v)
{
	struct str name = f->users->value;
	BUF(b, 256);

	if (v->form.p && condition_expand(&b, v->form, f->context) == TRUTH_YES &&
		match_wild(buf_view(&b), name))
		f->n++;
}

/* A name that as few patterns as possible match: what holds for it holds for everybody whom no
 * policy names. */
static struct str find_stranger(
	struct check *c, const struct iam_layer *layers, size_t n, struct iam_context *context)
{
	static const char *const names[] = { "qz7", "zq9w", "k0v-x8y", "jq_3vb9zk", "wx.q5",
		"_yq6zv-8k", "vq4jx0zk7w", "yk2" };
	struct user user;
	size_t least = SIZE_MAX, best = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct finder f = { c, context, &user, 0, 0 };

		user.value = str_of(names[i]);
		each_value(layers, n, count_match, &f);
		if (f.n < least) {
			least = f.n;
			best = i;
		}
	}
	return str_of(names[best]);
}

static int list_given(struct finder *f, const char *list)
{
	struct str rest = str_of(list), name;

	while (f->e == 0 && str_cut(&rest, ',', &name)) {
		char *p = arena_take(&f->c->arena, name.n + 1);

		if (!p || name.n == 0 || !str_copy(p, name.n + 1, name))
			return err(ERR_USAGE,
				"--users '%s' is not a list of names with commas between them",
				list);
		add_user(f, str_of(p), str_of(p));
	}
	return f->e;
}

int users_list(struct check *c, const struct iam_layer *layers, size_t n,
	struct iam_context *context, struct user *out, size_t *count)
{
	struct finder f = { c, context, out, 0, 0 };

	if (c->opt.users) {
		f.e = list_given(&f, c->opt.users);
	} else {
		add_user(&f, STR("root"), STR("root"));
		each_value(layers, n, add_value, &f);
		add_user(&f, STR("anyone else"), find_stranger(c, layers, n, context));
	}
	*count = f.n;
	return f.e;
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
	while (out->len < from + width)
		buf_putc(out, ' ');
}

struct run {
	struct check *c;
	struct buf *out;
	struct json_out json;
	struct str missing[64];
	size_t n_missing;
	bool undetermined;
};

static void note_missing(struct run *run, const struct iam_answer *a, const struct iam_request *r)
{
	struct str keys[64];
	size_t n = report_missing(a, r, run->c->layer, run->c->layers, keys, 64, true);

	run->undetermined = true;
	for (size_t i = 0; i < n; i++) {
		bool known = false;

		for (size_t k = 0; k < run->n_missing; k++)
			known = known || str_ieq(run->missing[k], keys[i]);
		if (!known && run->n_missing < 64)
			run->missing[run->n_missing++] = keys[i];
	}
}

static void add_json(
	struct run *run, const struct target *t, const struct user *u, const struct iam_answer *a)
{
	struct json_out *o = &run->json;

	json_open(o, '{');
	json_member(o, "resource", t->name);
	json_name(o, "user");
	json_add_str(o, u->name);
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
	if (a.undetermined)
		note_missing(run, &a, &r);
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
	if (run->n_missing == 0 || run->c->json)
		return;
	buf_puts(run->out, "undetermined: depends on what was not stated: ");
	for (size_t i = 0; i < run->n_missing; i++)
		buf_addf(run->out, i ? ", %.*s" : "%.*s", STR_ARG(run->missing[i]));
	buf_putc(run->out, '\n');
}

static int run_table(struct run *run)
{
	static struct iam_context context;
	struct user users[CHECK_USERS];
	struct iam_request r;
	size_t n = 0;
	int e = ask_request(run->c, &run->c->principal, &run->c->target[0], NULL, &context, &r);

	if (e == 0)
		e = users_list(run->c, run->c->layer, run->c->layers, &context, users, &n);
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
	if (e == 0)
		e = buf_check(&out, "the table");
	if (e < 0)
		return applet_fail(CHECK, e);
	return applet_print(CHECK, buf_view(&out)) ? EXIT_FAILED
		: run.undetermined                 ? EXIT_UNDETERMINED
						   : EXIT_DONE;
}
