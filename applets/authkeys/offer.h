/* offer.h - the keys that the metadata service offers, and which of them are handed out */
#ifndef AUTHKEYS_OFFER_H
#define AUTHKEYS_OFFER_H

#include <stdint.h>

#include "applets/authkeys/plan.h"
#include "crypto/sshkey.h"
#include "eic/keyblob.h"

struct offer {
	int64_t now;
	struct str instance_id; /* empty: the metadata service's own */
	struct str fingerprint; /* empty: any key */
	/* EIC_BLOCKS_MAX of them, zeroed for each new answer: what the log has about a block is not
	 * repeated when the same answer is judged again. NULL: nothing is. */
	unsigned char *told;
	/* Called for each key that all rules of eic/trust.h hold for. Everything given lives until
	 * it returns. */
	void (*grant)(void *owner, const struct keyblob *block, const struct sshkey *key);
	void *owner;
};

enum offer_end {
	OFFER_NOTHING,   /* no keys, or none that could matter: expired, another instance, another
			    fingerprint */
	OFFER_GRANTED,   /* at least one */
	OFFER_UNTRUSTED, /* there were keys, but the signer, its chain, a staple or every signature
			    failed */
	OFFER_NO_ANSWER, /* the metadata service does not say whether there are keys */
	OFFER_NO_SIGNER, /* there were keys, but it does not answer what proves them */
};

/* The decision about the keys that plan_keys has fetched; asks for the rest of what it needs. Every
 * refusal has been said (say.h). granted counts the calls of grant. */
enum offer_end offer_judge(struct plan *p, const struct offer *o, unsigned *granted);

/* plan_keys and offer_judge. */
enum offer_end offer_decide(struct plan *p, const struct offer *o, unsigned *granted);

#endif
