/* cert_test.c - certificates, and paths to an anchor */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/pki.h"

#define NAME "managed-ssh-signer.us-east-1.amazonaws.com"

static struct pk root_key, ca_key, leaf_key, other_key, rsa_key;

/* A chain as it is served, and the anchors; a test spoils one part before it is proven. */
struct world {
	struct pki_cert root, ca, leaf;
	struct certs chain, anchors;
	struct cert_path path;
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
			.path_length = 1 },
		.leaf = { .name = NAME, .issuer = "ca", .key = &leaf_key, .issuer_key = &ca_key },
	};
}

static void drop(struct world *w)
{
	certs_close(&w->chain);
	certs_close(&w->anchors);
}

static int prove(struct world *w)
{
	return cert_verify(&w->chain, &w->anchors, PKI_NOW, &w->path);
}

/* Makes and proves it all. */
static int outcome(struct world w)
{
	int r;

	assert_int_equal(pki_list(&w.anchors, &w.root), 0);
	assert_int_equal(pki_list(&w.chain, &w.leaf), 0);
	assert_int_equal(pki_list(&w.chain, &w.ca), 0);
	r = prove(&w);
	if (r == 0) {
		assert_int_equal(w.path.n, 3);
		assert_ptr_equal(w.path.at[0], certs_at(&w.chain, 0));
		assert_ptr_equal(w.path.at[1], certs_at(&w.chain, 1));
		assert_ptr_equal(w.path.at[2], certs_at(&w.anchors, 0));
	} else {
		assert_int_equal(r, ERR_DENIED);
		assert_int_equal(w.path.n, 0);
	}
	drop(&w);
	return r;
}

static void a_good_chain_is_proven(void **state)
{
	struct world w = good();

	(void)state;
	assert_int_equal(outcome(w), 0);
	w.leaf.key = &rsa_key;
	assert_int_equal(outcome(w), 0);
}

static void dates_of_every_certificate_count(void **state)
{
	struct world w;

	(void)state;
#define DATE(part, field, value, expected) \
	w = good(); \
	w.part.field = (value); \
	assert_int_equal(outcome(w), expected)
	DATE(leaf, until, PKI_NOW - 1, ERR_DENIED);
	DATE(ca, until, PKI_NOW - 1, ERR_DENIED);
	DATE(root, until, PKI_NOW - 1, ERR_DENIED);
	DATE(leaf, from, PKI_NOW + 1, ERR_DENIED);
	DATE(ca, from, PKI_NOW + 1, ERR_DENIED);
	DATE(root, from, PKI_NOW + 1, ERR_DENIED);
	DATE(leaf, until, PKI_NOW, 0);
	DATE(leaf, from, PKI_NOW, 0);
	DATE(leaf, from, -1, 0);                    /* 1969 */
	DATE(leaf, until, 253402300799, 0);         /* the last second of 9999 */
	DATE(leaf, until, -2208988800, ERR_DENIED); /* 1900 */
	DATE(ca, until, -1, ERR_DENIED);
#undef DATE
}

static void odd_times_of_the_judge_prove_nothing(void **state)
{
	struct world w = good();

	(void)state;
	assert_int_equal(pki_list(&w.anchors, &w.root), 0);
	assert_int_equal(pki_list(&w.chain, &w.leaf), 0);
	assert_int_equal(pki_list(&w.chain, &w.ca), 0);
	assert_int_equal(cert_verify(&w.chain, &w.anchors, INT64_MIN, &w.path), ERR_DENIED);
	assert_int_equal(cert_verify(&w.chain, &w.anchors, INT64_MAX, &w.path), ERR_DENIED);
	assert_int_equal(cert_verify(&w.chain, &w.anchors, 0, &w.path), ERR_DENIED);
	assert_int_equal(cert_verify(&w.chain, &w.anchors, -1, &w.path), ERR_DENIED);
	assert_int_equal(prove(&w), 0);
	drop(&w);
}

static void an_issuer_has_to_be_a_ca(void **state)
{
	struct world w;

	(void)state;
#define SPOIL(part, field, ...) \
	w = good(); \
	w.part.field = __VA_ARGS__; \
	assert_int_equal(outcome(w), ERR_DENIED)
	w = good();
	w.ca.ca = false;
	w.ca.path_length = 0;
	assert_int_equal(outcome(w), ERR_DENIED);
	SPOIL(ca, no_basic, true);
	SPOIL(ca, version1, true);
	SPOIL(ca, usage, PKI_USAGE_SIGN);
	SPOIL(root, ca, false);
	SPOIL(root, no_basic, true);
	SPOIL(root, version1, true);
	SPOIL(root, usage, PKI_USAGE_SIGN);
	SPOIL(root, path_length, 1);
#undef SPOIL
	w = good();
	w.root.path_length = 2;
	w.ca.usage = STR("");
	assert_int_equal(outcome(w), 0);
}

