/* plan.h - the steps that lead to what was asked for, found before the first one is taken */
#ifndef INSTALL_PLAN_H
#define INSTALL_PLAN_H

#include "applets/install/journal.h"
#include "applets/install/root.h"
#include "applets/install/step.h"

#define PLAN_TEXT_MAX (128 * 1024)

struct plan {
	const struct root *root;
	const char *binary;            /* eicbox, by the path that the tree has for it */
	const struct journal *journal; /* what was done before, or NULL */
	struct step steps[JOURNAL_STEPS_MAX];
	size_t n;
	struct buf text; /* holds what the steps point to */
};

/* An empty plan. There is room for one at a time; what a plan holds lives until the next. */
void plan_begin(struct plan *p, const struct root *r, const char *binary);

/* Adds a step, unless it holds already, with folders that are missing in front of it. path may lead
 * over symlinks; path and data are copied. */
int plan_add(struct plan *p, enum step_kind kind, unsigned mode, const char *path,
	struct str data) MUST_CHECK;

/* Links in a folder to every applet of this build, by the names eic-NAME and those of old. */
int plan_links(struct plan *p, const char *folder) MUST_CHECK;

/* Links in the place of the programs of the shell agent, wherever it was installed. */
int plan_replace(struct plan *p) MUST_CHECK;

/* Whether it takes the place of this program, the one of them that sshd runs. */
bool plan_replaces(const struct root *r, const char *program);

/* An entry for the user that authkeys runs as, unless there is one. */
int plan_user(struct plan *p) MUST_CHECK;

/* Keeps useradd and its like away from passwd and its like until the end of the process, as
 * lckpwdf(3) does. 1; 0: that cannot be locked; ERR_DENIED when one of them does not come to its
 * end. */
int user_lock(void) MUST_CHECK;

/* Takes the file of that lock away, if there was none before. */
void user_unlock(void);

/* Why authkeys could not run as what AuthorizedKeysCommandUser is, or NULL. The user need not be
 * there yet where the first boot makes /etc/passwd. */
const char *user_fault(const struct root *r, const char *name);

/* The files of the initramfs makers: debian, dracut or mkinitcpio. */
int plan_initramfs(struct plan *p, const char *maker) MUST_CHECK;

/* What makes the images anew once files for their maker came or went; NULL: j has none of them. */
const char *initramfs_command(const struct journal *j);

/* Appends the path of an image in /boot that is older than the files, nothing where there is none.
 */
int initramfs_old(const struct journal *j, struct buf *image) MUST_CHECK;

#endif
