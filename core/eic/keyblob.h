/* keyblob.h - the signed list of keys under managed-ssh-keys/active-keys/USER, read and written */
#ifndef EIC_KEYBLOB_H
#define EIC_KEYBLOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"
#include "eic/limits.h"

/* One block, borrowed from the text; signed_text is exactly the signed bytes: every '#' line and
 * the key line, each with its LF. */
struct keyblob {
	struct str signed_text;
	struct str key;             /* the key line without LF */
	struct str instance;        /* #Instance; of several, the last */
	struct str caller, request; /* #Caller, #Request; empty when absent; of several, the last */
	struct str expiry;          /* #Timestamp as written */
	int64_t earliest;           /* the smallest of all #Timestamp values, seconds since 1970 */
	bool instances_differ;      /* several #Instance lines that do not agree */
	unsigned char signature[EIC_SIGNATURE_MAX];
	size_t signature_n; /* 0: there is none, or none that can be decoded */
};

/* Takes the next block from the text. 1: taken; 0: the end; ERR_FORMAT: a block that is none was
 * passed over (words say why; go on); '#Timestamp' (at most 19 digits), '#Instance' and a key are
 * mandatory. The whole text with CR anywhere has no valid block. A signature that is missing or
 * cannot be decoded leaves a block that no rule of trust.h lets pass. */
int keyblob_take(struct str *text, struct keyblob *block) MUST_CHECK;

/* Appends the part of a block that is signed. Caller and request may be empty. */
void keyblob_add_text(struct buf *out, int64_t expiry, struct str instance, struct str caller,
	struct str request, struct str key);
/* Appends signed part, signature (base64, one line) and the blank line. */
void keyblob_add(struct buf *out, struct str signed_text, struct str signature);

#endif
