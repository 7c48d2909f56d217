/* trust.c - which keys may be handed to sshd: the rules of trust.h, each by its number */
#include "eic/trust.h"

#include <string.h>

#include "crypto/ocsp.h"
#include "crypto/pk.h"
#include "eic/anchors.h"

/* --- what the rules stand on --- */

static int read_chain(struct trust *t)
{
	if (t->facts->chain_pem.n > EIC_CHAIN_MAX)
		return err(ERR_DENIED, "signer chain: larger than %d bytes", EIC_CHAIN_MAX);
	if (certs_read_pem(&t->chain, t->facts->chain_pem, CERT_CHAIN_MAX) < 0)
		return err_in(ERR_DENIED, "signer chain");
	return cert_facts(certs_at(&t->chain, 0), &t->leaf);
}

int trust_anchors(struct certs *out, const struct certs *chain)
{
	for (size_t i = 0; i < chain->n && out->n == 0; i++)
		for (size_t a = 0; a < anchors_count; a++) {
			struct str der = { (const char *)anchors[a].der, anchors[a].n };
			int r = cert_names_issuer(certs_at(chain, i), der) ? certs_add_der(out, der)
									   : 0;

			if (r < 0)
				return err_in(r, "%s", anchors[a].name);
		}
	return 0;
}

/* Where an extension is mandatory, its absence counts as the wrong content. */
static bool may_be_absent(const struct trust *t)
{
	return t->facts->administrators_anchors;
}

/* --- rules 1 to 10, about this run --- */

static int rule_1_clock(struct trust *t)
{
	if (t->facts->build_date <= 0 || t->facts->now < t->facts->build_date)
		return err(ERR_DENIED,
			"the clock is not plausible, it is before the date of the build");
	return 0;
}

static int rule_2_instance(struct trust *t)
{
	if (!t->facts->name_given && !eic_instance_id_ok(t->facts->instance_id))
		return err(
			ERR_DENIED, "'%.*s': not an instance id", STR_ARG(t->facts->instance_id));
	return 0;
}

static int rule_3_place(struct trust *t)
{
	struct buf name = buf_of(t->name_storage, sizeof(t->name_storage));

	if (t->facts->name_given) {
		t->name = t->facts->expected_name;
		return t->name.n > 0 ? 0 : err(ERR_DENIED, "the name of the signer is empty");
	}
	if (!eic_region_ok(t->facts->region))
		return err(ERR_DENIED, "'%.*s': not a region", STR_ARG(t->facts->region));
	if (!eic_domain_ok(t->facts->domain))
		return err(ERR_DENIED, "'%.*s': not a domain of AWS", STR_ARG(t->facts->domain));
	buf_addf(&name, "managed-ssh-signer.%.*s.%.*s", STR_ARG(t->facts->region),
		STR_ARG(t->facts->domain));
	t->name = buf_view(&name);
	return buf_check(&name, "name of the signer");
}

static int rule_4_common_name(struct trust *t)
{
	BUF(name, 2 * EIC_SMALL_MAX);

	if (cert_common_name(certs_at(&t->chain, 0), &name) < 0)
		return ERR_DENIED;
	if (!str_eq(buf_view(&name), t->name))
		return err(ERR_DENIED, "the signer is '%s', not '%.*s'", buf_text(&name),
			STR_ARG(t->name));
	return 0;
}

static int rule_5_san(struct trust *t)
{
	if (!t->leaf.has_san && may_be_absent(t))
		return 0;
	if (!cert_san_is(certs_at(&t->chain, 0), t->name))
		return err(ERR_DENIED, "no alternative name of the signer is '%.*s'",
			STR_ARG(t->name));
	return 0;
}

static int rule_6_usage(struct trust *t)
{
	if (!t->leaf.has_usage && may_be_absent(t))
		return 0;
	if (!t->leaf.digital_signature)
		return err(ERR_DENIED, "the signer's key usage has no digitalSignature");
	return 0;
}

static bool extended_usage_ok(const struct cert_facts *f)
{
	return !f->has_extended || f->server_auth || f->client_auth || f->any_usage;
}

static int rule_7_extended(struct trust *t)
{
	if (!extended_usage_ok(&t->leaf))
		return err(ERR_DENIED,
			"the signer's extended key usage has neither serverAuth nor clientAuth");
	return 0;
}

static int rule_8_no_ca(struct trust *t)
{
	if (!t->leaf.has_basic && may_be_absent(t))
		return 0;
	if (!t->leaf.has_basic || t->leaf.is_ca)
		return err(ERR_DENIED, "the signer may be a CA");
	return 0;
}

static int rule_9_path(struct trust *t)
{
	return cert_verify(&t->chain, t->facts->anchors, t->facts->now, &t->path);
}

/* Rule 7 again, now that it is known who stands between the leaf and the anchor. */
static int rule_7_between(struct trust *t)
{
	struct cert_facts f;

	for (size_t i = 1; i + 1 < t->path.n; i++)
		if (cert_facts(t->path.at[i], &f) < 0 || !extended_usage_ok(&f))
			return err(ERR_DENIED,
				"the extended key usage of a CA in the path forbids it");
	return 0;
}

