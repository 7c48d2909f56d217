/* load.c - reads the policies of the command line into layers */
#include "base/io.h"
#include "check.h"

int load_is_input(struct check *c, const char *path, bool *input)
{
	*input = str_is(str_of(path), "-");
	if (*input && c->took_input)
		return err(ERR_USAGE, "standard input can be read once");
	c->took_input = c->took_input || *input;
	return 0;
}

int load_text(struct check *c, const char *path, struct str *out)
{
	struct arena *a = &c->arena;
	struct buf b = buf_of((char *)a->p + a->used, a->cap - a->used);
	bool input;
	int e = load_is_input(c, path, &input);

	if (e == 0)
		e = io_read_file(path, &b);
	if (e < 0)
		return e;
	/* not arena_take, which would wipe what was just read */
	a->used += b.len + 1;
	*out = buf_view(&b);
	return 0;
}

int load_policy(struct check *c, enum iam_kind kind, const char *path, unsigned flags,
	struct iam_policy **out)
{
	struct iam_policy *p = arena_take(&c->arena, sizeof(*p));
	struct str text;
	int e;

	if (!p)
		return err(ERR_LIMIT, "%s: no memory is left", path);
	*out = p;
	e = load_text(c, path, &text);
	return e < 0 ? e : policy_read(p, kind, path, text, &c->arena, flags);
}

int load_add_layer(
	struct check *c, enum iam_kind kind, const char *name, const struct iam_policy *policies)
{
	if (c->layers == IAM_LAYERS_MAX)
		return err(ERR_LIMIT, "more than %d layers of policies", IAM_LAYERS_MAX);
	c->layer[c->layers++] = (struct iam_layer){ kind, name, policies };
	return 0;
}

static int load_list(struct check *c, enum iam_kind kind, const struct opt_list *paths)
{
	const struct iam_policy *first = NULL;

	for (size_t i = paths->n; i-- > 0;) {
		struct iam_policy *p;
		int e = load_policy(c, kind, paths->value[i], 0, &p);

		if (e < 0)
			return e;
		p->next = first;
		first = p;
	}
	return paths->n > 0 ? load_add_layer(c, kind, NULL, first) : 0;
}

static int load_one(struct check *c, enum iam_kind kind, const char *path)
{
	struct opt_list one = { { path }, path != NULL };

	return load_list(c, kind, &one);
}

/* The layer of a node, made when it is first used. */
static int find_node(struct check *c, enum iam_kind kind, struct str node, struct iam_layer **out)
{
	char *name;
	int e;

	for (size_t i = 0; i < c->layers; i++)
		if (c->layer[i].kind == kind && c->layer[i].name &&
			str_is(node, c->layer[i].name)) {
			*out = &c->layer[i];
			return 0;
		}
	name = arena_take(&c->arena, node.n + 1);
	if (!name || !str_copy(name, node.n + 1, node))
		return err(ERR_LIMIT, "no memory is left");
	e = load_add_layer(c, kind, name, NULL);
	*out = &c->layer[c->layers - 1];
	return e;
}

/* NODE=FILE, or NODE= for a level without any policy */
static int load_node(struct check *c, enum iam_kind kind, const char *option, const char *value)
{
	struct str path = str_of(value), node;
	struct iam_layer *layer = NULL;
	struct iam_policy *p;
	int e;

	if (!str_has(path, '=') || !str_cut(&path, '=', &node) || node.n == 0)
		return err(ERR_USAGE, "--%s '%s' is not NODE=FILE", option, value);
	e = find_node(c, kind, node, &layer);
	if (e < 0 || path.n == 0)
		return e;
	e = load_policy(c, kind, path.p, 0, &p);
	if (e < 0)
		return e;
	p->next = layer->policies;
	layer->policies = p;
	return 0;
}

static int load_nodes(
	struct check *c, enum iam_kind kind, const char *option, const struct opt_list *values)
{
	int e = 0;

	for (size_t i = 0; e == 0 && i < values->n; i++)
		e = load_node(c, kind, option, values->value[i]);
	return e;
}

int load_layers(struct check *c)
{
	const struct check_options *o = &c->opt;
	int e = load_nodes(c, IAM_RCP, "rcp", &o->rcps);

	if (e == 0)
		e = load_nodes(c, IAM_SCP, "scp", &o->scps);
	if (e == 0)
		e = load_one(c, IAM_ENDPOINT, o->endpoint_policy);
	if (e == 0)
		e = load_one(c, IAM_RESOURCE, o->resource_policy);
	if (e == 0)
		e = load_list(c, IAM_IDENTITY, &o->policies);
	if (e == 0)
		e = load_one(c, IAM_BOUNDARY, o->boundary);
	if (e == 0)
		e = load_one(c, IAM_SESSION, o->session_policy);
	return e;
}

int load_kind(const char *name, enum iam_kind *kind)
{
	static const char *const names[IAM_KINDS] = {
		[IAM_IDENTITY] = "identity",
		[IAM_BOUNDARY] = "boundary",
		[IAM_SESSION] = "session",
		[IAM_SCP] = "scp",
		[IAM_RCP] = "rcp",
		[IAM_ENDPOINT] = "vpce",
		[IAM_RESOURCE] = "resource",
	};

	*kind = IAM_IDENTITY;
	for (unsigned i = 0; name && i < IAM_KINDS; i++)
		if (str_is(str_of(name), names[i])) {
			*kind = (enum iam_kind)i;
			return 0;
		}
	if (!name)
		return 0;
	return err(ERR_USAGE,
		"--policy-type '%s' is not identity, boundary, session, scp, rcp, vpce or resource",
		name);
}
