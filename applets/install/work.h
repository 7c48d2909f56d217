/* work.h - plans are carried out, and undone, with the journal ahead of every step */
#ifndef INSTALL_WORK_H
#define INSTALL_WORK_H

#include "applets/install/ask.h"
#include "applets/install/journal.h"
#include "applets/install/plan.h"

/* One run of the applet. */
struct work {
	const char *name; /* of the applet */
	const struct root *root;
	struct journal journal;
	const struct unit *unit; /* what sshd is started with */
	struct ask before;       /* what the real sshd said at first; of the machine itself only */
	bool reload;             /* files of sshd are others than at the start */
	bool dry;                /* only say what would be done */
	bool mute;               /* what was said could not be written */
};

/* Asks sshd, and undoes what an earlier run has left unfinished. */
int work_begin(struct work *w) MUST_CHECK;

/* Takes the steps of a plan and says so. After a failure none of them is left. command: what sshd
 * must then have as its command, or NULL. */
int work_do(struct work *w, const struct plan *p, const char *command) MUST_CHECK;

/* Undoes everything that was ever done. */
int work_remove(struct work *w) MUST_CHECK;

/* Makes the sshd that runs read its files, if they are others now. */
int work_reload(struct work *w) MUST_CHECK;

#endif
