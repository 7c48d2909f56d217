/* trust_test.c - each rule of trust.h broken alone, and everything else good */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "data/enc.h"
#include "eic/anchors.h"
#include "eic/trust.h"
#include "tests/unit/pki.h"

#define REGION "us-east-1"
#define DOMAIN "amazonaws.com"
#define NAME "managed-ssh-signer." REGION "." DOMAIN
#define INSTANCE "i-1234567890abcdef0"

static struct pk root_key, ca_key, leaf_key, other_key, ec_key;
static char user_key[256]; /* a line */

/* What an instance is served, how it is made, and what is known about the instance. */
struct world {
	struct pki_cert root, ca, leaf;
	struct pki_ocsp leaf_staple, ca_staple;
	bool no_leaf_staple, no_ca_staple;
	int64_t expiry;
	const char *instance, *key, *extra_meta;
	int salt;
	bool flipped;
	struct trust_facts facts;
};

/* What came of it. */
struct outcome {
	struct certs anchors, chain;
	char pem[8192], staples[2][4096], blob[8192];
	struct str blob_text;
	struct trust trust;
	struct trust_facts facts;
	struct sshkey key;
};

static struct world good(void)
{
	return (struct world){
		.root = { .name = "root", .key = &root_key, .ca = true },
		.ca = { .name = "ca",
			.issuer = "root",
			.key = &ca_key,
			.issuer_key = &root_key,
			.ca = true,
			.serial = "\x52" },
		.leaf = { .name = NAME, .issuer = "ca", .key = &leaf_key, .issuer_key = &ca_key },
		.leaf_staple = { .key = &ca_key },
		.ca_staple = { .key = &root_key },
		.expiry = PKI_NOW + 60,
		.instance = INSTANCE,
		.key = user_key,
		.extra_meta = "#Caller=arn:aws:iam::123456789012:user/alice\n#Request=6f1c1c3e\n",
		.salt = PK_PSS_SALT,
		.facts = { .now = PKI_NOW,
			.build_date = PKI_NOW - 365 * PKI_DAY,
			.instance_id = STR(INSTANCE),
			.region = STR(REGION),
			.domain = STR(DOMAIN) },
	};
}

static void make_chain(struct world *w, struct outcome *o)
{
	struct buf pem = buf_of(o->pem, sizeof(o->pem));

	assert_int_equal(pki_list(&o->anchors, &w->root), 0);
	pki_add_pem(&pem, &w->leaf);
	pki_add_pem(&pem, &w->ca);
	pki_check(!pem.full);
	o->facts.chain_pem = buf_view(&pem);
	assert_int_equal(certs_read_pem(&o->chain, buf_view(&pem), 2), 0);
}

static void make_staple(struct outcome *o, size_t i, struct pki_ocsp *q)
{
	struct buf der = buf_of(o->staples[i], sizeof(o->staples[i]));

	if (!q->about)
		q->about = certs_at(&o->chain, i);
	if (!q->issuer)
		q->issuer = i == 0 ? certs_at(&o->chain, 1) : certs_at(&o->anchors, 0);
	pki_add_ocsp(&der, q);
	o->facts.staples[o->facts.n_staples++] = buf_view(&der);
}

static void make_blob(const struct world *w, struct outcome *o)
{
	struct buf blob = buf_of(o->blob, sizeof(o->blob));
	BUF(text, 4096);
	BUF(signature, PK_SIGNATURE_MAX + 1);

	buf_addf(&text, "#Timestamp=%lld\n#Instance=%s\n%s%s\n", (long long)w->expiry, w->instance,
		w->extra_meta, w->key);
	pki_check(pk_sign_pss(&leaf_key, buf_view(&text), w->salt, &signature) == 0);
	if (w->flipped)
		signature.p[7] ^= 1;
	keyblob_add(&blob, buf_view(&text), buf_view(&signature));
	pki_check(!blob.full && !text.full);
	o->blob_text = buf_view(&blob);
}

static void drop(struct outcome *o)
{
	trust_close(&o->trust);
	certs_close(&o->chain);
	certs_close(&o->anchors);
}