static void a_signature_has_to_be_the_issuers(void **state)
{
	struct world w;

	(void)state;
#define SPOIL(part, field, ...) \
	w = good(); \
	w.part.field = __VA_ARGS__; \
	assert_int_equal(outcome(w), ERR_DENIED)
	SPOIL(leaf, flipped, true);
	SPOIL(ca, flipped, true);
	SPOIL(leaf, issuer_key, &other_key);
	SPOIL(ca, issuer_key, &other_key);
	SPOIL(root, key, &other_key);
	SPOIL(leaf, sha1, true);
	SPOIL(ca, sha1, true);
	SPOIL(leaf, issuer, "CA");
	SPOIL(ca, issuer, "root ");
#undef SPOIL
	w = good();
	w.root.sha1 = true; /* nobody checks how an anchor signed itself */
	assert_int_equal(outcome(w), 0);
}

/* An RSA key of so many bytes that nobody signs with: what is wrong with it is seen before. */
static void make_key(struct pk *key, size_t bytes, struct str exponent)
{
	static const char algorithm[] =
		"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";
	char number[257] = "";
	BUF(bits, 512);
	BUF(info, 600);

	memset(number + 1, 0xc5, bytes); /* odd */
	der_add(&bits, DER_INTEGER, (struct str){ number, 1 + bytes });
	der_add(&bits, DER_INTEGER, exponent);
	der_wrap(&bits, 0, DER_SEQUENCE);
	buf_add(&info, algorithm, sizeof(algorithm) - 1);
	der_add_bits(&info, buf_view(&bits));
	der_wrap(&info, 0, DER_SEQUENCE);
	assert_int_equal(pk_read_public(key, buf_view(&info)), 0);
}

static void weak_keys_are_refused_everywhere(void **state)
{
	struct world w = good();
	struct pk weak = { 0 };

	(void)state;
	make_key(&weak, 128, STR("\x01\x00\x01"));
	w.leaf.key = &weak;
	assert_int_equal(outcome(w), ERR_DENIED);
	assert_non_null(strstr(err_text(), "2048 bits"));
	w = good();
	w.ca.key = &weak;
	assert_int_equal(outcome(w), ERR_DENIED);
	assert_non_null(strstr(err_text(), "2048 bits"));
	w = good();
	w.root.key = &weak;
	w.root.issuer_key = &root_key;
	assert_int_equal(outcome(w), ERR_DENIED);
	assert_non_null(strstr(err_text(), "2048 bits"));
	pk_close(&weak);
}

/* The larger the exponent, the longer takes a signature: a chain of such keys would last. */
static void a_key_with_a_huge_exponent_is_refused(void **state)
{
	struct world w = good();
	struct pk slow = { 0 };
	char exponent[33];

	(void)state;
	memset(exponent, 0x7f, sizeof(exponent));
	make_key(&slow, 256, (struct str){ exponent, 32 });
	w.leaf.key = &slow;
	assert_int_equal(outcome(w), 0);
	pk_close(&slow);
	make_key(&slow, 256, (struct str){ exponent, 33 });
	assert_int_equal(outcome(w), ERR_DENIED);
	w = good();
	w.ca.key = &slow;
	assert_int_equal(outcome(w), ERR_DENIED);
	assert_null(strstr(err_text(), "signature"));
	pk_close(&slow);
}

static void without_an_anchor_nothing_is_proven(void **state)
{
	struct world w = good();
	struct certs none = { 0 };

	(void)state;
	assert_int_equal(pki_list(&w.chain, &w.leaf), 0);
	assert_int_equal(pki_list(&w.chain, &w.ca), 0);
	assert_int_equal(pki_list(&w.chain, &w.root), 0);
	assert_int_equal(prove(&w), ERR_DENIED); /* the root that was served is no anchor */
	assert_int_equal(cert_verify(&none, &w.chain, PKI_NOW, &w.path), ERR_DENIED);
	w.root.key = &other_key;
	assert_int_equal(pki_list(&w.anchors, &w.root), 0); /* another one of the same name */
	assert_int_equal(prove(&w), ERR_DENIED);
	w.root.key = &root_key;
	assert_int_equal(pki_list(&w.anchors, &w.root), 0);
	assert_int_equal(prove(&w), 0);
	assert_ptr_equal(w.path.at[2], certs_at(&w.anchors, 1));
	drop(&w);
}

static void an_anchor_is_no_leaf(void **state)
{
	struct world w = good();
	struct pki_cert self = w.leaf;

	(void)state;
	assert_int_equal(pki_list(&w.chain, &w.root), 0);
	assert_int_equal(pki_list(&w.anchors, &w.root), 0);
	assert_int_equal(prove(&w), ERR_DENIED);
	drop(&w);

	self.issuer = NAME; /* a leaf that the administrator named as anchor */
	self.issuer_key = &leaf_key;
	assert_int_equal(pki_list(&w.chain, &self), 0);
	assert_int_equal(pki_list(&w.anchors, &self), 0);
	assert_int_equal(prove(&w), ERR_DENIED);
	drop(&w);

	assert_int_equal(pki_list(&w.chain, &w.leaf), 0); /* one below the anchor, which is a CA */
	assert_int_equal(pki_list(&w.anchors, &w.leaf), 0);
	assert_int_equal(prove(&w), ERR_DENIED);
	drop(&w);
}

