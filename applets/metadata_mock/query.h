/* query.h - what EC2 and STS have in common: parameters of a form, answers in XML */
#ifndef APPLETS_METADATA_MOCK_QUERY_H
#define APPLETS_METADATA_MOCK_QUERY_H

#include "call.h"
#include "fill.h"

/* Parameters of a body, and so of a list; bytes of a value. */
enum { QUERY_LIST_MAX = 1024, QUERY_VALUE_MAX = 512 };

/* PREFIX.N and SUFFIX, such as InstanceId.1 or Filter.2.Value.1; false: not there. */
bool query_numbered(
	const struct call *c, const char *prefix, unsigned n, const char *suffix, struct buf *out);

/* Appends the words of fill_xml to the answer. */
void query_add(struct call *c, const struct fill *f, const char *words);
void query_open(struct call *c);
void query_close(struct call *c);

#endif