static int open_world(struct world *w, struct outcome *o)
{
	memset(o, 0, sizeof(*o));
	o->facts = w->facts;
	make_chain(w, o);
	o->facts.anchors = &o->anchors;
	if (!w->no_leaf_staple)
		make_staple(o, 0, &w->leaf_staple);
	if (!w->no_ca_staple)
		make_staple(o, 1, &w->ca_staple);
	make_blob(w, o);
	return trust_open(&o->trust, &o->facts);
}

/* The number of the rule that the world breaks, 0 for none. */
static int broken(struct world w, const char *fingerprint)
{
	struct keyblob block;
	struct outcome o;
	int r = open_world(&w, &o);

	if (r == 0) {
		r = keyblob_take(&o.blob_text, &block);
		assert_int_equal(r, 1);
		r = trust_key(&o.trust, &block, str_of(fingerprint), &o.key);
	}
	drop(&o);
	if (r == 0)
		return 0;
	assert_int_equal(r, ERR_DENIED);
	assert_int_equal(o.key.type, SSHKEY_NONE);
	assert_memory_equal(err_text(), "rule ", 5);
	return (int)strtol(err_text() + 5, NULL, 10);
}

#define BREAK(rule, field, ...) \
	do { \
		struct world w_ = good(); \
		w_.field = __VA_ARGS__; \
		assert_int_equal(broken(w_, ""), rule); \
	} while (0)
#define HOLDS(field, ...) BREAK(0, field, __VA_ARGS__)

static struct world administrators(void)
{
	struct world w = good();

	w.facts.administrators_anchors = true;
	return w;
}

#define ADMIN(rule, field, ...) \
	do { \
		struct world w_ = administrators(); \
		w_.field = __VA_ARGS__; \
		assert_int_equal(broken(w_, ""), rule); \
	} while (0)

static void when_all_rules_hold_the_key_is_handed_out(void **state)
{
	struct keyblob block;
	struct world w = good();
	struct outcome o;
	BUF(line, 512);

	(void)state;
	assert_int_equal(open_world(&w, &o), 0);
	assert_int_equal(keyblob_take(&o.blob_text, &block), 1);
	assert_int_equal(trust_key(&o.trust, &block, (struct str){ 0 }, &o.key), 0);
	sshkey_add_line(&line, &o.key, (struct str){ 0 });
	assert_string_equal(buf_text(&line), user_key);
	drop(&o);
	assert_int_equal(broken(administrators(), ""), 0);
}

static void rule_1_the_clock_is_not_before_the_build(void **state)
{
	(void)state;
	HOLDS(facts.build_date, PKI_NOW);
	BREAK(1, facts.build_date, PKI_NOW + 1);
	BREAK(1, facts.build_date, INT64_MAX);
	BREAK(1, facts.build_date, 0); /* nobody said when it was built */
	BREAK(1, facts.now, 0);
	BREAK(1, facts.now, -1);
	BREAK(1, facts.now, INT64_MIN);
	ADMIN(1, facts.now, 0);
	BREAK(9, facts.now, INT64_MAX);
}

static void rule_2_the_instance_is_known(void **state)
{
	(void)state;
	BREAK(2, facts.instance_id, STR(""));
	BREAK(2, facts.instance_id, (struct str){ 0 });
	BREAK(2, facts.instance_id, STR("i-XYZ45678"));
	BREAK(2, facts.instance_id, STR(INSTANCE "\0"));
	ADMIN(2, facts.instance_id, STR("mi-1234567890abcdef0"));
}

static void rule_3_region_and_domain_are_of_aws(void **state)
{
	(void)state;
	BREAK(3, facts.region, STR(""));
	BREAK(3, facts.region, STR("us-east-1a"));
	BREAK(3, facts.region, STR("us-east-1.evil"));
	BREAK(3, facts.domain, STR(""));
	BREAK(3, facts.domain, STR("example.com"));
	BREAK(3, facts.domain, STR("amazonaws.com\0"));
	ADMIN(3, facts.domain, STR("example.com"));
}

static void rule_3_nobody_may_buy_the_name_under_another_domain(void **state)
{
	struct world w = good();

	(void)state;
	w.leaf.name = "managed-ssh-signer.us-east-1.example.com"; /* everything agrees with
								     everything */
	w.facts.domain = STR("example.com");
	assert_int_equal(broken(w, ""), 3);
	w.leaf.name = "managed-ssh-signer.example.com.amazonaws.com";
	w.facts.region = STR("example.com");
	w.facts.domain = STR(DOMAIN);
	assert_int_equal(broken(w, ""), 3);
}