/* As observed: leaf, intermediate, root 1 signed by root 2, root 2 signed by an old root. */
static void cross_list(struct certs *list, unsigned which)
{
	const struct pki_cert all[] = {
		{ .name = NAME, .issuer = "M01", .key = &leaf_key, .issuer_key = &ca_key },
		{ .name = "M01",
			.issuer = "Root 1",
			.key = &ca_key,
			.issuer_key = &root_key,
			.ca = true,
			.path_length = 1 },
		{ .name = "Root 1",
			.issuer = "Root 2",
			.key = &root_key,
			.issuer_key = &other_key,
			.ca = true },
		{ .name = "Root 2",
			.issuer = "Old",
			.key = &other_key,
			.issuer_key = &rsa_key,
			.ca = true },
		{ .name = "Root 1", .key = &root_key, .ca = true },
		{ .name = "Root 2", .key = &other_key, .ca = true },
		{ .name = "Old", .key = &rsa_key, .ca = true },
		{ .name = "Root 3", .key = &other_key, .ca = true },
	};

	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (which & 1U << i)
			assert_int_equal(pki_list(list, &all[i]), 0);
}

static void a_cross_signed_chain_ends_at_the_first_anchor(void **state)
{
	static const struct {
		unsigned anchors;
		size_t n;
	} ways[] = { { 0x10, 3 }, { 0x20, 4 }, { 0x40, 5 }, { 0x30, 3 }, { 0x70, 3 }, { 0x60, 4 },
		{ 0x80, 0 }, { 0, 0 } };
	struct world w = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		cross_list(&w.chain, 0x0f);
		cross_list(&w.anchors, ways[i].anchors);
		assert_int_equal(prove(&w), ways[i].n ? 0 : ERR_DENIED);
		assert_int_equal(w.path.n, ways[i].n);
		drop(&w);
	}
}

static void the_order_of_the_rest_of_the_chain_does_not_matter(void **state)
{
	struct world w = { 0 };

	(void)state;
	cross_list(&w.chain, 0x01);
	cross_list(&w.chain, 0x08);
	cross_list(&w.chain, 0x04);
	cross_list(&w.chain, 0x02);
	cross_list(&w.anchors, 0x20);
	assert_int_equal(prove(&w), 0);
	assert_int_equal(w.path.n, 4);
	drop(&w);
}

static void a_loop_ends(void **state)
{
	struct world w = good();

	(void)state;
	w.ca.path_length = 0;
	w.ca.issuer = "second";
	w.ca.issuer_key = &other_key;
	w.root = (struct pki_cert){ .name = "second",
		.issuer = "ca",
		.key = &other_key,
		.issuer_key = &ca_key,
		.ca = true };
	assert_int_equal(pki_list(&w.chain, &w.leaf), 0);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(pki_list(&w.chain, &w.ca), 0);
		assert_int_equal(pki_list(&w.chain, &w.root), 0);
	}
	cross_list(&w.anchors, 0xf0);
	assert_int_equal(prove(&w), ERR_DENIED);
	w.leaf.issuer = NAME; /* and one that names itself */
	certs_close(&w.chain);
	assert_int_equal(pki_list(&w.chain, &w.leaf), 0);
	assert_int_equal(prove(&w), ERR_DENIED);
	drop(&w);
}

static void of_two_intermediates_of_one_name_the_right_one_is_found(void **state)
{
	struct world w = good();
	struct pki_cert twin = w.ca;

	(void)state;
	twin.key = &other_key;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pki_list(&w.anchors, &w.root), 0);
		assert_int_equal(pki_list(&w.chain, &w.leaf), 0);
		assert_int_equal(pki_list(&w.chain, i ? &w.ca : &twin), 0);
		assert_int_equal(pki_list(&w.chain, i ? &twin : &w.ca), 0);
		assert_int_equal(prove(&w), 0);
		drop(&w);
	}
	w.ca.until = PKI_NOW - 1; /* of the same key, but expired: the next one is tried */
	twin.key = &ca_key;
	assert_int_equal(pki_list(&w.anchors, &w.root), 0);
	assert_int_equal(pki_list(&w.chain, &w.leaf), 0);
	assert_int_equal(pki_list(&w.chain, &w.ca), 0);
	assert_int_equal(pki_list(&w.chain, &twin), 0);
	assert_int_equal(prove(&w), 0);
	drop(&w);
}

static void a_search_checks_only_so_many_signatures(void **state)
{
	struct world w = good();
	struct pki_cert twin = w.root;

	(void)state;
	twin.key = &other_key;
	assert_int_equal(pki_list(&w.chain, &w.leaf), 0);
	assert_int_equal(pki_list(&w.chain, &w.ca), 0);
	for (int i = 0; i < 20; i++)
		assert_int_equal(pki_list(&w.anchors, &twin), 0);
	assert_int_equal(pki_list(&w.anchors, &w.root), 0);
	assert_int_equal(prove(&w), ERR_DENIED);
	assert_non_null(strstr(err_text(), "more than 16"));
	drop(&w);
}

