/* unit.h - what systemd starts sshd with: options in ExecStart win over every file */
#ifndef INSTALL_UNIT_H
#define INSTALL_UNIT_H

#include "applets/install/conf.h"
#include "applets/install/root.h"

struct unit {
	struct conf_place command, user; /* of -o */
	char config[PATH_MAX];           /* of -f; "" when there is none */
	char port[CONF_PORT_MAX];        /* of -p, the first one; "" */
	struct conf_place script;        /* what is started in place of sshd, and not looked into */
};

/* Reads the units of sshd, with their drop-ins and their environment. No unit at all is none of
 * these. */
int unit_read(struct unit *u, const struct root *r) MUST_CHECK;

#endif