static void rule_4_the_common_name_is_the_signers(void **state)
{
	static const char *const names[] = { "managed-ssh-signer.us-east-2.amazonaws.com",
		"Managed-ssh-signer." REGION "." DOMAIN, NAME ".", NAME ".evil.com", "x" NAME,
		"*." REGION "." DOMAIN, "evil.com", NAME " " };
	BUF(subject, 256);
	struct world w = good();

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		buf_clear(&subject);
		pki_add_names(&subject, DER_UTF8_STRING, str_of(names[i]));
		BREAK(4, leaf.subject, buf_view(&subject));
		ADMIN(4, leaf.subject, buf_view(&subject));
	}
	BREAK(4, facts.region, STR("us-east-2"));
	buf_clear(&subject);
	pki_add_names(
		&subject, DER_UTF8_STRING, (struct str){ NAME "\0.evil.com", sizeof(NAME) + 9 });
	BREAK(4, leaf.subject, buf_view(&subject));
	buf_clear(&subject);
	pki_add_names(&subject, 0x14, STR(NAME)); /* T61String */
	BREAK(4, leaf.subject, buf_view(&subject));
	buf_clear(&subject);
	pki_add_name(&subject, DER_UTF8_STRING, STR(NAME));
	pki_add_name(&subject, DER_UTF8_STRING, STR(NAME));
	der_wrap(&subject, 0, DER_SEQUENCE);
	BREAK(4, leaf.subject, buf_view(&subject));
	BREAK(4, leaf.subject, STR("\x30\x00"));
	w.facts.name_given = true; /* offline: the name is an argument */
	w.facts.expected_name = STR(NAME);
	w.facts.region = w.facts.domain = (struct str){ 0 };
	assert_int_equal(broken(w, ""), 0);
	w.facts.expected_name = STR("somebody");
	assert_int_equal(broken(w, ""), 4);
	w.facts.expected_name = STR("");
	assert_int_equal(broken(w, ""), 3);
}

static struct str dns(struct buf *b, const char *name)
{
	buf_clear(b);
	der_add(b, DER_CONTEXT | 2, str_of(name));
	return buf_view(b);
}

static void rule_5_an_alternative_name_is_the_signers_too(void **state)
{
	BUF(san, 256);

	(void)state;
	BREAK(5, leaf.san, STR(""));
	BREAK(5, leaf.san, dns(&san, "evil.com"));
	BREAK(5, leaf.san, dns(&san, "managed-ssh-signer.us-east-2.amazonaws.com"));
	BREAK(5, leaf.san, dns(&san, "*." REGION "." DOMAIN));
	BREAK(5, leaf.san, dns(&san, NAME "."));
	BREAK(5, leaf.san, dns(&san, "Managed-ssh-signer." REGION "." DOMAIN));
	ADMIN(0, leaf.san, STR(""));
	ADMIN(5, leaf.san, dns(&san, "evil.com"));
	buf_clear(&san); /* the right text as another kind of name */
	der_add(&san, DER_CONTEXT | 6, STR(NAME));
	BREAK(5, leaf.san, buf_view(&san));
	ADMIN(5, leaf.san, buf_view(&san));
	dns(&san, "other.example.com");
	der_add(&san, DER_CONTEXT | 2, STR(NAME));
	HOLDS(leaf.san, buf_view(&san));
}

static void rule_6_the_key_may_sign(void **state)
{
	(void)state;
	BREAK(6, leaf.usage, STR(""));
	BREAK(6, leaf.usage, PKI_USAGE_ENCIPHER);
	BREAK(6, leaf.usage, PKI_USAGE_CA);
	HOLDS(leaf.usage, STR("\x07\x80"));
	ADMIN(0, leaf.usage, STR(""));
	ADMIN(6, leaf.usage, PKI_USAGE_ENCIPHER);
}

