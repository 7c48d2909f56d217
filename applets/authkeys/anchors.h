/* anchors.h - the certificates that a chain may end at: the compiled-in ones, or the
 * administrator's */
#ifndef AUTHKEYS_ANCHORS_H
#define AUTHKEYS_ANCHORS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "crypto/cert.h"

/* Reads FILE, or the files of DIR that end in .pem or .crt, into memory; before confinement. Each
 * must belong to root, as must all folders above it, and be writable by nobody else; or to the
 * caller, in a session that is the caller's own: one of sshd's never is. Refused as well: no
 * certificate at all, or a private key. ERR_* with words. */
int anchors_load(const char *path) MUST_CHECK;

/* Were they named by the administrator? */
bool anchors_given(void);

/* Adds to list those anchors whose name is an issuer's in chain. Of the compiled-in ones only what
 * the first certificates of the chain name, because parsing costs; the administrator's may hold
 * several of a name. 0 (none is for cert_verify to refuse), ERR_*. */
int anchors_pick(struct certs *list, const struct certs *chain) MUST_CHECK;

#endif
