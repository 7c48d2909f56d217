/* der.h - DER (X.690), taken apart and put together
 *
 * mbedTLS's own reader also takes BER's longer forms of a length; here each element has one
 * encoding only. */
#ifndef CRYPTO_DER_H
#define CRYPTO_DER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

enum {
	DER_BOOLEAN = 0x01,
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OCTET_STRING = 0x04,
	DER_NULL = 0x05,
	DER_OID = 0x06,
	DER_ENUMERATED = 0x0a,
	DER_UTF8_STRING = 0x0c,
	DER_PRINTABLE_STRING = 0x13,
	DER_IA5_STRING = 0x16,
	DER_UTC_TIME = 0x17,
	DER_GENERALIZED_TIME = 0x18,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
	DER_CONTEXT = 0x80,          /* [n] IMPLICIT of something primitive */
	DER_CONTEXT_OF_PARTS = 0xa0, /* [n] EXPLICIT, or IMPLICIT of something constructed */
};

/* Cursors over str_take: false, and *in unchanged, when the next element is not of this tag, is
 * longer than what is left, or has a length that is not the shortest. Elements of more than 16 MiB
 * and tags above 30 are refused. */
bool der_take(struct str *in, unsigned tag, struct str *content);
bool der_take_whole(struct str *in, unsigned tag, struct str *whole); /* with tag and length */
bool der_take_any(struct str *in, unsigned *tag, struct str *content);
bool der_next_is(struct str in, unsigned tag);

/* The content of a BIT STRING of whole bytes. */
bool der_take_bits(struct str *in, struct str *bytes);
/* A GeneralizedTime of the form YYYYMMDDHHMMSSZ, the only one that X.509 and OCSP know. */
bool der_take_time(struct str *in, int64_t *t);

/* Everything in out from start on becomes the content of one element. */
void der_wrap(struct buf *out, size_t start, unsigned tag);
void der_add(struct buf *out, unsigned tag, struct str content);
void der_add_bits(struct buf *out, struct str bytes);
/* UTCTime up to 2049, GeneralizedTime from then on or where asked for. */
void der_add_time(struct buf *out, int64_t t, bool generalized);

/* What X.509 and OCSP sign alike: SEQUENCE { text, AlgorithmIdentifier, BIT STRING, more }. */
struct der_signed {
	struct str text, algorithm, signature; /* text and algorithm whole, signature its bytes */
	struct str more;                       /* what follows the signature */
};
bool der_take_signed(struct str *in, struct der_signed *parts);

struct pk;
/* Appends algorithm and signature to the text that out holds from start on; SHA-384 by P-384, else
 * SHA-256. What goes into "more" may follow; der_wrap then closes the SEQUENCE. In cert_make.c. */
int der_sign(struct buf *out, size_t start, const struct pk *key) MUST_CHECK;

#endif