static void rule_7_extended_usage_is_a_servers_or_a_clients(void **state)
{
	(void)state;
	BREAK(7, leaf.extended, STR(PKI_EMAIL));
	BREAK(7, leaf.extended, STR(PKI_OCSP));
	ADMIN(7, leaf.extended, STR(PKI_EMAIL));
	HOLDS(leaf.extended, STR(""));
	HOLDS(leaf.extended, STR(PKI_SERVER));
	HOLDS(leaf.extended, STR(PKI_CLIENT));
	HOLDS(leaf.extended, STR(PKI_ANY));
	HOLDS(leaf.extended, STR(PKI_EMAIL PKI_CLIENT));
	BREAK(7, ca.extended, STR(PKI_EMAIL));
	HOLDS(ca.extended, STR(PKI_SERVER PKI_CLIENT));
}

static void rule_8_the_leaf_is_no_ca(void **state)
{
	struct world w = good();

	(void)state;
	w.leaf.ca = true;
	w.leaf.usage = PKI_USAGE_SIGN;
	w.leaf.san = STR("\x82\x2a" NAME);
	assert_int_equal(sizeof(NAME) - 1, 0x2a);
	assert_int_equal(broken(w, ""), 8);
	w.facts.administrators_anchors = true;
	assert_int_equal(broken(w, ""), 8);
	BREAK(8, leaf.no_basic, true);
	ADMIN(0, leaf.no_basic, true);
}

static void rule_9_the_chain_leads_to_an_anchor(void **state)
{
	struct world w = good();

	(void)state;
	BREAK(9, root.key, &other_key);
	BREAK(9, root.name, "another root");
	BREAK(9, leaf.flipped, true);
	BREAK(9, ca.flipped, true);
	BREAK(9, leaf.issuer_key, &other_key);
	BREAK(9, leaf.sha1, true);
	BREAK(9, leaf.until, PKI_NOW - 1);
	BREAK(9, ca.until, PKI_NOW - 1);
	BREAK(9, root.until, PKI_NOW - 1);
	BREAK(9, leaf.from, PKI_NOW + 1);
	BREAK(9, ca.usage, PKI_USAGE_SIGN);
	BREAK(9, root.path_length, 1);
	ADMIN(9, leaf.flipped, true);
	w.ca.ca = false;
	w.ca.san = STR("");
	assert_int_equal(broken(w, ""), 9);
}

static int open_with(struct trust_facts *facts)
{
	struct trust t;
	int r = trust_open(&t, facts);

	if (r != 0) {
		assert_false(t.proven);
		assert_int_equal(r, ERR_DENIED);
		r = (int)strtol(err_text() + 5, NULL, 10);
	}
	trust_close(&t);
	return r;
}

static void rule_9_a_chain_that_is_none_leads_nowhere(void **state)
{
	static char fifty[160 * 1024];
	struct buf pem = buf_of(fifty, sizeof(fifty));
	struct world w = good();
	struct outcome o;
	struct certs none = { 0 };

	(void)state;
	assert_int_equal(open_world(&w, &o), 0);
	trust_close(&o.trust);
	assert_int_equal(open_with(&o.facts), 0);
	o.facts.anchors = &none;
	assert_int_equal(open_with(&o.facts), 9);
	o.facts.anchors = &o.anchors;
	o.facts.chain_pem = STR("");
	assert_int_equal(open_with(&o.facts), 9);
	o.facts.chain_pem = STR("<html>not found</html>");
	assert_int_equal(open_with(&o.facts), 9);
	for (int i = 0; i < 25; i++)
		buf_add(&pem, o.pem, strlen(o.pem));
	o.facts.chain_pem = buf_view(&pem);
	assert_int_equal(open_with(&o.facts), 9);
	o.facts.chain_pem.n = EIC_CHAIN_MAX + 1;
	assert_int_equal(open_with(&o.facts), 9);
	drop(&o);
}

static void rule_9_what_nobody_made_an_anchor_is_none(void **state)
{
	struct certs compiled_in = { 0 };
	struct world w = good();
	struct outcome o;

	(void)state;
	assert_int_equal(open_world(&w, &o), 0);
	trust_close(&o.trust);
	assert_int_equal(trust_anchors(&compiled_in, &o.chain), 0);
	assert_int_equal(compiled_in.n, 0);
	o.facts.anchors = &compiled_in;
	assert_int_equal(open_with(&o.facts), 9);
	o.facts.administrators_anchors = true;
	assert_int_equal(open_with(&o.facts), 9);
	drop(&o);
}

