/* fill.h - texts with the values of an object in them
 *
 *	"arn:{partition}:iam::{account}:role/{name}"
 *
 * {name} is a pair of that name, or else the text that the object has as that member; {account} the
 * id of its account. {-name} has '-' for '.' and ':'; {#name} is 17 digits that are derived from
 *the value and from what stands in front, and look random. */
#ifndef APPLETS_METADATA_MOCK_FILL_H
#define APPLETS_METADATA_MOCK_FILL_H

#include "members.h"

struct fill {
	const struct member *members; /* of object; NULL: there is none */
	const void *object;
	const struct pair *pairs;
	size_t n_pairs;
};

/* Appends; false when a value was not there. */
bool fill(struct buf *out, const struct fill *f, struct str text);

/* Appends XML: text is words with blanks between them. "<x>" is put as it stands, "name=text" is an
 * element with that text filled in, and left out when a value is not there. */
void fill_xml(struct buf *out, const struct fill *f, const char *text);

/* Appends a JSON object of strings, as the metadata service writes it: text is "name=text" parts
 * with '|' between them; what has no value is null. */
void fill_object(struct buf *out, const struct fill *f, const char *text);

/* A number that depends on both texts and nothing else. */
uint64_t mix(const char *salt, const char *text);

#endif
