/* world_read.c - a world from its text, by the tables of members
 *
 * Whatever stands in the text and in no table is refused with its place, because a misspelled
 * member would otherwise be a silent default. */
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include "base/io.h"

#include "members.h"

enum { ARENA_PER_BYTE = 64, ARENA_LEAST = 256 * 1024 };

int reader_bad(const struct reader *r, struct json at, const char *fmt, ...)
{
	unsigned line, column;
	va_list ap;
	BUF(words, 256);

	va_start(ap, fmt);
	buf_vaddf(&words, fmt, ap);
	va_end(ap);
	json_place(at, &line, &column);
	return err(ERR_FORMAT, "%s: line %u, column %u: %s", r->w->name, line, column,
		buf_text(&words));
}

void *reader_take(struct reader *r, size_t n)
{
	return arena_take(&r->w->arena, n > 0 ? n : 1);
}

const char *reader_keep(struct reader *r, const struct buf *b)
{
	char *p = reader_take(r, b->len + 1);

	if (p)
		memcpy(p, buf_text(b), b->len + 1);
	return p ? p : "";
}

static int out_of_memory(struct reader *r)
{
	return err(ERR_LIMIT, "%s: too large for the %zu bytes that its size allows", r->w->name,
		r->w->arena.cap);
}

/* --- values --- */

static int expect(struct reader *r, struct json v, enum json_type type)
{
	static const char *const words[] = {
		[JSON_STRING] = "a string", [JSON_ARRAY] = "a list", [JSON_OBJECT] = "an object"
	};

	return json_type(v) == type ? 0 : reader_bad(r, v, "expected %s", words[type]);
}

static int read_bytes(struct reader *r, struct json v, size_t most, struct str *out)
{
	size_t room = json_raw(v).n + 1;
	struct buf b;
	char *p;

	if (expect(r, v, JSON_STRING) < 0)
		return ERR_FORMAT;
	p = reader_take(r, room);
	if (!p)
		return out_of_memory(r);
	b = buf_of(p, room);
	if (json_text(v, &b) < 0)
		return reader_bad(r, v, "not a text that can be used here");
	*out = buf_view(&b);
	return out->n <= most ? 0 : reader_bad(r, v, "longer than %zu bytes", most);
}

static int read_text(struct reader *r, struct json v, enum grammar g, size_t most, const char **out)
{
	struct str s;
	int result = read_bytes(r, v, most, &s);

	if (result < 0)
		return result;
	if (!grammar_ok(g, s))
		return reader_bad(r, v, "\"%.*s\" is not %s", STR_ARG(s), grammar_words(g));
	*out = s.p;
	return 0;
}

static int read_texts(struct reader *r, struct json v, const struct member *m, struct texts *out)
{
	int result = expect(r, v, JSON_ARRAY);

	if (result < 0)
		return result;
	out->at = reader_take(r, json_count(v) * sizeof(*out->at));
	if (!out->at)
		return out_of_memory(r);
	for (struct json i = json_first(v); result >= 0 && json_type(i); i = json_next(v, i))
		result = read_text(r, i, m->what, m->most, &out->at[out->n++]);
	return result;
}

static int read_pairs(struct reader *r, struct json v, const struct member *m, struct pairs *out)
{
	int result = expect(r, v, JSON_OBJECT);

	if (result < 0)
		return result;
	out->at = reader_take(r, json_count(v) * sizeof(*out->at));
	if (!out->at)
		return out_of_memory(r);
	for (struct json i = json_first(v); result >= 0 && json_type(i); i = json_next(v, i)) {
		struct pair *p = &out->at[out->n++];

		result = read_text(r, i, PRINTABLE, 128, &p->name);
		if (result >= 0)
			result = read_text(r, json_value(i), m->what, m->most, &p->value);
	}
	return result;
}

static int read_state(struct reader *r, struct json v, enum instance_state *out)
{
	for (size_t i = 0; state_names[i]; i++)
		if (json_is(v, state_names[i])) {
			*out = (enum instance_state)i;
			return 0;
		}
	return reader_bad(
		r, v, "expected pending, running, shutting-down, terminated, stopping or stopped");
}

static int read_document(struct reader *r, struct json v, enum iam_kind kind, struct document *out)
{
	if (expect(r, v, JSON_OBJECT) < 0)
		return ERR_FORMAT;
	out->text = json_raw(v);
	return policy_read_json(&out->policy, kind, r->w->name, v, &r->w->arena, 0);
}

