/* plan.c - what is asked of the metadata service, in which order, and no more than is needed */
#include "applets/authkeys/plan.h"

#include <string.h>

#include "applets/authkeys/anchors.h"
#include "applets/authkeys/route.h"
#include "applets/authkeys/say.h"
#include "crypto/crypto.h"
#include "crypto/ocsp.h"
#include "data/enc.h"

#define KEYS_FOLDER "meta-data/managed-ssh-keys/"
#define PATH_ROOM \
	(sizeof(KEYS_FOLDER) + EIC_SMALL_MAX + 64) /* the longest name is a user's, 256 bytes */

/* Large and mostly untouched: a page that nobody writes to costs no memory. */
static char keys_storage[EIC_KEYS_MAX + 1];
static char chain_storage[EIC_CHAIN_MAX + 1];
static char list_storage[EIC_LIST_MAX + 1];
static char staple_text[EIC_STAPLES_MAX][EIC_STAPLE_MAX + 1];
static char staple_der[EIC_STAPLES_MAX][OCSP_MAX + 1];

int plan_open(struct plan *p, const char *base, bool ipv6, struct str user, struct deadline d)
{
	int r;

	*p = (struct plan){ .user = user, .may_fall_back = !base && !ipv6 };
	p->imds.fd = p->second.fd = -1;
	p->keys = buf_of(keys_storage, sizeof(keys_storage));
	p->chain = buf_of(chain_storage, sizeof(chain_storage));
	p->list = buf_of(list_storage, sizeof(list_storage));
	if (!base)
		base = ipv6 ? IMDS_IPV6 : IMDS_IPV4;
	r = imds_open(&p->imds, str_of(base), false, d);
	if (r == 0 && p->may_fall_back)
		r = imds_open(&p->second, STR(IMDS_IPV6), false, d);
	return r;
}

void plan_close(struct plan *p)
{
	plan_forget_signer(p);
	imds_close(&p->imds);
	if (p->may_fall_back)
		imds_close(&p->second);
}

void plan_again(struct plan *p, struct deadline d)
{
	p->imds.deadline = p->second.deadline = d;
	p->imds.renewed = p->second.renewed = false;
}

unsigned plan_requests(const struct plan *p)
{
	return p->imds.requests + p->second.requests;
}

unsigned plan_rounds(const struct plan *p)
{
	return (unsigned)(p->imds.rounds + p->second.rounds);
}

unsigned plan_connections(const struct plan *p)
{
	return p->imds.connections + p->second.connections;
}

static const char *result_words(int result)
{
	static const struct {
		int code;
		const char *words;
	} table[] = {
		{ ERR_ABSENT, "there is none" },
		{ ERR_NET, "no answer" },
		{ ERR_LIMIT, "larger than it may be" },
		{ ERR_FORMAT, "the answer is no HTTP" },
		{ ERR_DENIED, "refused" },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].code == result)
			return table[i].words;
	return result < 0 ? "failed" : "answered";
}

/* What is asked for a token on the way to something else. */
static void say_token(const struct imds *m, bool had, bool renewed)
{
	if (!had)
		say_step("request", "PUT http://%s/latest/api/token: %s", m->host,
			m->token[0] ? "answered" : "no token");
	if (m->renewed && !renewed)
		say_step("request", "the token was refused: another one was asked for");
}

static int get(struct plan *p, const char *path, struct buf *body)
{
	bool had = p->imds.token[0], renewed = p->imds.renewed;
	int r;

	buf_clear(body);
	r = imds_get(&p->imds, path, body);
	say_token(&p->imds, had, renewed);
	if (!p->imds.token[0])
		return r;
	say_step("request", "GET %s: %s", path, result_words(r));
	return r;
}

/* Asks the IPv4 address for half of the time; when nobody is there, the IPv6 address for the rest.
 * From then on p->imds is whoever answered. */