static int find_staple(struct trust *t, const struct cert *c, const struct cert *issuer)
{
	int r = err(ERR_DENIED, "no staple for a certificate of the chain");

	for (size_t i = 0; r != 0 && i < t->facts->n_staples && i < EIC_STAPLES_MAX; i++)
		if (ocsp_is_about(t->facts->staples[i], c, issuer))
			r = ocsp_verify(t->facts->staples[i], c, issuer, t->facts->now);
	return r;
}

static int rule_10_staples(struct trust *t)
{
	if (t->path.n < 2)
		return err(ERR_DENIED, "no path");
	for (size_t i = 0; i + 1 < t->path.n; i++) {
		int r = find_staple(t, t->path.at[i], t->path.at[i + 1]);

		t->doubted = r != 0 ? t->path.at[i] : NULL;
		if (r != 0)
			return r;
	}
	return 0;
}

int trust_open(struct trust *t, const struct trust_facts *facts)
{
	static const struct {
		unsigned number;
		int (*holds)(struct trust *t);
	} rules[] = {
		{ 1, rule_1_clock },
		{ 2, rule_2_instance },
		{ 3, rule_3_place },
		{ 9, read_chain },
		{ 4, rule_4_common_name },
		{ 5, rule_5_san },
		{ 6, rule_6_usage },
		{ 7, rule_7_extended },
		{ 8, rule_8_no_ca },
		{ 9, rule_9_path },
		{ 7, rule_7_between },
		{ 10, rule_10_staples },
	};
	int r;

	memset(t, 0, sizeof(*t));
	t->facts = facts;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (rules[i].holds(t) != 0)
			return err_in(ERR_DENIED, "rule %u", rules[i].number);
	r = cert_key(t->path.at[0], &t->signer);
	if (r < 0)
		return err_in(ERR_DENIED, "rule 16");
	t->proven = true;
	return 0;
}

void trust_close(struct trust *t)
{
	t->proven = false;
	pk_close(&t->signer);
	certs_close(&t->chain);
	memset(t, 0, sizeof(*t));
}

/* --- rules 12 to 16, about each block (11 is keyblob_take's) --- */

static int rule_12_instance(const struct keyblob *block, struct str instance_id)
{
	if (!eic_instance_id_ok(instance_id) || block->instances_differ ||
		!str_eq(block->instance, instance_id))
		return err(ERR_DENIED, "rule 12: the key is for instance '%.*s', this is '%.*s'",
			STR_ARG(block->instance), STR_ARG(instance_id));
	return 0;
}

static int rule_13_time(const struct keyblob *block, int64_t now)
{
	if (block->earliest <= now)
		return err(
			ERR_DENIED, "rule 13: the key expired at %lld", (long long)block->earliest);
	return 0;
}

static int rule_14_key(const struct keyblob *block, struct sshkey *key)
{
	struct str comment;

	if (sshkey_read_line(key, block->key, &comment) < 0)
		return err_in(ERR_DENIED, "rule 14");
	if (key->type != SSHKEY_ED25519 && key->type != SSHKEY_RSA)
		return err(ERR_DENIED, "rule 14: the key is neither ssh-ed25519 nor ssh-rsa");
	return 0;
}

static int rule_15_fingerprint(const struct sshkey *key, struct str fingerprint)
{
	if (fingerprint.n > 0 && !sshkey_matches(key, fingerprint))
		return err(ERR_DENIED, "rule 15: the key's fingerprint is not '%.*s'",
			STR_ARG(fingerprint));
	return 0;
}

static int filter(const struct keyblob *block, struct str instance_id, struct str fingerprint,
	int64_t now, struct sshkey *key)
{
	if (rule_12_instance(block, instance_id) != 0 || rule_13_time(block, now) != 0 ||
		rule_14_key(block, key) != 0 || rule_15_fingerprint(key, fingerprint) != 0)
		return ERR_DENIED;
	return 0;
}

int trust_filter(const struct keyblob *block, struct str instance_id, struct str fingerprint,
	int64_t now, struct sshkey *key)
{
	int r = filter(block, instance_id, fingerprint, now, key);

	if (r != 0)
		memset(key, 0, sizeof(*key));
	return r;
}

static int rule_16_signature(const struct trust *t, const struct keyblob *block)
{
	struct str signature = { (const char *)block->signature, block->signature_n };

	if (block->signature_n == 0 || block->signature_n > sizeof(block->signature))
		return err(ERR_DENIED, "rule 16: there is no signature, or it is no base64");
	if (pk_verify_pss(&t->signer, block->signed_text, signature) != 0)
		return err(ERR_DENIED, "rule 16: the signature is not the signer's");
	return 0;
}

int trust_key(const struct trust *t, const struct keyblob *block, struct str fingerprint,
	struct sshkey *key)
{
	int r = ERR_BUG;

	if (!t->proven) {
		r = err(ERR_DENIED, "the signer is not proven");
		goto out;
	}
	r = filter(block, t->facts->instance_id, fingerprint, t->facts->now, key);
	if (r == 0)
		r = rule_16_signature(t, block);
out:
	if (r != 0)
		memset(key, 0, sizeof(*key));
	return r;
}
