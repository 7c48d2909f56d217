/* criteria.h - whom a Match block of sshd_config is about: everybody, or only some
 *
 * Asked is for a connection that no administrator names: what it meets, everybody meets, but for
 * exceptions. The real sshd is asked for the same one. sshd_config(5), ssh_config(5) PATTERNS. */
#ifndef INSTALL_CRITERIA_H
#define INSTALL_CRITERIA_H

#include "base/str.h"

/* RFC 5737: addresses that no machine has. */
#define CRITERIA_USER "eicbox-anybody"
#define CRITERIA_ADDRESS "192.0.2.1"
#define CRITERIA_LOCAL "192.0.2.2"
#define CRITERIA_PORT "22" /* where sshd_config has no other */

/* Whether that connection, to this port, meets what stands behind Match. */
bool criteria_met(struct str criteria, const char *port);

#endif
