/* limits.c - the grammars of what the API and the agent accept */
#include "eic/limits.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"
#define ALNUM DIGITS UPPER LOWER
#define WORD ALNUM "_"

#define ID_MIN 8 /* hexadecimal digits behind "i-" */
#define ID_MAX 30
#define API_USER_MAX 32
#define AGENT_USER_MAX 256
#define ZONE_MIN 6
#define ZONE_MAX 32
#define REGION_MAX 32
#define REGION_WORDS_MAX 4
#define REGION_DIGITS_MAX 2
#define STAPLE_NAME_MAX 128
#define ZONE_NAME_MAX 64 /* of local zones too, whose names the API's pattern does not know */

static struct str from(struct str s, size_t i)
{
	return (struct str){ s.p + i, s.n - i };
}

static struct str until(struct str s, size_t i)
{
	return (struct str){ s.p, i };
}

/* how many bytes at the front stand in set */
static size_t span(struct str s, const char *set)
{
	struct str chars = str_of(set);
	size_t n = 0;

	while (n < s.n && str_has(chars, s.p[n]))
		n++;
	return n;
}

bool eic_instance_id_ok(struct str s)
{
	if (!str_starts(s, "i-") || s.n < 2 + ID_MIN || s.n > 2 + ID_MAX)
		return false;
	return str_all(from(s, 2), DIGITS "abcdef");
}

/* any of the middle bytes, then perhaps one that may only be the last */
static bool user_tail_ok(struct str s, size_t middle_max)
{
	size_t n = span(s, ALNUM "@._-");

	if (n == s.n && n <= middle_max)
		return true;
	return s.n <= middle_max + 1 && n + 1 >= s.n && str_has(STR(ALNUM "$_-"), s.p[s.n - 1]);
}

/* The model's pattern has two alternatives: names that start with a letter or '_', and names that
 * start with digits but do not consist of them. */
bool eic_api_user_ok(struct str s)
{
	size_t digits = span(s, DIGITS);

	if (s.n == 0 || s.n > API_USER_MAX || digits == s.n)
		return false;
	if (digits > 0)
		return str_has(STR(UPPER LOWER "@._-"), s.p[digits]) &&
			user_tail_ok(from(s, digits + 1), API_USER_MAX);
	return str_has(STR(UPPER LOWER "_"), s.p[0]) && user_tail_ok(from(s, 1), API_USER_MAX - 2);
}

bool eic_agent_user_ok(struct str s)
{
	if (s.n > AGENT_USER_MAX || !str_all(s, WORD ".@$-"))
		return false;
	return s.p[0] != '-' && !str_is(s, ".") && !str_is(s, "..");
}

bool eic_zone_ok(struct str s)
{
	struct str word = { 0 };
	size_t words = 0;

	if (s.n < ZONE_MIN || s.n > ZONE_MAX || s.p[s.n - 1] == '-')
		return false;
	while (str_cut(&s, '-', &word)) {
		if (!str_all(word, WORD))
			return false;
		words++;
	}
	return (words == 3 || words == 4) && word.n >= 2 && span(word, DIGITS) > 0;
}

/* Length of the region at the front of s, 0 if there is none: two or more words of letters, then a
 * number. */
static size_t region_span(struct str s)
{
	size_t at = 0, words = 0, n;

	while ((n = span(from(s, at), LOWER)) > 0) {
		at += n;
		words++;
		if (at == s.n || s.p[at] != '-')
			return 0;
		at++;
	}
	n = span(from(s, at), DIGITS);
	if (words < 2 || words > REGION_WORDS_MAX || n == 0 || n > REGION_DIGITS_MAX)
		return 0;
	return at + n <= REGION_MAX ? at + n : 0;
}

bool eic_region_ok(struct str s)
{
	return s.n > 0 && region_span(s) == s.n;
}

bool eic_domain_ok(struct str s)
{
	static const char *const partitions[] = {
		"amazonaws.com",                    /* aws, aws-us-gov */
		"amazonaws.com.cn", "amazonaws.eu", /* aws-eusc */
		"c2s.ic.gov",                       /* aws-iso */
		"sc2s.sgov.gov",                    /* aws-iso-b */
		"cloud.adc-e.uk",                   /* aws-iso-e */
		"csp.hci.ic.gov",                   /* aws-iso-f */
	};

	for (size_t i = 0; i < sizeof(partitions) / sizeof(partitions[0]); i++)
		if (str_is(s, partitions[i]))
			return true;
	return false;
}

bool eic_token_ok(struct str s)
{
	if (s.n == 0 || s.n > EIC_TOKEN_MAX)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~')
			return false;
	return true;
}

bool eic_staple_name_ok(struct str s)
{
	return s.n <= STAPLE_NAME_MAX && str_all(s, ALNUM "._-") && !str_is(s, ".") &&
		!str_is(s, "..");
}

struct str eic_zone_region(struct str zone)
{
	struct str rest;
	size_t n = zone.n <= ZONE_NAME_MAX ? region_span(zone) : 0;

	if (n == 0)
		return (struct str){ 0 };
	rest = from(zone, n);
	if (rest.n == 1 && str_all(rest, LOWER)) /* us-west-2a */
		return until(zone, n);
	if (rest.n > 1 && rest.p[0] == '-' && str_all(rest, LOWER DIGITS "-") &&
		rest.p[rest.n - 1] != '-')
		return until(zone, n); /* us-west-2-lax-1a, us-east-1-wl1-bos-wlz-1 */
	return (struct str){ 0 };
}
