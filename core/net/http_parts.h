/* http_parts.h - what the readers of heads, chunks and answers share */
#ifndef NET_HTTP_PARTS_H
#define NET_HTTP_PARTS_H

#include "net/http.h"

int http_bad(const char *what); /* ERR_FORMAT "not HTTP: WHAT" */
/* A line without its end, which must be CRLF unless lf_alone is set. */
bool http_take_line(struct str *in, bool lf_alone, struct str *line) MUST_CHECK;
/* What may stand in a value: anything but control characters; bytes over 0x7f are nobody's
 * business. */
bool http_value_ok(struct str s);

#endif
