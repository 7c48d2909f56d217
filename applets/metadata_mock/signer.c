/* signer.c - the certificates and staples of managed-ssh-keys, and signatures
 *
 * A leaf is made for each region and domain when it is first asked for, under the one intermediate;
 * all leaves share the signer's RSA key. Staples are made with the leaf and again before they
 * lapse. */
#include <string.h>

#include "base/err.h"
#include "crypto/ocsp.h"
#include "crypto/pkcs7.h"
#include "data/enc.h"
#include "eic/keyblob.h"
#include "mock.h"

enum {
	HOUR = 3600,
	DAY = 24 * HOUR,
	LEAF_LIFE = 7 * DAY,
	STAPLE_LIFE = 12 * HOUR,
	SETS = 8,
	PEM_MAX = 8192,
	DER_MAX = 4096
};
enum { STAPLED = 2 }; /* leaf and intermediate; the root needs none */

/* What one region serves. */
struct set {
	char region[64], domain[64];
	unsigned generation; /* of the faults it was made under */
	unsigned issue;      /* of the authority's certificates */
	int64_t not_before, remake_at, restaple_at;
	struct certs chain; /* leaf, intermediate, root */
	char pem[PEM_MAX];
	size_t pem_n;
	unsigned char staple[STAPLED][DER_MAX];
	size_t staple_n[STAPLED];
	bool made;
};

struct signer {
	const struct authority *authority;
	const struct faults *faults;
	struct pk stranger; /* for the fault of a wrong signer */
	struct set sets[SETS];
	unsigned next; /* to be given up */
};

size_t signer_size(void)
{
	return sizeof(struct signer);
}

void signer_open(struct signer *s, const struct authority *a, const struct faults *f)
{
	s->authority = a;
	s->faults = f;
}

void signer_close(struct signer *s)
{
	pk_close(&s->stranger);
	for (size_t i = 0; i < SETS; i++)
		certs_close(&s->sets[i].chain);
}

/* --- a region's certificates --- */

static int add_leaf(struct signer *s, struct set *set, int64_t now)
{
	BUF(name, 256);
	BUF(der, DER_MAX);
	bool expired = s->faults->expired_leaf;
	struct cert_request leaf = {
		.key = &s->authority->signer_key,
		.issuer_key = &s->authority->intermediate_key,
		.not_before = now - (expired ? 30 * DAY : HOUR),
		.not_after = now + (expired ? -DAY : LEAF_LIFE),
		.path_length = -1,
	};
	BUF(issuer, 256);
	int r = cert_common_name(certs_at(&s->authority->chain, 1), &issuer);

	if (s->faults->leaf_name[0])
		buf_puts(&name, s->faults->leaf_name);
	else
		buf_addf(&name, "managed-ssh-signer.%s.%s", set->region, set->domain);
	leaf.common_name = leaf.dns_names[0] = buf_text(&name);
	leaf.issuer_name = buf_text(&issuer);
	leaf.issuer_organization = "not AWS";
	if (r >= 0)
		r = cert_make(&leaf, &der);
	return r < 0 ? r : certs_add_der(&set->chain, buf_view(&der));
}

static int add_chain(struct signer *s, struct set *set, int64_t now)
{
	struct buf pem = buf_of(set->pem, sizeof(set->pem));
	int r = add_leaf(s, set, now);

	for (size_t i = 2; r >= 0 && i-- > 0;)
		r = certs_add_der(&set->chain, cert_der(certs_at(&s->authority->chain, i)));
	for (size_t i = 0; r >= 0 && i < set->chain.n; i++)
		pem_add(&pem, "CERTIFICATE", cert_der(certs_at(&set->chain, i)));
	set->pem_n = pem.len;
	return r < 0 ? r : buf_check(&pem, "chain");
}

static int add_staple(struct signer *s, struct set *set, size_t i, int64_t now)
{
	static const enum ocsp_status statuses[] = {
		[STAPLE_GOOD] = OCSP_GOOD,
		[STAPLE_REVOKED] = OCSP_REVOKED,
		[STAPLE_UNKNOWN] = OCSP_UNKNOWN,
		[STAPLE_MISSING] = OCSP_GOOD,
		[STAPLE_STALE] = OCSP_GOOD,
	};
	int64_t late = s->faults->staple == STAPLE_STALE ? 2 * DAY : 0;
	struct buf der = buf_of((char *)set->staple[i], sizeof(set->staple[i]));
	struct ocsp_request request = {
		.about = certs_at(&set->chain, i),
		.issuer = certs_at(&set->chain, i + 1),
		.key = i == 0 ? &s->authority->intermediate_key : &s->authority->root_key,
		.status = statuses[s->faults->staple],
		.this_update = now - 60 - late,
		.next_update = now + STAPLE_LIFE - late,
	};
	int r = ocsp_make(&request, &der);

	set->staple_n[i] = der.len;
	return r < 0 ? r : buf_check(&der, "staple");
}

static int restaple(struct signer *s, struct set *set, int64_t now)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < STAPLED; i++)
		r = add_staple(s, set, i, now);
	set->restaple_at = now + STAPLE_LIFE / 2;
	return r;
}

