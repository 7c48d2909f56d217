/* keygen_pair.h - a private key and its public line become two files, both or none */
#ifndef APPLETS_KEYGEN_PAIR_H
#define APPLETS_KEYGEN_PAIR_H

#include <stdbool.h>

#include "base/str.h"
#include "base/err.h"

/* Writes path (0600) and path.pub (0644), both synced. Until both are complete they stand under
 * other names beside; a full disk, a failure or a signal in between leaves nothing, and with
 * replace what was there before. Without replace an existing file of either name is ERR_DENIED.
 * Signals wait until it is done. */
int pair_write(
	const char *path, struct str private_text, struct str public_text, bool replace) MUST_CHECK;

/* Does path or path.pub exist? Puts the name in existing. */
bool pair_exists(const char *path, const char **existing);

#endif
