/* authkeys.h - what the parts of authkeys share */
#ifndef AUTHKEYS_AUTHKEYS_H
#define AUTHKEYS_AUTHKEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "applets/authkeys/output.h"
#include "base/str.h"

/* What the command line said. */
struct authkeys_options {
	const char *imds, *ca, *instance_id, *sysfs_root, *timeout, *chain, *output_file;
	bool ipv6, no_ec2_check, watch, offline, verbose, json;
	struct output_options output;
	struct str user, fingerprint;
	long timeout_ms;
};

/* Gives the crypto its memory, and the time by which it judges. */
void authkeys_start_crypto(int64_t now);

/* Gives up what nobody needs from here on, and says what holds. Before the first byte from the
 * network. */
struct sandbox;
void authkeys_confine(const struct sandbox *what);

#endif