/* {"name": ..., "document": {...}}, or the document alone */
static int read_policies(struct reader *r, struct json v, enum iam_kind kind, struct policies *out)
{
	int result = expect(r, v, JSON_ARRAY);

	if (result < 0)
		return result;
	out->given = true;
	out->at = reader_take(r, json_count(v) * sizeof(*out->at));
	out->name = reader_take(r, json_count(v) * sizeof(*out->name));
	if (!out->at || !out->name)
		return out_of_memory(r);
	for (struct json i = json_first(v); result >= 0 && json_type(i); i = json_next(v, i)) {
		struct json document = json_get(i, "document"), name = json_get(i, "name");
		size_t n = out->n++;

		out->name[n] = "inline";
		result = read_document(r, json_type(document) ? document : i, kind, &out->at[n]);
		if (result >= 0 && json_type(name))
			result = read_text(r, name, NAME, 128, &out->name[n]);
	}
	return result;
}

/* Lists of an account wait for read_lists, because one may need another. */
static int read_list(struct reader *r, struct json v, enum list_name name, void *owner);

static int read_member(struct reader *r, struct json v, const struct member *m, void *object)
{
	void *to = (char *)object + m->at;

	switch ((enum member_kind)m->kind) {
	case MEMBER_TEXT: return read_text(r, v, m->what, m->most, to);
	case MEMBER_FLAG: return json_bool(v, to) ? 0 : reader_bad(r, v, "expected true or false");
	case MEMBER_NUMBER:
		if (json_int(v, to) && *(int64_t *)to >= 0 && *(int64_t *)to <= m->most)
			return 0;
		return reader_bad(r, v, "expected a number from 0 to %u", (unsigned)m->most);
	case MEMBER_BYTES: return read_bytes(r, v, m->most, to);
	case MEMBER_TEXTS: return read_texts(r, v, m, to);
	case MEMBER_PAIRS: return read_pairs(r, v, m, to);
	case MEMBER_STATE: return read_state(r, v, to);
	case MEMBER_DOCUMENT: return read_document(r, v, m->what, to);
	case MEMBER_POLICIES: return read_policies(r, v, m->what, to);
	case MEMBER_LIST:
		return m->what == LIST_KEYS ? read_list(r, v, LIST_KEYS, object)
					    : expect(r, v, JSON_ARRAY);
	}
	return ERR_BUG;
}

/* --- objects --- */

static int read_object(struct reader *r, struct json v, const struct member *members, void *out)
{
	int result = expect(r, v, JSON_OBJECT);

	for (struct json i = json_first(v); result >= 0 && json_type(i); i = json_next(v, i)) {
		const struct member *m = members;

		while (m->name && !json_is(i, m->name))
			m++;
		if (!m->name)
			return reader_bad(
				r, i, "no member \"%.*s\" is known here", STR_ARG(json_raw(i)));
		result = read_member(r, json_value(i), m, out);
	}
	if (result >= 0 && !member_text(members, out, str_of(members->name)))
		return reader_bad(r, v, "needs \"%s\"", members->name);
	return result;
}

/* Does an object before this one have its name? Ids are unique everywhere, names among those that
 * are alike up to the name: of the same account, and of the same kind of principal. */
static bool is_second(const struct list *l, struct table t, const char *object)
{
	const struct member *id = l->members;
	size_t alike = id->what == NAME ? id->at : 0;
	const char *own = member_text(id, object, str_of(id->name));

	for (const char *at = t.at; at < object; at += l->size)
		if (strcmp(member_text(id, at, str_of(id->name)), own) == 0 &&
			memcmp(at, object, alike) == 0)
			return true;
	return false;
}

/* One more object of a list: made, read, and completed. */
static int add_object(struct reader *r, struct json at, enum list_name name, void *owner)
{
	const struct list *l = &world_lists[name];
	void *place = (char *)(name == LIST_KEYS ? owner : (void *)r->w) + l->table;
	struct table t = table_at(place);
	char *object = t.at + t.n++ * l->size;
	int result;

	table_put(place, t);
	if (name != LIST_KEYS && name != LIST_ACCOUNTS)
		memcpy(object, &r->account, sizeof(r->account));
	derive_first(name, object);
	result = name == LIST_ROOTS ? read_list(r, at, LIST_KEYS, object)
				    : read_object(r, at, l->members, object);
	if (result >= 0 && name != LIST_ROOTS && is_second(l, t, object))
		result = reader_bad(r, at, "stands here twice");
	return result < 0 ? result : derive(r, at, name, object);
}

static int read_list(struct reader *r, struct json v, enum list_name name, void *owner)
{
	const struct list *l = &world_lists[name];
	int result = 0;

	if (name == LIST_KEYS && json_type(v)) {
		struct table t = { reader_take(r, json_count(v) * l->size), 0 };

		result = expect(r, v, JSON_ARRAY);
		if (!t.at)
			return out_of_memory(r);
		table_put((char *)owner + l->table, t);
	}
	for (struct json i = json_first(v); result >= 0 && json_type(i); i = json_next(v, i))
		result = add_object(r, i, name, owner);
	return result;
}