static int get_first(struct plan *p, const char *path, struct buf *body)
{
	struct deadline whole = p->imds.deadline;
	struct imds first;
	int r;

	if (!p->may_fall_back)
		return get(p, path, body);
	p->imds.deadline = deadline_first(whole, deadline_in((deadline_left(whole) + 1) / 2));
	r = get(p, path, body);
	p->imds.deadline = whole;
	if (r != ERR_NET)
		return r;
	say_step("request", "nobody answers at " IMDS_IPV4 ", trying " IMDS_IPV6);
	first = p->imds;
	p->imds = p->second;
	p->second = first;
	return get(p, path, body);
}

int plan_keys(struct plan *p)
{
	BUF(path, PATH_ROOM);

	buf_addf(&path, KEYS_FOLDER "active-keys/%.*s/", STR_ARG(p->user));
	return get_first(p, buf_text(&path), &p->keys);
}

static int copy_checked(
	char *to, size_t cap, const struct buf *body, bool (*ok)(struct str), const char *what)
{
	struct str value = str_trim(buf_view(body));

	if (!ok(value) || !str_copy(to, cap, value))
		return err(ERR_FORMAT, "%s: not one: \"%.*s\"", what, STR_ARG(value));
	return 0;
}

int plan_instance(struct plan *p)
{
	BUF(body, EIC_SMALL_MAX);
	int r = get(p, "meta-data/instance-id/", &body);

	if (r < 0)
		return err_in(r, "instance id");
	return copy_checked(
		p->instance_id, sizeof(p->instance_id), &body, eic_instance_id_ok, "instance id");
}

static int region_of_zone(struct plan *p)
{
	BUF(zone, EIC_SMALL_MAX);
	struct str region;
	int r = get(p, "meta-data/placement/availability-zone/", &zone);

	if (r < 0)
		return err_in(r, "availability zone");
	region = eic_zone_region(str_trim(buf_view(&zone)));
	if (!eic_region_ok(region) || !str_copy(p->region, sizeof(p->region), region))
		return err(ERR_FORMAT, "availability zone: there is no region in \"%s\"",
			buf_text(&zone));
	return 0;
}

static int get_all(struct plan *p, struct imds_item *items, size_t n)
{
	bool had = p->imds.token[0], renewed = p->imds.renewed;
	int r = imds_get_all(&p->imds, items, n);

	say_token(&p->imds, had, renewed);
	for (size_t i = 0; i < n; i++)
		say_step("request", "GET %s: %s", items[i].path,
			result_words(r < 0 ? r : items[i].result));
	return r;
}

static int item_error(const struct imds_item *item)
{
	return err(item->result, "%s: %s", item->path, result_words(item->result));
}

static int get_facts(struct plan *p)
{
	BUF(region, EIC_SMALL_MAX);
	BUF(domain, EIC_SMALL_MAX);
	struct imds_item items[] = {
		{ .path = KEYS_FOLDER "signer-cert/", .body = &p->chain },
		{ .path = KEYS_FOLDER "signer-ocsp/", .body = &p->list },
		{ .path = "meta-data/services/domain/", .body = &domain },
		{ .path = "meta-data/placement/region", .body = &region },
	};
	size_t n = sizeof(items) / sizeof(items[0]);
	int r;

	buf_clear(&p->chain);
	buf_clear(&p->list);
	r = get_all(p, items, n);
	for (size_t i = 0; i < n && r == 0; i++)
		if (items[i].result < 0 && !(i == 3 && items[i].result == ERR_ABSENT))
			r = item_error(&items[i]);
	if (r == 0)
		r = copy_checked(p->domain, sizeof(p->domain), &domain, eic_domain_ok, "domain");
	if (r < 0)
		return r;
	if (items[3].result == ERR_ABSENT)
		return region_of_zone(p);
	return copy_checked(p->region, sizeof(p->region), &region, eic_region_ok, "region");
}

/* A name that the service listed. It is opaque: it never decides what a staple is about. */
struct staple_name {
	struct str name;
	bool wanted, done;
};

struct staple_list {
	struct staple_name at[EIC_NAMES_MAX];
	size_t n, fetched;
};