static int make(struct signer *s, struct set *set, const struct instance *in, int64_t now)
{
	int r = ERR_BUG;

	certs_close(&set->chain);
	*set = (struct set){ .generation = s->faults->generation,
		.issue = s->authority->issue,
		.not_before = now - HOUR,
		.remake_at = now + LEAF_LIFE - DAY };
	if (!str_copy(set->region, sizeof(set->region), str_of(in->region)) ||
		!str_copy(set->domain, sizeof(set->domain), str_of(in->domain)))
		return err(ERR_LIMIT, "%s: region or domain too long", in->id);
	r = add_chain(s, set, now);
	if (r >= 0)
		r = restaple(s, set, now);
	set->made = r >= 0;
	return r;
}

static struct set *find(struct signer *s, const struct instance *in)
{
	for (size_t i = 0; i < SETS; i++)
		if (s->sets[i].made && strcmp(s->sets[i].region, in->region) == 0 &&
			strcmp(s->sets[i].domain, in->domain) == 0)
			return &s->sets[i];
	s->next = (s->next + 1) % SETS;
	s->sets[s->next].made = false;
	return &s->sets[s->next];
}

/* NULL with words */
static struct set *current(struct signer *s, const struct instance *in, int64_t now)
{
	struct set *set = find(s, in);
	bool in_time = set->made && set->generation == s->faults->generation &&
		set->issue == s->authority->issue && now >= set->not_before && now < set->remake_at;

	if (!in_time && make(s, set, in, now) < 0)
		return NULL;
	if ((now >= set->restaple_at || now < set->restaple_at - STAPLE_LIFE) &&
		restaple(s, set, now) < 0)
		return NULL;
	return set;
}

int signer_chain(struct signer *s, const struct instance *in, int64_t now, struct str *pem)
{
	const struct set *set = current(s, in, now);

	if (!set)
		return ERR_BUG;
	*pem = (struct str){ set->pem, set->pem_n };
	return 0;
}

/* --- staples --- */

/* upper-case hexadecimal SHA-1 of the certificate */
static void staple_name(const struct signer *s, const struct set *set, size_t i, struct buf *out)
{
	enum digest d = s->faults->sha256_names ? DIGEST_SHA256 : DIGEST_SHA1;
	struct str der = cert_der(certs_at(&set->chain, i));
	unsigned char sum[DIGEST_MAX];

	digest(d, der.p, der.n, sum);
	for (size_t n = 0; n < digest_size(d); n++)
		buf_addf(out, "%02X", sum[n]);
}

int signer_names(struct signer *s, const struct instance *in, int64_t now, struct buf *out)
{
	const struct set *set = current(s, in, now);

	if (!set)
		return ERR_BUG;
	for (size_t i = 0; i < STAPLED; i++) {
		if (s->faults->staple == STAPLE_MISSING && i == 0)
			continue;
		staple_name(s, set, i, out);
		buf_putc(out, '\n');
	}
	return 0;
}

int signer_staple(
	struct signer *s, const struct instance *in, int64_t now, struct str name, struct buf *out)
{
	const struct set *set = current(s, in, now);

	if (!set)
		return ERR_BUG;
	for (size_t i = 0; i < STAPLED; i++) {
		BUF(expected, 2 * DIGEST_MAX + 1);

		staple_name(s, set, i, &expected);
		if (!str_eq(name, buf_view(&expected)) ||
			(s->faults->staple == STAPLE_MISSING && i == 0))
			continue;
		base64_add(out, set->staple[i], set->staple_n[i]);
		return 0;
	}
	return err(ERR_ABSENT, "no such staple");
}

/* --- signatures --- */

static int sign(struct signer *s, struct str text, struct buf *out)
{
	const struct pk *key = &s->authority->signer_key;

	if (s->faults->wrong_signer) {
		if (pk_type(&s->stranger) == PK_NONE && pk_generate(&s->stranger, PK_RSA, 2048) < 0)
			return ERR_BUG;
		key = &s->stranger;
	}
	return pk_sign_pss(key, text, s->faults->wrong_salt ? 20 : PK_PSS_SALT, out);
}

int signer_block(struct signer *s, struct live_key *k, struct buf *out)
{
	BUF(text, ARN_MAX + KEY_LINE_MAX + 512);

	keyblob_add_text(&text, k->expiry, str_of(k->instance->id), str_of(k->caller),
		str_of(k->request), str_of(k->line));
	if (buf_check(&text, "key block") < 0)
		return ERR_LIMIT;
	if (k->signature_n == 0 || k->signed_under != s->faults->generation) {
		/* one more than a signature: a buf ends in NUL */
		BUF(signature, PK_SIGNATURE_MAX + 1);

		if (sign(s, buf_view(&text), &signature) < 0)
			return ERR_BUG;
		memcpy(k->signature, signature.p, signature.len);
		k->signature_n = signature.len;
		k->signed_under = s->faults->generation;
	}
	keyblob_add(
		out, buf_view(&text), (struct str){ (const char *)k->signature, k->signature_n });
	return 0;
}

/* The real ones are signed by a certificate of the region that no chain leads to; ours by the root,
 * which is at hand. */
int signer_document(
	struct signer *s, enum document_signature kind, struct str document, struct buf *out)
{
	BUF(der, DER_MAX);
	int r;

	if (kind == DOCUMENT_PLAIN)
		r = pk_sign(&s->authority->root_key, DIGEST_SHA256, document, &der);
	else
		r = pkcs7_make(
			document, certs_at(&s->authority->chain, 0), &s->authority->root_key, &der);
	if (r >= 0)
		base64_add_lines(out, der.p, der.len, 64);
	if (out->len > 0 && out->p[out->len - 1] == '\n')
		out->p[--out->len] = 0;
	return r < 0 ? r : 0;
}
