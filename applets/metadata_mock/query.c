/* query.c - EC2 and STS in their query protocol: parameters of a form, answers in XML
 *
 * Sources: the API references of EC2 (2016-11-15) and STS (2011-06-15). */
#include "query.h"

#include "data/enc.h"

/* --- parameters --- */

/* '+' is a blank in a form. ERR_FORMAT: a bad escape; ERR_LIMIT: out is full. */
static int decode(struct str s, struct buf *out)
{
	struct str part;
	int r = 0;

	for (bool first = true; r != ERR_FORMAT && str_cut(&s, '+', &part); first = false) {
		if (!first)
			buf_putc(out, ' ');
		r = percent_read(part, out);
	}
	return r;
}

bool query_well_formed(struct str body)
{
	struct str pair;
	BUF(ignored, 16);
	int n = 0;

	while (str_cut(&body, '&', &pair))
		if (n++ == QUERY_LIST_MAX || decode(pair, &ignored) == ERR_FORMAT)
			return false;
	return true;
}

bool query_parameter(const struct call *c, const char *name, struct buf *out)
{
	struct str rest = c->rq->body, pair, key;

	while (str_cut(&rest, '&', &pair))
		if (str_cut(&pair, '=', &key) && str_is(key, name)) {
			buf_clear(out);
			(void)decode(pair, out);
			return true;
		}
	return false;
}

bool query_numbered(
	const struct call *c, const char *prefix, unsigned n, const char *suffix, struct buf *out)
{
	BUF(name, 128);

	buf_addf(&name, "%s.%u%s", prefix, n, suffix);
	return n <= QUERY_LIST_MAX && query_parameter(c, buf_text(&name), out);
}

/* --- answers --- */

void query_add(struct call *c, const struct fill *f, const char *words)
{
	fill_xml(c->a->body, f, words);
}

void query_open(struct call *c)
{
	bool ec2 = c->protocol == PROTOCOL_EC2;

	buf_addf(c->a->body, "%s<%sResponse xmlns=\"http%s/\">",
		ec2 ? "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" : "", c->action->name,
		ec2 ? "://ec2.amazonaws.com/doc/2016-11-15"
		    : "s://sts.amazonaws.com/doc/2011-06-15");
	if (ec2)
		buf_addf(c->a->body, "<requestId>%s</requestId>", c->request_id);
	else
		buf_addf(c->a->body, "<%sResult>", c->action->name);
}

void query_close(struct call *c)
{
	if (c->protocol == PROTOCOL_STS)
		buf_addf(c->a->body,
			"</%sResult><ResponseMetadata><RequestId>%s</RequestId></ResponseMetadata>",
			c->action->name, c->request_id);
	buf_addf(c->a->body, "</%sResponse>", c->action->name);
}
