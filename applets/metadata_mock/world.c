/* world.c - looking things up in what the mock plays */
#include "world.h"

#include <string.h>

#include "fill.h"

const struct instance *world_instance(const struct world *w, struct str id)
{
	for (size_t i = 0; i < w->instances.n; i++)
		if (str_is(id, w->instances.at[i].id))
			return &w->instances.at[i];
	return NULL;
}

const struct principal *world_principal(
	const struct world *w, const char *account, struct str kind, struct str name)
{
	enum principal_kind k = str_is(kind, "role") ? PRINCIPAL_ROLE
		: str_is(kind, "user")               ? PRINCIPAL_USER
						     : PRINCIPAL_ROOT;

	for (size_t i = 0; i < w->principals.n; i++) {
		const struct principal *p = &w->principals.at[i];

		if (p->kind == k && strcmp(p->account->id, account) == 0 && str_is(name, p->name))
			return p;
	}
	return NULL;
}

const struct access_key *world_key(
	const struct world *w, struct str id, const struct principal **owner)
{
	for (size_t i = 0; i < w->principals.n; i++)
		for (size_t k = 0; k < w->principals.at[i].keys.n; k++)
			if (str_is(id, w->principals.at[i].keys.at[k].id)) {
				*owner = &w->principals.at[i];
				return &w->principals.at[i].keys.at[k];
			}
	return NULL;
}

const struct account *world_account(const struct world *w, struct str id)
{
	for (size_t i = 0; i < w->accounts.n; i++)
		if (str_is(id, w->accounts.at[i].id))
			return &w->accounts.at[i];
	return NULL;
}

const struct group *world_group(const struct world *w, const struct account *a, const char *name)
{
	for (size_t i = 0; i < w->groups.n; i++)
		if (w->groups.at[i].account == a && strcmp(w->groups.at[i].name, name) == 0)
			return &w->groups.at[i];
	return NULL;
}

void instance_group_id(const struct instance *in, size_t i, struct buf *out)
{
	buf_addf(out, "sg-0%016llx", (unsigned long long)mix(in->vpc, in->security_groups.at[i]));
}

const char *instance_state_name(enum instance_state s)
{
	return state_names[s];
}

int instance_state_code(enum instance_state s)
{
	return 16 * (int)s;
}
