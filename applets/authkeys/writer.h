/* writer.h - keeps an authorized_keys file up to date, for servers that cannot ask a command */
#ifndef AUTHKEYS_WRITER_H
#define AUTHKEYS_WRITER_H

#include "applets/authkeys/authkeys.h"
#include "applets/authkeys/plan.h"

/* Runs until SIGTERM, SIGINT or SIGHUP, and then takes its keys out of the file. instance_id may be
 * empty. Returns the exit status. */
int writer_run(
	const char *name, const struct authkeys_options *o, struct plan *p, struct str instance_id);

#endif
