/* members.h - what the objects of a world may have: one table a kind, by which they are read,
 * printed, and put into texts */
#ifndef APPLETS_METADATA_MOCK_MEMBERS_H
#define APPLETS_METADATA_MOCK_MEMBERS_H

#include "data/json.h"

#include "world.h"

enum member_kind {
	MEMBER_TEXT,     /* const char *, of the grammar what */
	MEMBER_FLAG,     /* bool */
	MEMBER_NUMBER,   /* int64_t, 0 to most */
	MEMBER_BYTES,    /* struct str, of most bytes */
	MEMBER_TEXTS,    /* struct texts, each of the grammar what */
	MEMBER_PAIRS,    /* struct pairs, the values of the grammar what */
	MEMBER_STATE,    /* enum instance_state */
	MEMBER_DOCUMENT, /* struct document, of the enum iam_kind what */
	MEMBER_POLICIES, /* struct policies, likewise */
	MEMBER_LIST,     /* objects of world_lists[what] */
};

enum grammar {
	ANY_TEXT,
	PRINTABLE,
	NAME,
	PATH,
	ACCOUNT_ID,
	INSTANCE_ID,
	REGION,
	ZONE,
	ADDRESS_4,
	ADDRESS_6,
	ADDRESS_PORT,
	MAC_ADDRESS,
	TIME,
	LIFE_CYCLE,
	KEY_ID,
	SECRET
};

/* The first member of a kind must be there, and names the object. A table ends with an empty row.
 */
struct member {
	const char *name;
	uint16_t at; /* offset in the object */
	uint8_t kind, what;
	uint32_t most; /* bytes of a text, of each text of a list; or the largest number */
};

enum list_name {
	LIST_ACCOUNTS,
	LIST_GROUPS,
	LIST_ROOTS,
	LIST_USERS,
	LIST_ROLES,
	LIST_INSTANCES,
	LIST_ENDPOINTS,
	LIST_KEYS,
	LISTS
};

struct list {
	const struct member *members;
	uint16_t size;  /* of an object */
	uint16_t table; /* offset of the table in struct world; of keys in struct principal */
};

extern const struct list world_lists[LISTS];

/* Objects and their number, as the tables of a world have them. */
struct table {
	char *at;
	size_t n;
};
struct table table_at(const void *place);
void table_put(void *place, struct table t);

bool grammar_ok(enum grammar g, struct str s);
const char *grammar_words(enum grammar g); /* "an account id: 12 digits" */

/* The text of that member of an object, or NULL: none, or no member of that name is a text. */
const char *member_text(const struct member *members, const void *object, struct str name);

extern const char *const state_names[]; /* of enum instance_state, then NULL */

/* --- a world that is being read --- */

struct reader {
	struct world *w;
	int64_t now;
	const struct account *account; /* whose lists are read */
};

/* ERR_FORMAT with the place of at in the text. */
int reader_bad(const struct reader *r, struct json at, const char *fmt, ...) PRINTF(3, 4);
void *reader_take(struct reader *r, size_t n);                  /* NULL: the arena is full */
const char *reader_keep(struct reader *r, const struct buf *b); /* a copy; "" when it is full */

/* derive.c: what is true unless the text says otherwise, before it is read, and what was not given,
 * behind that. at is the object's place. */
void derive_first(enum list_name list, void *object);
int derive(struct reader *r, struct json at, enum list_name list, void *object) MUST_CHECK;

#endif