/* leaf, then CAs 1 to n of one key, the last of them signed by the root */
static int ladder(size_t n)
{
	char names[CERT_CHAIN_MAX][8];
	struct world w = good();
	int r;

	w.leaf.issuer = "1";
	assert_int_equal(pki_list(&w.anchors, &w.root), 0);
	assert_int_equal(pki_list(&w.chain, &w.leaf), 0);
	for (size_t i = 0; i < CERT_CHAIN_MAX; i++) {
		struct buf name = buf_of(names[i], sizeof(names[i]));

		buf_addf(&name, "%zu", i);
	}
	for (size_t i = 1; i <= n; i++) {
		struct pki_cert c = { .name = names[i],
			.issuer = i == n ? "root" : names[i + 1],
			.key = &ca_key,
			.issuer_key = i == n ? &root_key : &ca_key,
			.ca = true };

		assert_int_equal(pki_list(&w.chain, &c), 0);
	}
	r = prove(&w);
	drop(&w);
	return r;
}

static void a_path_has_an_end(void **state)
{
	(void)state;
	assert_int_equal(ladder(CERT_PATH_MAX - 2), 0);
	assert_int_equal(ladder(CERT_PATH_MAX - 1), ERR_DENIED);
	assert_int_equal(ladder(CERT_CHAIN_MAX - 1), ERR_DENIED);
}

static void a_chain_of_fifty_is_not_even_read(void **state)
{
	static char text[64 * 1024];
	struct buf pem = buf_of(text, sizeof(text));
	struct world w = good();

	(void)state;
	for (int i = 0; i < 50; i++)
		pki_add_pem(&pem, &w.leaf);
	assert_false(pem.full);
	assert_int_equal(certs_read_pem(&w.chain, buf_view(&pem), CERT_CHAIN_MAX), ERR_LIMIT);
	assert_int_equal(w.chain.n, CERT_CHAIN_MAX);
	assert_int_equal(pki_list(&w.chain, &w.leaf), 0); /* whoever added one more */
	assert_int_equal(pki_list(&w.anchors, &w.root), 0);
	assert_int_equal(prove(&w), ERR_DENIED);
	drop(&w);
}

/* --- extensions --- */

static int with_extensions(struct str more)
{
	struct world w = good();

	w.leaf.more = more;
	if (pki_list(&w.chain, &w.leaf) < 0) {
		drop(&w);
		return ERR_FORMAT;
	}
	assert_int_equal(pki_list(&w.chain, &w.ca), 0);
	assert_int_equal(pki_list(&w.anchors, &w.root), 0);
	assert_int_equal(prove(&w), 0);
	drop(&w);
	return 0;
}

static void unknown_extensions_must_not_be_critical(void **state)
{
	BUF(more, 256);

	(void)state;
	pki_add_extension(&more, STR(PKI_OID_UNKNOWN), false, STR("x"));
	assert_int_equal(with_extensions(buf_view(&more)), 0);
	buf_clear(&more);
	pki_add_extension(&more, STR(PKI_OID_UNKNOWN), true, STR("x"));
	assert_int_equal(with_extensions(buf_view(&more)), ERR_FORMAT);
	buf_clear(&more);
	pki_add_extension(&more, STR("\x55\x1d\x1e"), true, STR("\x30\x00")); /* name constraints */
	assert_int_equal(with_extensions(buf_view(&more)), ERR_FORMAT);
}

static void an_extension_stands_once(void **state)
{
	static const char *const oids[] = { PKI_OID_BASIC, PKI_OID_USAGE, PKI_OID_EXTENDED,
		PKI_OID_SAN };
	static const struct str values[] = { { "\x30\x03\x01\x01\xff", 5 },
		{ "\x03\x02\x01\x06", 4 }, { "\x30\x0a" PKI_OCSP, 12 },
		{ "\x30\x03\x82\x01x", 5 } };
	BUF(more, 256);

	(void)state;
	for (size_t i = 0; i < sizeof(oids) / sizeof(oids[0]); i++) {
		buf_clear(&more);
		pki_add_extension(&more, str_of(oids[i]), false, values[i]);
		assert_int_equal(with_extensions(buf_view(&more)), ERR_FORMAT);
	}
}