static int read_account(struct reader *r, struct json v)
{
	const struct member *m = world_lists[LIST_ACCOUNTS].members;
	int result = add_object(r, v, LIST_ACCOUNTS, NULL);

	r->account = &r->w->accounts.at[r->w->accounts.n - 1];
	for (; result >= 0 && m->name; m++) {
		struct json list = json_get(v, m->name);

		if (m->kind == MEMBER_LIST)
			result = m->what == LIST_ROOTS ? add_object(r, list, LIST_ROOTS, NULL)
						       : read_list(r, list, m->what, NULL);
	}
	return result;
}

/* --- the whole --- */

/* Objects point at each other, so their tables are made at once: counted first. */
static int take_tables(struct reader *r, struct json accounts)
{
	size_t n[LISTS] = { 0 };

	for (struct json i = json_first(accounts); json_type(i); i = json_next(accounts, i)) {
		n[LIST_ACCOUNTS]++;
		n[LIST_ROLES]++; /* and the root user beside the roles */
		for (const struct member *m = world_lists[LIST_ACCOUNTS].members; m->name; m++)
			if (m->kind == MEMBER_LIST && m->what != LIST_ROOTS)
				n[m->what] += json_count(json_get(i, m->name));
	}
	n[LIST_ROLES] += n[LIST_USERS];
	for (size_t i = 0; i < LIST_KEYS; i++) {
		const struct list *l = &world_lists[i];
		struct table t = { reader_take(r, n[i] * l->size), 0 };

		if (!t.at)
			return out_of_memory(r);
		table_put((char *)r->w + l->table, t);
	}
	return 0;
}

static int read_root(struct reader *r, struct json root)
{
	struct json accounts = json_get(root, "accounts");
	int result;

	if (json_type(accounts) != JSON_ARRAY || json_count(accounts) == 0)
		return reader_bad(
			r, root, "expected {\"accounts\": [...]} with at least one account");
	if (json_count(root) > 1)
		return reader_bad(r, root, "only \"accounts\" is known here");
	result = take_tables(r, accounts);
	for (struct json i = json_first(accounts); result >= 0 && json_type(i);
		i = json_next(accounts, i))
		result = read_account(r, i);
	if (result >= 0 && r->w->instances.n == 0)
		return reader_bad(r, accounts, "there is no instance");
	return result;
}

void *world_map(size_t n)
{
	void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		-1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static int parse(struct world *w, struct str text, int64_t now)
{
	size_t cap = text.n / 2 + 16, bytes = cap * sizeof(struct json_token);
	struct json_token *tokens = world_map(bytes);
	struct json_doc doc;
	struct reader r = { .w = w, .now = now };
	char *copy = arena_take(&w->arena, text.n + 1);
	int result = ERR_BUG;

	if (!tokens || !copy)
		return err_errno("%s: memory", w->name);
	memcpy(copy, text.p, text.n);
	w->text = (struct str){ copy, text.n };
	result = json_parse(&doc, w->text, tokens, cap);
	if (result < 0)
		(void)err_in(result, "%s", w->name);
	else
		result = read_root(&r, json_root(&doc));
	munmap(tokens, bytes);
	return result < 0 ? result : 0;
}

int world_read(struct world *w, const char *name, struct str text, int64_t now)
{
	struct world fresh = { .name = name };
	void *p;
	int r;

	if (text.n > WORLD_TEXT_MAX)
		return err(ERR_LIMIT, "%s: larger than %d bytes", name, WORLD_TEXT_MAX);
	fresh.block_n = ARENA_LEAST + text.n * ARENA_PER_BYTE;
	p = world_map(fresh.block_n);
	if (!p)
		return err_errno("%s: memory", name);
	fresh.arena = arena_of(p, fresh.block_n);
	r = parse(&fresh, text, now);
	if (r < 0)
		world_close(&fresh);
	else
		*w = fresh;
	return r;
}

int world_open(struct world *w, const char *path, int64_t now)
{
	struct buf text;
	void *p;
	int r;

	if (!path)
		return world_read(w, "default world", str_of(world_default), now);
	p = world_map(WORLD_TEXT_MAX + 1);
	if (!p)
		return err_errno("%s: memory", path);
	text = buf_of(p, WORLD_TEXT_MAX + 1);
	r = io_read_file(path, &text);
	if (r >= 0)
		r = world_read(w, path, buf_view(&text), now);
	munmap(p, WORLD_TEXT_MAX + 1);
	return r;
}

void world_close(struct world *w)
{
	if (w->arena.p)
		munmap(w->arena.p, w->block_n);
	*w = (struct world){ 0 };
}