static void rule_10_every_certificate_below_the_anchor_has_a_good_staple(void **state)
{
	(void)state;
	BREAK(10, no_leaf_staple, true);
	BREAK(10, no_ca_staple, true);
	ADMIN(10, no_ca_staple, true);
	BREAK(10, leaf_staple.status, DER_CONTEXT_OF_PARTS | 1);
	BREAK(10, ca_staple.status, DER_CONTEXT_OF_PARTS | 1);
	BREAK(10, leaf_staple.status, DER_CONTEXT | 2);
	BREAK(10, leaf_staple.at, PKI_NOW - OCSP_AGE_MAX - 1);
	BREAK(10, leaf_staple.at, PKI_NOW + OCSP_SKEW + 1);
	BREAK(10, ca_staple.next, PKI_NOW - OCSP_SKEW - 1);
	BREAK(10, leaf_staple.key, &other_key);
	BREAK(10, leaf_staple.key, &root_key);
	BREAK(10, ca_staple.flipped, true);
	BREAK(10, leaf_staple.sha1, true);
	BREAK(10, leaf_staple.envelope, 3);
	BREAK(10, leaf_staple.serial, STR("\x77")); /* answers for another certificate */
	HOLDS(leaf_staple.id, DIGEST_SHA256);
	HOLDS(ca_staple.by_key, true);
}

static void rule_10_staples_are_known_by_what_they_say(void **state)
{
	struct world w = good();
	struct outcome o;
	struct str garbage[] = { STR(""), STR("x"), STR("\x30\x80"), { 0 } }, swapped;

	(void)state;
	assert_int_equal(open_world(&w, &o), 0);
	trust_close(&o.trust);
	swapped = o.facts.staples[0];
	o.facts.staples[0] = o.facts.staples[1];
	o.facts.staples[1] = swapped;
	assert_int_equal(open_with(&o.facts), 0);
	o.facts.staples[6] = o.facts.staples[0];
	o.facts.staples[15] = swapped;
	for (size_t i = 0; i < 15; i++)
		if (i != 6)
			o.facts.staples[i] = garbage[i % 4];
	o.facts.n_staples = 16;
	assert_int_equal(open_with(&o.facts), 0);
	o.facts.n_staples = 15;
	assert_int_equal(open_with(&o.facts), 10);
	o.facts.n_staples = 0;
	assert_int_equal(open_with(&o.facts), 10);
	drop(&o);
}

static void rule_10_what_lies_above_the_anchor_needs_no_staple(void **state)
{
	struct world w = good();
	struct outcome o;
	struct pki_cert cross = { .name = "root",
		.issuer = "old",
		.key = &root_key,
		.issuer_key = &other_key,
		.ca = true };
	BUF(pem, sizeof(o.pem));

	(void)state;
	assert_int_equal(open_world(&w, &o), 0);
	trust_close(&o.trust);
	buf_str(&pem, o.facts.chain_pem);
	pki_add_pem(&pem, &cross);
	o.facts.chain_pem = buf_view(&pem);
	assert_int_equal(open_with(&o.facts), 0);
	certs_close(&o.anchors);
	cross.name = "old"; /* now the path is longer by one certificate without staple */
	cross.key = &other_key;
	assert_int_equal(pki_list(&o.anchors, &cross), 0);
	assert_int_equal(open_with(&o.facts), 10);
	drop(&o);
}

static void rule_11_what_is_no_block_is_not_looked_at(void **state)
{
	static const char *const spoilt[] = { "#Timestamp", "#Instance" };
	struct keyblob block;
	struct outcome o;
	struct world w;
	char *at;

	(void)state;
	for (size_t i = 0; i < sizeof(spoilt) / sizeof(spoilt[0]); i++) {
		w = good();
		assert_int_equal(open_world(&w, &o), 0);
		at = strstr(o.blob, spoilt[i]);
		assert_non_null(at);
		*at = '~'; /* in front of a mandatory name */
		assert_int_equal(keyblob_take(&o.blob_text, &block), ERR_FORMAT);
		assert_int_not_equal(trust_key(&o.trust, &block, (struct str){ 0 }, &o.key), 0);
		drop(&o);
	}
}