static void facts_are_what_the_extensions_say(void **state)
{
	struct world w = good();
	struct cert_facts f;

	(void)state;
	assert_int_equal(pki_list(&w.chain, &w.leaf), 0);
	assert_int_equal(pki_list(&w.chain, &w.root), 0);
	w.leaf.no_basic = true;
	w.leaf.usage = w.leaf.extended = w.leaf.san = STR("");
	assert_int_equal(pki_list(&w.chain, &w.leaf), 0);

	assert_int_equal(cert_facts(certs_at(&w.chain, 0), &f), 0);
	assert_true(
		f.has_basic && !f.is_ca && f.has_usage && f.digital_signature && !f.key_cert_sign);
	assert_true(f.has_extended && f.server_auth && f.client_auth && !f.ocsp_signing &&
		!f.any_usage && f.has_san);
	assert_int_equal(f.not_before, PKI_NOW - PKI_DAY);
	assert_int_equal(f.not_after, PKI_NOW + PKI_DAY);
	assert_int_equal(cert_facts(certs_at(&w.chain, 1), &f), 0);
	assert_true(f.has_basic && f.is_ca && f.has_usage && !f.digital_signature &&
		f.key_cert_sign && !f.has_extended);
	assert_int_equal(cert_facts(certs_at(&w.chain, 2), &f), 0);
	assert_false(
		f.has_basic || f.is_ca || f.has_usage || f.digital_signature || f.key_cert_sign);
	assert_false(f.has_extended || f.server_auth || f.client_auth || f.ocsp_signing ||
		f.any_usage || f.has_san);
	assert_null(certs_at(&w.chain, 3));
	drop(&w);
}

/* --- names --- */

static int common_name(struct str subject, struct buf *out)
{
	struct world w = good();
	int r;

	w.leaf.subject = subject;
	if (pki_list(&w.chain, &w.leaf) < 0) {
		drop(&w);
		return ERR_FORMAT;
	}
	buf_clear(out);
	r = cert_common_name(certs_at(&w.chain, 0), out);
	drop(&w);
	return r;
}

static void a_common_name_is_plain_text(void **state)
{
	static const struct {
		unsigned tag;
		struct str name;
		int expected;
	} names[] = {
		{ DER_UTF8_STRING, { NAME, sizeof(NAME) - 1 }, 0 },
		{ DER_PRINTABLE_STRING, { NAME, sizeof(NAME) - 1 }, 0 },
		{ DER_IA5_STRING, { NAME, sizeof(NAME) - 1 }, 0 },
		{ 0x14, { NAME, sizeof(NAME) - 1 }, ERR_FORMAT }, /* T61String */
		{ 0x1e, { "\0m\0a", 4 }, ERR_FORMAT },            /* BMPString */
		{ 0x1c, { "\0\0\0m", 4 }, ERR_FORMAT },           /* UniversalString */
		{ DER_OCTET_STRING, { NAME, sizeof(NAME) - 1 }, ERR_FORMAT },
		{ DER_UTF8_STRING, { NAME "\0evil", sizeof(NAME) + 4 }, ERR_FORMAT },
		{ DER_UTF8_STRING, { NAME "\0", sizeof(NAME) }, ERR_FORMAT },
		{ DER_UTF8_STRING, { NAME "\n", sizeof(NAME) }, ERR_FORMAT },
		{ DER_UTF8_STRING, { "\x1b[2J", 4 }, ERR_FORMAT },
		{ DER_UTF8_STRING, { "", 0 }, ERR_FORMAT },
	};
	BUF(subject, 256);
	BUF(name, 128);

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		buf_clear(&subject);
		pki_add_names(&subject, names[i].tag, names[i].name);
		assert_int_equal(common_name(buf_view(&subject), &name), names[i].expected);
		if (names[i].expected == 0)
			assert_string_equal(buf_text(&name), NAME);
	}
}

static void there_is_one_common_name_or_none_at_all(void **state)
{
	BUF(subject, 512);
	BUF(name, 128);
	BUF(small, 8);

	(void)state;
	pki_add_name(&subject, DER_UTF8_STRING, STR(NAME));
	pki_add_name(&subject, DER_UTF8_STRING, STR("evil"));
	der_wrap(&subject, 0, DER_SEQUENCE);
	assert_int_equal(common_name(buf_view(&subject), &name), ERR_FORMAT);

	buf_clear(&subject); /* two in one set */
	for (int i = 0; i < 2; i++) {
		size_t start = subject.len;

		buf_str(&subject, STR(PKI_OID_CN));
		der_add(&subject, DER_UTF8_STRING, STR(NAME));
		der_wrap(&subject, start, DER_SEQUENCE);
	}
	der_wrap(&subject, 0, DER_SET);
	der_wrap(&subject, 0, DER_SEQUENCE);
	assert_int_equal(common_name(buf_view(&subject), &name), ERR_FORMAT);

	assert_int_equal(common_name(STR("\x30\x00"), &name), ERR_FORMAT);
	buf_clear(&subject);
	pki_add_names(&subject, DER_UTF8_STRING, STR(NAME));
	assert_int_equal(common_name(buf_view(&subject), &small), ERR_LIMIT);
}

static bool san_is(struct str san, const char *name)
{
	struct world w = good();
	bool yes;

	w.leaf.san = san;
	if (pki_list(&w.chain, &w.leaf) < 0)
		return false;
	yes = cert_san_is(certs_at(&w.chain, 0), str_of(name));
	drop(&w);
	return yes;
}

