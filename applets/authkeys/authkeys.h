/* authkeys.h - what the command line of authkeys said */
#ifndef AUTHKEYS_AUTHKEYS_H
#define AUTHKEYS_AUTHKEYS_H

#include <stdbool.h>

#include "applets/authkeys/output.h"
#include "base/str.h"

#define AUTHKEYS_CHAIN_MAX (256 * 1024) /* bytes that a chained command may print */

struct authkeys_options {
	const char *imds, *ca, *instance_id, *sysfs_root, *timeout, *chain, *output_file;
	bool ipv6, no_ec2_check, watch, offline, verbose, json;
	struct output_options output;
	struct str user, fingerprint;
	long timeout_ms;
};

#endif