static void rule_12_the_key_is_for_this_instance(void **state)
{
	(void)state;
	BREAK(12, instance, "i-00000000000000000");
	BREAK(12, instance, INSTANCE "0");
	BREAK(12, instance, "i-1234567890abcdef");
	BREAK(12, instance, "I-1234567890ABCDEF0");
	BREAK(12, instance, INSTANCE " ");
	BREAK(12, extra_meta, "#Instance=i-00000000000000000\n");
	BREAK(12, extra_meta, "#Instance=i-00000000000000000\n#Instance=" INSTANCE "\n");
	HOLDS(extra_meta, "#Instance=" INSTANCE "\n");
	ADMIN(12, instance, "i-00000000000000000");
}

static void rule_13_the_key_is_alive(void **state)
{
	(void)state;
	BREAK(13, expiry, PKI_NOW);
	BREAK(13, expiry, PKI_NOW - 1);
	BREAK(13, expiry, 0);
	HOLDS(expiry, PKI_NOW + 1);
	HOLDS(expiry, INT64_MAX);
	BREAK(13, extra_meta, "#Timestamp=1\n");
	ADMIN(13, expiry, PKI_NOW);
}

static void rule_14_the_key_is_one_that_the_service_takes(void **state)
{
	static const char *const keys[] = { "ssh-garbage xx", "ssh-ed25519", "ssh-ed25519 AAAA",
		"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5",
		"ssh-rsa AAAAB3NzaC1yc2E=", "command=\"id\" ssh-ed25519 AAAA",
		"-----BEGIN OPENSSH PRIVATE KEY-----", "ecdsa-sha2-nistp256 AAAA", "ssh-dss AAAA" };
	BUF(line, 512);

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		BREAK(14, key, keys[i]);
	buf_addf(&line, "restrict,command=\"id\" %s", user_key);
	BREAK(14, key, buf_text(&line));
	buf_clear(&line);
	buf_addf(&line, "%s alice@laptop", user_key);
	HOLDS(key, buf_text(&line));
}

static void rule_14_other_types_are_refused_even_when_they_are_keys(void **state)
{
	struct sshkey_pair pair = { .seed = { 0 } };
	struct str comment = { 0 };
	BUF(line, 512);

	(void)state;
	assert_int_equal(sshkey_generate(&pair, SSHKEY_P256, 256), 0);
	sshkey_add_line(&line, &pair.key, comment);
	BREAK(14, key, buf_text(&line));
	ADMIN(14, key, buf_text(&line));
	sshkey_close(&pair);
}

static void rule_15_the_fingerprint_is_this_keys(void **state)
{
	struct sshkey key;
	struct str comment;
	BUF(sha256, SSHKEY_FINGERPRINT_MAX);
	BUF(md5, SSHKEY_FINGERPRINT_MAX);

	(void)state;
	assert_int_equal(sshkey_read_line(&key, str_of(user_key), &comment), 0);
	sshkey_fingerprint(&sha256, &key, false);
	sshkey_fingerprint(&md5, &key, true);
	assert_int_equal(broken(good(), buf_text(&sha256)), 0);
	assert_int_equal(broken(good(), buf_text(&md5)), 0);
	sha256.p[10] ^= 1;
	assert_int_equal(broken(good(), buf_text(&sha256)), 15);
	assert_int_equal(broken(good(), "SHA256:"), 15);
	assert_int_equal(broken(good(), "nonsense"), 15);
	assert_int_equal(broken(good(), "*"), 15);
}

static void rule_16_the_signature_is_the_leafs_over_exactly_these_bytes(void **state)
{
	(void)state;
	BREAK(16, flipped, true);
	BREAK(16, salt, 20);
	BREAK(16, salt, 31);
	BREAK(16, salt, 33);
	BREAK(16, salt, 0);
	ADMIN(16, flipped, true);
}

