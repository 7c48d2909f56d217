/* xml.h - the few XML elements that EC2 and STS answer: found by path, listed, read as text; and an
 * escaping writer */
#ifndef DATA_XML_H
#define DATA_XML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/str.h"

#define XML_DEPTH_MAX 32

/* An element; both parts borrow from the text. */
struct xml {
	struct str name;
	struct str inner; /* between its tags; "" of <name/> */
};

/* Checks the whole text and gives its root element. Attributes and comments are passed over;
 * ERR_FORMAT with "byte N: what" for a DTD, CDATA, a processing instruction other than the
 * declaration in front, unbalanced tags, an unknown entity, bytes that are no UTF-8, more than one
 * root, or a depth over XML_DEPTH_MAX. */
int xml_parse(struct xml *root, struct str text) MUST_CHECK;

/* The functions below take elements of a text that xml_parse accepted. */

/* The first element at a path of child names below parent, such as
 * "AssumeRoleResult/Credentials/AccessKeyId". False, and *out is then empty, when there is none. */
bool xml_find(struct xml parent, const char *path, struct xml *out);

/* The next child of that name behind *child, which starts zeroed: while (xml_next(set, "item",
 * &item)) */
bool xml_next(struct xml parent, const char *name, struct xml *child);

/* Appends the text of an element, entities decoded. ERR_FORMAT when it holds elements, ERR_LIMIT
 * when out is full. */
int xml_text(struct xml element, struct buf *out) MUST_CHECK;

/* xml_find and xml_text in one; ERR_ABSENT with words when there is no such element. */
int xml_get(struct xml parent, const char *path, struct buf *out) MUST_CHECK;

/* Appends text with & < > " ' escaped; what XML cannot hold becomes U+FFFD. */
void xml_add(struct buf *out, struct str text);
void xml_element(struct buf *out, const char *name, struct str text); /* <name>text</name> */

#endif