static void alternative_names_are_compared_byte_for_byte(void **state)
{
	(void)state;
	assert_true(san_is(STR("\x82\x03"
			       "a.b"),
		"a.b"));
	assert_true(san_is(STR("\x82\x01x\x87\x04\x7f\x00\x00\x01\x82\x03"
			       "a.b"),
		"a.b"));
	assert_false(san_is(STR("\x82\x03"
				"A.b"),
		"a.b"));
	assert_false(san_is(STR("\x82\x03*.b"), "a.b"));
	assert_false(san_is(STR("\x82\x04"
				"a.b."),
		"a.b"));
	assert_false(san_is(STR("\x82\x05"
				"a.b\0x"),
		"a.b"));
	assert_false(san_is(STR("\x82\x02"
				"a."),
		"a.b"));
	assert_false(san_is(STR("\x86\x03"
				"a.b"),
		"a.b")); /* a URI */
	assert_false(san_is(STR("\x81\x03"
				"a.b"),
		"a.b")); /* mail */
	assert_false(san_is(STR("\xa0\x0e\x06\x05\x2a\x03\x04\x05\x06\xa0\x05\x0c\x03"
				"a.b"),
		"a.b")); /* otherName */
	assert_false(san_is(STR("\xa2\x05\x82\x03"
				"a.b"),
		"a.b"));
	assert_false(san_is(STR("\x87\x04\x7f\x00\x00\x01"), "a.b"));
}

/* --- form --- */

static void every_cut_and_every_flipped_bit_is_noticed(void **state)
{
	struct world w = good();
	BUF(der, PKI_MAX);

	(void)state;
	pki_add_cert(&der, &w.leaf);
	assert_int_equal(pki_list(&w.anchors, &w.root), 0);
	for (size_t i = 0; i < der.len; i++) {
		assert_int_equal(certs_add_der(&w.chain, (struct str){ der.p, i }), ERR_FORMAT);
		der.p[i] ^= 1;
		if (certs_add_der(&w.chain, buf_view(&der)) == 0) {
			assert_int_equal(pki_list(&w.chain, &w.ca), 0);
			assert_int_equal(prove(&w), ERR_DENIED);
		}
		der.p[i] ^= 1;
		certs_close(&w.chain);
	}
	buf_putc(&der, 0);
	assert_int_equal(certs_add_der(&w.chain, buf_view(&der)), ERR_FORMAT);
	assert_int_equal(certs_add_der(&w.chain, (struct str){ 0 }), ERR_FORMAT);
	drop(&w);
}

static void a_length_has_one_form(void **state)
{
	struct world w = good();
	BUF(der, PKI_MAX);

	(void)state;
	pki_add_cert(&der, &w.leaf);
	assert_int_equal((unsigned char)der.p[1], 0x82);
	memmove(der.p + 3, der.p + 2, der.len - 2); /* 83 00 xx xx in place of 82 xx xx */
	der.p[1] = (char)0x83;
	der.p[2] = 0;
	buf_grew(&der, 1);
	assert_int_equal(pki_list(&w.anchors, &w.root), 0);
	if (certs_add_der(&w.chain, buf_view(&der)) == 0) {
		assert_int_equal(pki_list(&w.chain, &w.ca), 0);
		assert_int_equal(prove(&w), ERR_DENIED);
	}
	drop(&w);
}

static void a_serial_number_is_not_empty(void **state)
{
	struct world w = good();

	(void)state;
	w.leaf.serial = "";
	assert_int_equal(pki_list(&w.chain, &w.leaf), ERR_FORMAT);
	w.leaf.serial = "\xff\x01";
	assert_int_equal(pki_list(&w.chain, &w.leaf), 0);
	assert_true(str_is(cert_serial(certs_at(&w.chain, 0)), "\xff\x01"));
	drop(&w);
}

/* --- PEM --- */

static int read_text(const char *format, const char *pem, size_t expected)
{
	struct certs list = { 0 };
	BUF(text, 8192);
	int r;

	buf_addf(&text, format, pem);
	r = certs_read_pem(&list, buf_view(&text), CERT_CHAIN_MAX);
	if (r == 0)
		assert_int_equal(list.n, expected);
	certs_close(&list);
	return r;
}

static void pem_is_read_with_what_stands_around_it(void **state)
{
	struct world w = good();
	BUF(pem, PKI_MAX);

	(void)state;
	pki_add_pem(&pem, &w.leaf);
	assert_int_equal(read_text("%s", buf_text(&pem), 1), 0);
	assert_int_equal(read_text("# Amazon Root CA 1\n%s# the end", buf_text(&pem), 1), 0);
	assert_int_equal(read_text("s:/CN=x\n i:/CN=y\n\n%s\n\n", buf_text(&pem), 1), 0);
	pki_add_pem(&pem, &w.ca);
	assert_int_equal(read_text("%s", buf_text(&pem), 2), 0);
}

