/* step.h - what an installation is made of: each step can be taken, and undone, any number of times
 */
#ifndef INSTALL_STEP_H
#define INSTALL_STEP_H

#include "applets/install/root.h"
#include "base/buf.h"
#include "base/str.h"

#define STEP_SAVED ".eicbox-saved"     /* behind the name of what STEP_REPLACE has put away */
#define STEP_CHANGED ".eicbox-changed" /* of our file that somebody has edited, a dot in front */
#define STEP_FILE_MAX (1024 * 1024)    /* the largest file that is edited */

enum step_kind {
	STEP_DIR,     /* a folder */
	STEP_FILE,    /* a new file; data is its content */
	STEP_LINK,    /* a new symlink; data is its target */
	STEP_TOP,     /* data is put in front of what a file holds */
	STEP_END,     /* data is put behind it */
	STEP_REPLACE, /* a symlink in the place of a file, which is kept beside; data is its target
		       */
	STEP_MODULE,  /* a module of SELinux policy; path is its file, data its name */
	STEP_KINDS,
};

struct step {
	enum step_kind kind;
	unsigned mode;    /* of a folder or file */
	const char *path; /* in the tree; looked up anew each time */
	struct str data;
};

/* The word of a kind in the journal. */
const char *step_name(enum step_kind kind);

/* Takes the step, all of it or (when the process dies) in a way that step_undo can undo. What is
 * done already is no error; a foreign file in the way is ERR_DENIED. */
int step_apply(const struct root *r, const struct step *s) MUST_CHECK;

/* Undoes the step, wherever taking or undoing it was broken off. What somebody else has put into
 * its place is left alone. */
int step_undo(const struct root *r, const struct step *s) MUST_CHECK;

/* Whether all is as step_apply left it. */
bool step_holds(const struct root *r, const struct step *s);

/* What is wrong with what step_apply left, or NULL. */
const char *step_fault(const struct root *r, const struct step *s);

/* "link /usr/bin/eic-push -> eicbox", or as an order: "make link ..." */
void step_words(struct buf *out, const struct step *s, bool order);

#endif
