/* keys.c - what was pushed and still lives: one list by expiry */
#include <string.h>

#include "mock.h"

void keys_open(struct keys *k, struct live_key *table)
{
	*k = (struct keys){ .table = table };
}

static void drop_first(struct keys *k)
{
	struct live_key *gone = k->first;

	k->first = gone->next;
	if (!k->first)
		k->last = NULL;
	gone->next = k->free;
	k->free = gone;
	k->n--;
}

/* "must be > now": a key whose time has come is gone */
void keys_expire(struct keys *k, int64_t now)
{
	while (k->first && k->first->expiry <= now)
		drop_first(k);
}

static bool is_full(const struct keys *k, const struct instance *in, struct str user)
{
	const struct live_key *at = NULL;
	size_t n = 0;

	if (k->n == KEYS_MAX)
		return true;
	while ((at = keys_next(k, at, in, user)) != NULL)
		n++;
	return n >= KEYS_USER_MAX;
}

/* Behind all that expire no later: nearly always the end, but a clock can be set back. */
static void put(struct keys *k, struct live_key *added)
{
	struct live_key **at = k->last && k->last->expiry <= added->expiry ? &k->last->next
									   : &k->first;

	while (*at && (*at)->expiry <= added->expiry)
		at = &(*at)->next;
	added->next = *at;
	*at = added;
	if (!added->next)
		k->last = added;
	k->n++;
}

struct live_key *keys_add(
	struct keys *k, const struct instance *in, struct str user, int64_t expiry)
{
	struct live_key *added = k->free;

	if (is_full(k, in, user))
		return NULL;
	if (added)
		k->free = added->next;
	else
		added = &k->table[k->used++];
	added->instance = in;
	added->expiry = expiry;
	added->signature_n = 0;
	if (!str_copy(added->user, sizeof(added->user), user))
		added->user[0] = 0;
	put(k, added);
	return added;
}

struct live_key *keys_next(
	const struct keys *k, const struct live_key *at, const struct instance *in, struct str user)
{
	struct live_key *next = at ? at->next : k->first;

	while (next && (next->instance != in || (user.n > 0 && !str_is(user, next->user))))
		next = next->next;
	return next;
}

void keys_move(struct keys *k, const struct world *to)
{
	size_t n = k->n;

	/* each is taken off the front and, when its instance still exists, put to the end: the
	 * order stays */
	for (size_t i = 0; i < n; i++) {
		struct live_key *moved = k->first;
		const struct instance *in = world_instance(to, str_of(moved->instance->id));

		if (!in) {
			drop_first(k);
			continue;
		}
		moved->instance = in;
		if (moved == k->last)
			continue;
		k->first = moved->next;
		moved->next = NULL;
		k->last->next = moved;
		k->last = moved;
	}
}
