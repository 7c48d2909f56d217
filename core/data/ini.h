/* ini.h - the grammar of ~/.aws/config and ~/.aws/credentials, one line at a time */
#ifndef DATA_INI_H
#define DATA_INI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "base/err.h"

enum ini_kind {
	INI_SECTION,  /* name */
	INI_ENTRY,    /* key, value; one that goes on over several lines holds their ends */
	INI_SUBENTRY, /* key, value of an indented line below an entry with an empty value */
	INI_BAD,      /* a line that is none of these: value holds it; reading goes on behind it */
	INI_END,
};

/* A cursor over a text and what stands at it; the parts borrow from the text. */
struct ini {
	struct str rest;
	struct str section, key, value;
	size_t line;       /* number of the line just read, from 1 */
	bool parent_empty; /* the last entry had an empty value: indented lines belong to it */
};

struct ini ini_of(struct str text);
enum ini_kind ini_next(struct ini *in);

#endif