static void read_list(struct staple_list *names, struct str text)
{
	struct str line;

	while (names->n < EIC_NAMES_MAX && str_take_line(&text, &line)) {
		line = str_trim(line);
		if (line.n == 0)
			continue;
		if (!eic_staple_name_ok(line) || str_is(line, ".") || str_is(line, ".."))
			say_step("staples", "passed over the name \"%.*s\"", STR_ARG(line));
		else
			names->at[names->n++] = (struct staple_name){ .name = line };
	}
}

static void mark_hinted(struct staple_list *names, const struct route *path)
{
	for (size_t i = 0; i < path->n; i++) {
		struct str der = cert_der(path->cert[i]);
		unsigned char sha1[20];
		BUF(hex, 41);

		digest(DIGEST_SHA1, der.p, der.n, sha1);
		hex_add(&hex, sha1, sizeof(sha1));
		for (size_t k = 0; k < names->n; k++)
			if (str_ieq(names->at[k].name, buf_view(&hex)))
				names->at[k].wanted = true;
	}
}

/* One staple on its way. */
struct staple_fetch {
	char path[PATH_ROOM];
	struct buf body;
	struct str name;
};

static void keep_staple(struct plan *p, const struct imds_item *item, struct str name)
{
	struct buf der = buf_of(staple_der[p->n_staples], sizeof(staple_der[0]));

	if (item->result < 0)
		say_step("staples", "%.*s: %s", STR_ARG(name), result_words(item->result));
	else if (base64_read(buf_view(item->body), true, &der) < 0)
		say_step("staples", "%.*s: %s", STR_ARG(name), err_text());
	else
		p->staples[p->n_staples++] = buf_view(&der);
}

static struct imds_item staple_item(struct staple_fetch *f, size_t i, struct str name)
{
	struct buf path = buf_of(f->path, sizeof(f->path));

	f->name = name;
	f->body = buf_of(staple_text[i], sizeof(staple_text[0]));
	buf_addf(&path, KEYS_FOLDER "signer-ocsp/%.*s", STR_ARG(name));
	return (struct imds_item){ .path = f->path, .body = &f->body };
}

/* Fetches what is wanted and not done. One that fails is only missing: the rules see to it. */
static int fetch_wanted(struct plan *p, struct staple_list *names)
{
	static struct staple_fetch fetch[EIC_STAPLES_MAX];
	struct imds_item items[EIC_STAPLES_MAX];
	size_t n = 0;
	int r;

	for (size_t i = 0; i < names->n && names->fetched + n < EIC_STAPLES_MAX; i++) {
		struct staple_name *s = &names->at[i];

		if (!s->wanted || s->done)
			continue;
		s->done = true;
		items[n] = staple_item(&fetch[n], n, s->name);
		n++;
	}
	names->fetched += n;
	r = n > 0 ? get_all(p, items, n) : 0;
	for (size_t i = 0; i < n && r == 0; i++)
		keep_staple(p, &items[i], fetch[i].name);
	return r;
}

static int get_staples(struct plan *p)
{
	static struct staple_list names;
	struct route path = { .n = 0 };
	int r;

	names.n = names.fetched = 0;
	read_list(&names, buf_view(&p->list));
	route_guess(&path, &p->certs, &p->anchors);
	mark_hinted(&names, &path);
	r = fetch_wanted(p, &names);
	if (r < 0 || route_covered(&path, p->staples, p->n_staples))
		return r;
	for (size_t i = 0; i < names.n; i++)
		names.at[i].wanted = true;
	return fetch_wanted(p, &names);
}

int plan_signer(struct plan *p)
{
	int r = get_facts(p);

	if (r < 0)
		return r;
	r = certs_read_pem(&p->certs, buf_view(&p->chain), CERT_CHAIN_MAX);
	if (r < 0)
		return err_in(r, "signer certificate");
	r = anchors_pick(&p->anchors, &p->certs);
	return r < 0 ? r : get_staples(p);
}

void plan_forget_signer(struct plan *p)
{
	certs_close(&p->certs);
	certs_close(&p->anchors);
	p->n_staples = 0;
}
