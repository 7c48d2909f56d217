/* ask.h - the programs of the machine itself: what sshd makes of its files, and that it reads them
 */
#ifndef INSTALL_ASK_H
#define INSTALL_ASK_H

#include "applets/install/unit.h"
#include "base/buf.h"

enum ask_state {
	ASK_ABSENT,  /* there is no sshd */
	ASK_WORKS,   /* sshd accepts its files */
	ASK_UNREADY, /* it would, but has no host keys, user or /run/sshd yet */
	ASK_BROKEN,  /* it does not */
};

/* What sshd -T said. */
struct ask {
	enum ask_state state;
	char words[CONF_VALUE_MAX];   /* why not */
	char command[CONF_VALUE_MAX]; /* AuthorizedKeysCommand; "none", or "" when not known */
	char pidfile[256];
	char port[CONF_PORT_MAX]; /* the first one */
};

/* Runs the real sshd in test mode, which is also asked for the effect of its files: of those that u
 * starts it with. */
void ask_sshd(struct ask *a, const struct unit *u);

/* Makes the sshd that runs read its files again, by systemd or by SIGHUP; never starts or restarts
 * one, and leaves one of another root alone. Says what came of it: that none runs is no error. */
int ask_reload(const struct ask *a) MUST_CHECK;

/* Runs a program of the machine: its exit status and all that it says, or an error. */
int ask_run(struct buf *out, char *const *argv) MUST_CHECK;

#endif