static void rule_16_nothing_may_be_changed_under_a_signature(void **state)
{
	struct world w = good();
	struct outcome o;
	struct keyblob block, longer;
	char copy[8192];
	size_t n;

	(void)state;
	assert_int_equal(open_world(&w, &o), 0);
	assert_int_equal(keyblob_take(&o.blob_text, &block), 1);
	n = block.signed_text.n;
	memcpy(copy, block.signed_text.p, n);
	for (size_t i = 0; i < n; i++) {
		longer = block;
		longer.signed_text = (struct str){ copy, n };
		copy[i] ^= 1;
		assert_int_equal(
			trust_key(&o.trust, &longer, (struct str){ 0 }, &o.key), ERR_DENIED);
		copy[i] ^= 1;
	}
	longer = block;
	longer.signed_text.n--; /* without the last LF */
	assert_int_equal(trust_key(&o.trust, &longer, (struct str){ 0 }, &o.key), ERR_DENIED);
	longer = block;
	longer.signature_n--;
	assert_int_equal(trust_key(&o.trust, &longer, (struct str){ 0 }, &o.key), ERR_DENIED);
	longer.signature_n = 0;
	assert_int_equal(trust_key(&o.trust, &longer, (struct str){ 0 }, &o.key), ERR_DENIED);
	longer.signature_n = sizeof(longer.signature) + 1;
	assert_int_equal(trust_key(&o.trust, &longer, (struct str){ 0 }, &o.key), ERR_DENIED);
	assert_int_equal(trust_key(&o.trust, &block, (struct str){ 0 }, &o.key), 0);
	drop(&o);
}

static void rule_16_a_signer_without_an_rsa_key_signs_nothing(void **state)
{
	(void)state;
	BREAK(16, leaf.key, &ec_key);
	BREAK(16, leaf.key, &other_key); /* proven, but another one than signed the block */
}

static void without_a_proven_signer_no_key_is_trusted(void **state)
{
	struct world w = good();
	struct outcome o;
	struct keyblob block;
	struct trust empty = { .proven = false };

	(void)state;
	w.no_ca_staple = true;
	assert_int_equal(open_world(&w, &o), ERR_DENIED);
	assert_int_equal(keyblob_take(&o.blob_text, &block), 1);
	assert_int_equal(trust_key(&o.trust, &block, (struct str){ 0 }, &o.key), ERR_DENIED);
	trust_close(&o.trust);
	assert_int_equal(trust_key(&o.trust, &block, (struct str){ 0 }, &o.key), ERR_DENIED);
	assert_int_equal(trust_key(&empty, &block, (struct str){ 0 }, &o.key), ERR_DENIED);
	trust_close(&empty);
	drop(&o);
}

static void the_filter_needs_no_signer(void **state)
{
	struct world w = good();
	struct outcome o;
	struct keyblob block;

	(void)state;
	w.flipped = true;
	assert_int_equal(open_world(&w, &o), 0);
	assert_int_equal(keyblob_take(&o.blob_text, &block), 1);
	assert_int_equal(
		trust_filter(&block, STR(INSTANCE), (struct str){ 0 }, PKI_NOW, &o.key), 0);
	assert_int_equal(o.key.type, SSHKEY_ED25519);
	assert_int_equal(
		trust_filter(&block, STR("i-00000000"), (struct str){ 0 }, PKI_NOW, &o.key),
		ERR_DENIED);
	assert_int_equal(o.key.type, SSHKEY_NONE);
	assert_int_equal(
		trust_filter(&block, (struct str){ 0 }, (struct str){ 0 }, PKI_NOW, &o.key),
		ERR_DENIED);
	assert_int_equal(
		trust_filter(&block, STR(INSTANCE), (struct str){ 0 }, PKI_NOW + 60, &o.key),
		ERR_DENIED);
	assert_int_equal(
		trust_filter(&block, STR(INSTANCE), STR("SHA256:x"), PKI_NOW, &o.key), ERR_DENIED);
	drop(&o);
}

