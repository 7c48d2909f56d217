/* trust.h - which keys may be handed to sshd: numbered rules over facts that are arguments
 *
 * Nothing here talks to anyone. A key is handed out only when all rules hold; anything doubtful is
 * "no". Under anchors that an administrator named, rules 5, 6 and 8 hold where there is such an
 * extension; under the compiled-in ones it is mandatory.
 *
 * About this run (trust_open; when one fails no key is trusted)
 *  1  the clock is not before the date of the build
 *  2  the instance id is known and has its grammar
 *  3  region has its grammar, and domain is in the compiled-in list
 *  4  the leaf's one CN is managed-ssh-signer.REGION.DOMAIN, byte for byte
 *  5  a SAN is that name too
 *  6  key usage has digitalSignature
 *  7  extended key usage, where present, has serverAuth, clientAuth or any; in the leaf and in
 *     every certificate between it and the anchor
 *  8  the leaf is no CA
 *  9  the chain is proven to an anchor now (cert_verify)
 * 10  every certificate of that path below the anchor has a staple that is proven to say "good"
 *     (ocsp_verify)
 *
 * About each block (trust_key)
 * 11  it is a block by the grammar (keyblob_take)
 * 12  every #Instance in it is this instance
 * 13  every #Timestamp in it lies in the future
 * 14  the key line is a public key, ssh-ed25519 or ssh-rsa, without options
 * 15  the fingerprint, where sshd gave one, is this key's
 * 16  the signature is the leaf's RSA-PSS over exactly the signed bytes
 */
#ifndef EIC_TRUST_H
#define EIC_TRUST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"
#include "crypto/cert.h"
#include "crypto/sshkey.h"
#include "eic/keyblob.h"
#include "eic/limits.h"

/* The facts. Everything is borrowed and must live until trust_close. */
struct trust_facts {
	int64_t now, build_date;
	struct str instance_id, region, domain;
	struct str chain_pem;
	struct str staples[EIC_STAPLES_MAX]; /* DER, in any order */
	size_t n_staples;
	const struct certs *anchors; /* what a chain may end at */
	bool administrators_anchors; /* they were named on the command line: rules 5, 6 and 8 where
					present */
	bool name_given; /* offline use: expected_name is what the leaf's CN must be, which is all
			    of rule 3; an id that is none fails rule 12 instead of 2 */
	struct str expected_name;
};

/* The outcome of rules 1 to 10; the fields are the module's own. */
struct trust {
	const struct trust_facts *facts;
	struct certs chain;
	struct cert_facts leaf;
	struct cert_path path;
	struct pk signer;
	const struct cert *doubted; /* rule 10: the certificate without a good staple, or NULL */
	struct str name;            /* what the leaf must be called */
	char name_storage[2 * EIC_SMALL_MAX];
	bool proven;
};

/* Adds those of the compiled-in anchors that the first certificates of the chain name as their
 * issuer; parsing costs, so the others are left alone. */
int trust_anchors(struct certs *out, const struct certs *chain) MUST_CHECK;

/* Rules 1 to 10. 0: proven, trust_key may be asked. ERR_DENIED with "rule N: reason". Close it in
 * any case. */
int trust_open(struct trust *t, const struct trust_facts *facts) MUST_CHECK;
void trust_close(struct trust *t);

/* Rules 12 to 15: no crypto, so that a foreign key costs nothing. Needs no trust_open. fingerprint
 * may be empty. 0 or ERR_DENIED; key is empty then. */
int trust_filter(const struct keyblob *block, struct str instance_id, struct str fingerprint,
	int64_t now, struct sshkey *key) MUST_CHECK;

/* Rule 16 on top of a proven t, and again 12 to 15 by t's facts. 0: hand it out. ERR_DENIED with
 * "rule N: reason". */
int trust_key(const struct trust *t, const struct keyblob *block, struct str fingerprint,
	struct sshkey *key) MUST_CHECK;

#endif