static void what_is_no_certificate_in_pem_is_refused(void **state)
{
	(void)state;
	assert_int_equal(read_text("%s", "", 0), ERR_ABSENT);
	assert_int_equal(read_text("%s", "hello\n", 0), ERR_ABSENT);
	assert_int_equal(read_text("%s", "  -----BEGIN CERTIFICATE-----\n", 0), ERR_ABSENT);
	assert_int_equal(read_text("%s", "-----BEGIN CERTIFICATE-----\n", 0), ERR_FORMAT);
	assert_int_equal(read_text("%s", "-----BEGIN CERTIFICATE-----\nMIIB\n", 0), ERR_FORMAT);
	assert_int_equal(
		read_text("%s", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", 0),
		ERR_FORMAT);
	assert_int_equal(
		read_text(
			"%s", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", 0),
		ERR_FORMAT);
	assert_int_equal(
		read_text(
			"%s", "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n", 0),
		ERR_FORMAT);
	assert_int_equal(
		read_text(
			"%s", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END PRIVATE KEY-----\n", 0),
		ERR_FORMAT);
	assert_int_equal(
		read_text("%s", "-----BEGIN CERTIFICATE-----\nMIIB\n-----BEGIN CERTIFICATE-----\n",
			0),
		ERR_FORMAT);
	assert_int_equal(
		read_text(
			"%s", "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n", 0),
		ERR_FORMAT);
	assert_int_equal(read_text("%s", "-----BEGIN TRUSTED CERTIFICATE-----\n", 0), ERR_FORMAT);
}

static void of_a_bundle_only_the_issuers_are_parsed(void **state)
{
	static char text[32 * 1024];
	struct buf pem = buf_of(text, sizeof(text));
	struct world w = good();
	struct pki_cert odd = w.root;

	(void)state;
	odd.name = "odd";
	odd.more = STR("\x30\x0c\x06\x03\x2a\x03\x04\x01\x01\xff\x04\x02xx"); /* nobody could parse
										 it */
	pki_add_pem(&pem, &odd);
	pki_add_pem(&pem, &w.leaf);
	pki_add_pem(&pem, &w.root);
	assert_int_equal(pki_list(&w.chain, &w.leaf), 0);
	assert_int_equal(pki_list(&w.chain, &w.ca), 0);
	assert_int_equal(certs_read_pem(&w.anchors, buf_view(&pem), 3), ERR_FORMAT);
	assert_int_equal(certs_read_pem_named(&w.anchors, buf_view(&pem), 2, &w.chain), ERR_LIMIT);
	certs_close(&w.anchors);
	assert_int_equal(certs_read_pem_named(&w.anchors, buf_view(&pem), 3, &w.chain), 0);
	assert_int_equal(w.anchors.n, 1);
	assert_int_equal(prove(&w), 0);
	assert_int_equal(certs_add_named(&w.anchors, STR("\x30\x00"), &w.chain), ERR_FORMAT);
	assert_int_equal(certs_add_named(&w.anchors, cert_der(certs_at(&w.chain, 0)), &w.chain), 0);
	assert_int_equal(certs_add_named(&w.anchors, cert_der(certs_at(&w.chain, 1)), &w.chain), 1);
	drop(&w);
}

/* --- our own --- */

static int make(struct certs *list, const struct cert_request *q)
{
	BUF(der, PKI_MAX);
	int r = cert_make(q, &der);

	return r < 0 ? r : certs_add_der(list, buf_view(&der));
}

static void what_we_make_is_proven(void **state)
{
	const struct cert_request root = { .common_name = "root",
		.organization = "not AWS",
		.key = &rsa_key,
		.issuer_key = &rsa_key,
		.issuer_name = "root",
		.issuer_organization = "not AWS",
		.not_after = 4102444800,
		.ca = true,
		.path_length = -1 };
	const struct cert_request ca = { .common_name = "ca",
		.key = &ca_key,
		.issuer_key = &rsa_key,
		.issuer_name = "root",
		.issuer_organization = "not AWS",
		.not_after = 4102444800,
		.ca = true };
	const struct cert_request leaf = { .common_name = NAME,
		.key = &leaf_key,
		.issuer_key = &ca_key,
		.issuer_name = "ca",
		.not_after = 2000000000,
		.path_length = -1,
		.dns_names = { NAME, "localhost" },
		.ip_address = "127.0.0.1" };
	struct world w = { 0 };
	struct cert_facts f;

	(void)state;
	assert_int_equal(make(&w.anchors, &root), 0);
	assert_int_equal(make(&w.chain, &leaf), 0);
	assert_int_equal(make(&w.chain, &ca), 0);
	assert_int_equal(prove(&w), 0);
	assert_int_equal(w.path.n, 3);
	assert_true(cert_san_is(w.path.at[0], STR(NAME)));
	assert_true(cert_san_is(w.path.at[0], STR("localhost")));
	assert_int_equal(cert_facts(w.path.at[0], &f), 0);
	assert_true(
		f.has_basic && !f.is_ca && f.digital_signature && f.server_auth && f.client_auth);
	assert_int_equal(f.not_after, 2000000000);
	assert_int_equal(cert_facts(w.path.at[1], &f), 0);
	assert_int_equal(f.not_after, 4102444800);
	assert_false(str_eq(cert_serial(w.path.at[0]), cert_serial(w.path.at[1])));
	assert_int_equal(cert_signed_by(w.path.at[0], w.path.at[1]), 0);
	assert_int_equal(cert_signed_by(w.path.at[0], w.path.at[2]), ERR_DENIED);
	drop(&w);
}

static void a_responder_of_a_p384_issuer_can_be_made(void **state)
{
	const struct cert_request ca = { .common_name = "ca",
		.key = &leaf_key,
		.issuer_key = &leaf_key,
		.issuer_name = "ca",
		.not_after = 2000000000,
		.ca = true,
		.path_length = 0 };
	const struct cert_request responder = { .common_name = "responder",
		.key = &other_key,
		.issuer_key = &leaf_key,
		.issuer_name = "ca",
		.not_after = 2000000000,
		.ocsp_signing = true };
	struct certs list = { 0 };
	struct cert_facts f;

	(void)state;
	assert_int_equal(make(&list, &ca), 0);
	assert_int_equal(make(&list, &responder), 0);
	assert_int_equal(cert_signed_by(certs_at(&list, 1), certs_at(&list, 0)), 0);
	assert_int_equal(cert_facts(certs_at(&list, 1), &f), 0);
	assert_true(
		f.ocsp_signing && f.digital_signature && !f.server_auth && !f.is_ca && !f.has_san);
	certs_close(&list);
}

static void what_cannot_be_made_is_refused(void **state)
{
	struct cert_request q = { .common_name = "x",
		.key = &leaf_key,
		.issuer_key = &ca_key,
		.issuer_name = "ca",
		.not_after = 2000000000,
		.ip_address = "not an address" };
	struct certs list = { 0 };
	BUF(small, 64);

	(void)state;
	assert_int_equal(make(&list, &q), ERR_USAGE);
	q.ip_address = "::1";
	assert_int_equal(make(&list, &q), 0);
	q.path_length = 128;
	assert_int_equal(make(&list, &q), ERR_USAGE);
	q.path_length = 0;
	assert_int_equal(cert_make(&q, &small), ERR_LIMIT);
	certs_close(&list);
}

static int make_keys(void **state)
{
	(void)state;
	pki_key(&root_key, PK_P256);
	pki_key(&ca_key, PK_P256);
	pki_key(&leaf_key, PK_P384);
	pki_key(&other_key, PK_P256);
	pki_key(&rsa_key, PK_RSA);
	return 0;
}

static int drop_keys(void **state)
{
	(void)state;
	pk_close(&root_key);
	pk_close(&ca_key);
	pk_close(&leaf_key);
	pk_close(&other_key);
	pk_close(&rsa_key);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_chain_is_proven),
		cmocka_unit_test(dates_of_every_certificate_count),
		cmocka_unit_test(odd_times_of_the_judge_prove_nothing),
		cmocka_unit_test(an_issuer_has_to_be_a_ca),
		cmocka_unit_test(a_signature_has_to_be_the_issuers),
		cmocka_unit_test(weak_keys_are_refused_everywhere),
		cmocka_unit_test(a_key_with_a_huge_exponent_is_refused),
		cmocka_unit_test(without_an_anchor_nothing_is_proven),
		cmocka_unit_test(an_anchor_is_no_leaf),
		cmocka_unit_test(a_cross_signed_chain_ends_at_the_first_anchor),
		cmocka_unit_test(the_order_of_the_rest_of_the_chain_does_not_matter),
		cmocka_unit_test(a_loop_ends),
		cmocka_unit_test(of_two_intermediates_of_one_name_the_right_one_is_found),
		cmocka_unit_test(a_search_checks_only_so_many_signatures),
		cmocka_unit_test(a_path_has_an_end),
		cmocka_unit_test(a_chain_of_fifty_is_not_even_read),
		cmocka_unit_test(unknown_extensions_must_not_be_critical),
		cmocka_unit_test(an_extension_stands_once),
		cmocka_unit_test(facts_are_what_the_extensions_say),
		cmocka_unit_test(a_common_name_is_plain_text),
		cmocka_unit_test(there_is_one_common_name_or_none_at_all),
		cmocka_unit_test(alternative_names_are_compared_byte_for_byte),
		cmocka_unit_test(every_cut_and_every_flipped_bit_is_noticed),
		cmocka_unit_test(a_length_has_one_form),
		cmocka_unit_test(a_serial_number_is_not_empty),
		cmocka_unit_test(pem_is_read_with_what_stands_around_it),
		cmocka_unit_test(what_is_no_certificate_in_pem_is_refused),
		cmocka_unit_test(of_a_bundle_only_the_issuers_are_parsed),
		cmocka_unit_test(what_we_make_is_proven),
		cmocka_unit_test(a_responder_of_a_p384_issuer_can_be_made),
		cmocka_unit_test(what_cannot_be_made_is_refused),
	};

	return cmocka_run_group_tests(tests, make_keys, drop_keys);
}