/* Our own self-signed certificate with the names of a compiled-in anchor makes no anchor. */
static void a_compiled_in_anchor_is_added_when_the_chain_names_it(void **state)
{
	struct certs all = { 0 }, chain = { 0 }, chosen = { 0 };
	struct cert_path path;

	(void)state;
	assert_int_equal(anchors_count, 5);
	for (size_t i = 0; i < anchors_count; i++)
		assert_int_equal(
			certs_add_der(
				&all, (struct str){ (const char *)anchors[i].der, anchors[i].n }),
			0);
	assert_int_equal(trust_anchors(&chosen, &chain), 0);
	assert_int_equal(chosen.n, 0);
	for (size_t i = 0; i < anchors_count; i++) {
		struct str der = cert_der(certs_at(&all, i));

		assert_int_equal(certs_add_der(&chain, der), 0); /* self-signed: it names itself */
		assert_int_equal(trust_anchors(&chosen, &chain), 0);
		assert_int_equal(chosen.n, 1);
		assert_true(str_eq(cert_der(certs_at(&chosen, 0)), der));
		assert_int_equal(cert_verify(&chain, &chosen, PKI_NOW, &path), ERR_DENIED); /* as a
											       leaf
											     */
		assert_int_equal(cert_signed_by(certs_at(&chosen, 0), certs_at(&chain, 0)), 0);
		certs_close(&chosen);
		certs_close(&chain);
	}
	certs_close(&all);
}

static int make_keys(void **state)
{
	struct sshkey_pair pair;
	struct buf line = buf_of(user_key, sizeof(user_key));

	(void)state;
	pki_key(&root_key, PK_P256);
	pki_key(&ca_key, PK_P256);
	pki_key(&ec_key, PK_P256);
	pki_key(&leaf_key, PK_RSA);
	pki_key(&other_key, PK_RSA);
	pki_check(sshkey_generate(&pair, SSHKEY_ED25519, 256) == 0);
	sshkey_add_line(&line, &pair.key, (struct str){ 0 });
	sshkey_close(&pair);
	return 0;
}

static int drop_keys(void **state)
{
	(void)state;
	pk_close(&root_key);
	pk_close(&ca_key);
	pk_close(&ec_key);
	pk_close(&leaf_key);
	pk_close(&other_key);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(when_all_rules_hold_the_key_is_handed_out),
		cmocka_unit_test(rule_1_the_clock_is_not_before_the_build),
		cmocka_unit_test(rule_2_the_instance_is_known),
		cmocka_unit_test(rule_3_region_and_domain_are_of_aws),
		cmocka_unit_test(rule_3_nobody_may_buy_the_name_under_another_domain),
		cmocka_unit_test(rule_4_the_common_name_is_the_signers),
		cmocka_unit_test(rule_5_an_alternative_name_is_the_signers_too),
		cmocka_unit_test(rule_6_the_key_may_sign),
		cmocka_unit_test(rule_7_extended_usage_is_a_servers_or_a_clients),
		cmocka_unit_test(rule_8_the_leaf_is_no_ca),
		cmocka_unit_test(rule_9_the_chain_leads_to_an_anchor),
		cmocka_unit_test(rule_9_a_chain_that_is_none_leads_nowhere),
		cmocka_unit_test(rule_9_what_nobody_made_an_anchor_is_none),
		cmocka_unit_test(rule_10_every_certificate_below_the_anchor_has_a_good_staple),
		cmocka_unit_test(rule_10_staples_are_known_by_what_they_say),
		cmocka_unit_test(rule_10_what_lies_above_the_anchor_needs_no_staple),
		cmocka_unit_test(rule_11_what_is_no_block_is_not_looked_at),
		cmocka_unit_test(rule_12_the_key_is_for_this_instance),
		cmocka_unit_test(rule_13_the_key_is_alive),
		cmocka_unit_test(rule_14_the_key_is_one_that_the_service_takes),
		cmocka_unit_test(rule_14_other_types_are_refused_even_when_they_are_keys),
		cmocka_unit_test(rule_15_the_fingerprint_is_this_keys),
		cmocka_unit_test(rule_16_the_signature_is_the_leafs_over_exactly_these_bytes),
		cmocka_unit_test(rule_16_nothing_may_be_changed_under_a_signature),
		cmocka_unit_test(rule_16_a_signer_without_an_rsa_key_signs_nothing),
		cmocka_unit_test(without_a_proven_signer_no_key_is_trusted),
		cmocka_unit_test(the_filter_needs_no_signer),
		cmocka_unit_test(a_compiled_in_anchor_is_added_when_the_chain_names_it),
	};

	return cmocka_run_group_tests(tests, make_keys, drop_keys);
}
