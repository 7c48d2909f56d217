/* world_print.c - a world as the text that would be read as it, every default filled in */
#include "members.h"

static void print_object(
	struct json_out *o, const struct world *w, const struct member *m, const void *object);

static void print_texts(struct json_out *o, const struct texts *list)
{
	json_open(o, '[');
	for (size_t i = 0; i < list->n; i++)
		json_add_str(o, str_of(list->at[i]));
	json_close(o, ']');
}

static void print_pairs(struct json_out *o, const struct pairs *list)
{
	json_open(o, '{');
	for (size_t i = 0; i < list->n; i++)
		json_member(o, list->at[i].name, list->at[i].value);
	json_close(o, '}');
}

static void print_policies(struct json_out *o, const struct policies *list)
{
	json_open(o, '[');
	for (size_t i = 0; i < list->n; i++) {
		json_open(o, '{');
		json_member(o, "name", list->name[i]);
		json_name(o, "document");
		json_add_raw(o, list->at[i].text);
		json_close(o, '}');
	}
	json_close(o, ']');
}

/* Of users and roles, which lie in one table. */
static bool is_of(enum list_name name, const struct account *a, const char *object)
{
	const struct principal *p = (const struct principal *)(const void *)object;
	const struct account *owner = ((const struct group *)(const void *)object)->account;

	if (name == LIST_KEYS || name == LIST_ACCOUNTS)
		return true;
	if (owner != a || (name != LIST_ROOTS && name != LIST_USERS && name != LIST_ROLES))
		return owner == a;
	return p->kind == (enum principal_kind)(name - LIST_ROOTS);
}

/* owner: of keys the principal, of other lists the account */
static void print_list(
	struct json_out *o, const struct world *w, enum list_name name, const void *owner)
{
	const struct list *l = &world_lists[name];
	struct table t = table_at((const char *)(name == LIST_KEYS ? owner : w) + l->table);

	if (name != LIST_ROOTS)
		json_open(o, '[');
	for (size_t i = 0; i < t.n; i++) {
		const char *object = t.at + i * l->size;

		if (!is_of(name, owner, object))
			continue;
		if (name == LIST_ROOTS)
			print_list(o, w, LIST_KEYS, object);
		else
			print_object(o, w, l->members, object);
	}
	if (name != LIST_ROOTS)
		json_close(o, ']');
}

/* What is not there is not printed; flags, numbers and lists always are. */
static bool is_given(const struct member *m, const void *at)
{
	switch ((enum member_kind)m->kind) {
	case MEMBER_TEXT: return *(const char *const *)at != NULL;
	case MEMBER_BYTES: return ((const struct str *)at)->n > 0;
	case MEMBER_DOCUMENT: return ((const struct document *)at)->text.n > 0;
	case MEMBER_POLICIES: return ((const struct policies *)at)->given;
	case MEMBER_TEXTS: return ((const struct texts *)at)->at != NULL;
	case MEMBER_PAIRS: return ((const struct pairs *)at)->at != NULL;
	default: return true;
	}
}

static void print_value(
	struct json_out *o, const struct world *w, const struct member *m, const void *object)
{
	const void *at = (const char *)object + m->at;

	switch ((enum member_kind)m->kind) {
	case MEMBER_TEXT: json_add_str(o, str_of(*(const char *const *)at)); break;
	case MEMBER_FLAG: json_add_bool(o, *(const bool *)at); break;
	case MEMBER_NUMBER: json_add_int(o, *(const int64_t *)at); break;
	case MEMBER_BYTES: json_add_str(o, *(const struct str *)at); break;
	case MEMBER_TEXTS: print_texts(o, at); break;
	case MEMBER_PAIRS: print_pairs(o, at); break;
	case MEMBER_STATE:
		json_add_str(o, str_of(state_names[*(const enum instance_state *)at]));
		break;
	case MEMBER_DOCUMENT: json_add_raw(o, ((const struct document *)at)->text); break;
	case MEMBER_POLICIES: print_policies(o, at); break;
	case MEMBER_LIST: print_list(o, w, m->what, object); break;
	}
}

static void print_object(
	struct json_out *o, const struct world *w, const struct member *m, const void *object)
{
	json_open(o, '{');
	for (; m->name; m++)
		if (is_given(m, (const char *)object + m->at)) {
			json_name(o, m->name);
			print_value(o, w, m, object);
		}
	json_close(o, '}');
}

void world_print(const struct world *w, struct buf *out)
{
	struct json_out o = json_out(out, 2);

	json_open(&o, '{');
	json_name(&o, "accounts");
	print_list(&o, w, LIST_ACCOUNTS, NULL);
	json_close(&o, '}');
	buf_putc(out, '\n');
}
