/* sigv4_verify.c - AWS Signature Version 4 checked, as the service does */
#include "crypto/sigv4_parts.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

/* The part "name=value" of the header; parts are separated by a comma and any blanks. */
static struct str part_of(struct str header, const char *name)
{
	struct str part, key;

	while (str_cut(&header, ',', &part)) {
		part = str_trim(part);
		if (str_cut(&part, '=', &key) && str_is(key, name))
			return part;
	}
	return STR("");
}

/* "keyid/date/region/service/aws4_request" */
static int read_credential(struct str credential, struct sigv4_claim *claim)
{
	struct str rest = credential,
		   *const parts[] = { &claim->key_id, &claim->date, &claim->region,
			   &claim->service };
	size_t n = 0;

	while (n < 4 && str_cut(&rest, '/', parts[n]) && parts[n]->n > 0)
		n++;
	if (n < 4 || !str_is(rest, "aws4_request"))
		return err(ERR_FORMAT,
			"Credential must have exactly 5 slash-delimited elements, e.g. "
			"keyid/date/region/service/term, got '%.*s'",
			STR_ARG(credential));
	return 0;
}

static int read_time(const struct sigv4_request *rq, struct sigv4_claim *claim)
{
	const struct sigv4_header *date = sigv4_find_header(rq, "x-amz-date");

	if (date && clock_read(date->value, &claim->time))
		return 0;
	if (date)
		return err(ERR_FORMAT,
			"Date must be in ISO-8601 'basic format'. Got '%.*s'. See "
			"http://en.wikipedia.org/wiki/ISO_8601",
			STR_ARG(date->value));
	date = sigv4_find_header(rq, "date");
	if (date &&
		(clock_read_http(date->value, &claim->time) ||
			clock_read(date->value, &claim->time)))
		return 0;
	return err(ERR_FORMAT,
		"Authorization header requires existence of either a 'X-Amz-Date' or a "
		"'Date' header. Authorization=" SIGV4_ALGORITHM);
}

/* What is missing, one sentence each, as the service says it. */
static int missing(const struct sigv4_claim *claim, bool credential)
{
	BUF(words, 512);

	if (!credential)
		buf_puts(&words, "Authorization header requires 'Credential' parameter. ");
	if (claim->signature.n == 0)
		buf_puts(&words, "Authorization header requires 'Signature' parameter. ");
	if (claim->signed_names.n == 0)
		buf_puts(&words, "Authorization header requires 'SignedHeaders' parameter. ");
	if (words.len == 0)
		return 0;
	return err(ERR_FORMAT, "%sAuthorization=" SIGV4_ALGORITHM, buf_text(&words));
}

int sigv4_read(const struct sigv4_request *rq, struct sigv4_claim *claim)
{
	const struct sigv4_header *header = sigv4_find_header(rq, "authorization");
	struct str rest, algorithm = STR(""), credential;
	int r;

	memset(claim, 0, sizeof(*claim));
	if (!header)
		return err(ERR_ABSENT, "Missing Authentication Token");
	rest = header->value;
	if (!str_take_word(&rest, &algorithm) || !str_is(algorithm, SIGV4_ALGORITHM))
		return err(ERR_FORMAT, "Unsupported AWS 'algorithm': '%.*s'. ",
			algorithm.n < 64 ? (int)algorithm.n : 64, algorithm.p);
	credential = part_of(rest, "Credential");
	claim->signed_names = part_of(rest, "SignedHeaders");
	claim->signature = part_of(rest, "Signature");
	r = missing(claim, credential.n > 0);
	if (r == 0)
		r = read_credential(credential, claim);
	return r < 0 ? r : read_time(rq, claim);
}

/* Is name among "a;b;c"? */
static bool lists(struct str names, struct str name)
{
	struct str one;

	while (str_cut(&names, ';', &one))
		if (str_ieq(one, name))
			return true;
	return false;
}

/* Lower case, sorted, each once, none empty: there is one way to write the list. */
static int check_names(struct str names)
{
	struct str name, last = STR("");

	if (str_ends(names, ";"))
		return err(ERR_DENIED, "SignedHeaders is not a list of names");
	while (str_cut(&names, ';', &name)) {
		if (!str_all(name, "abcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~"))
			return err(
				ERR_DENIED, "SignedHeaders is not a list of names in lower case");
		if (sigv4_compare(last, name) >= 0)
			return err(ERR_DENIED, "SignedHeaders is not sorted");
		last = name;
	}
	return 0;
}

/* An x-amz header that is not signed could be changed by anybody on the way. */
static int check_coverage(const struct sigv4_request *rq, struct str names)
{
	if (!sigv4_find_header(rq, "host") || !lists(names, STR("host")))
		return err(ERR_DENIED,
			"'Host' or ':authority' must be a 'SignedHeader' in the AWS "
			"Authorization.");
	for (size_t i = 0; i < rq->n_headers; i++) {
		struct str name = rq->headers[i].name;

		if (name.n >= 6 && str_ieq((struct str){ name.p, 6 }, STR("x-amz-")) &&
			!lists(names, name))
			return err(ERR_DENIED,
				"'%.*s' must be a 'SignedHeader' in the AWS Authorization.",
				STR_ARG(name));
	}
	return 0;
}

static int check_date(const struct sigv4_claim *claim)
{
	BUF(now, 32);

	clock_basic(&now, claim->time);
	if (!str_eq(claim->date, (struct str){ now.p, 8 }))
		return err(ERR_DENIED,
			"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of "
			"date from HTTP: '%.*s' != '%.8s', from '%s'.",
			STR_ARG(claim->date), now.p, now.p);
	return 0;
}

int sigv4_verify(const struct sigv4_request *rq, const struct sigv4_claim *claim, struct str secret)
{
	const struct sigv4_scope scope = { claim->region, claim->service, claim->time };
	BUF(hex, SIGV4_SIGNATURE_SIZE + 1);
	int r;

	r = check_names(claim->signed_names);
	if (r == 0)
		r = check_coverage(rq, claim->signed_names);
	if (r == 0)
		r = check_date(claim);
	if (r == 0)
		r = sigv4_sign_request(rq, claim->signed_names, &scope, secret, &hex);
	if (r == 0 &&
		(claim->signature.n != SIGV4_SIGNATURE_SIZE || hex.len != SIGV4_SIGNATURE_SIZE ||
			!mem_equal(hex.p, claim->signature.p, SIGV4_SIGNATURE_SIZE)))
		r = err(ERR_DENIED,
			"The request signature we calculated does not match the signature you "
			"provided. Check your AWS Secret Access Key and signing method. Consult "
			"the "
			"service documentation for details.");
	buf_wipe(&hex);
	return r;
}
