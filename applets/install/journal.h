/* journal.h - what was done to a tree stands in a file of it, each step before it is taken
 *
 * /var/lib/eicbox/install, lines of text: the version; a step a line (kind, mode in octal, path and
 * data percent-encoded); "done" where a run was finished; "removing" once a removal has begun. What
 * stands behind the last "done" was broken off, and is undone by the next run. Folders that had to
 * be made for it have the sticky bit, by which they are known when they are to go. */
#ifndef INSTALL_JOURNAL_H
#define INSTALL_JOURNAL_H

#include <sys/types.h>

#include "applets/install/root.h"
#include "applets/install/step.h"

#define JOURNAL_FOLDER "/var/lib/eicbox"
#define JOURNAL_STEPS_MAX 128
#define JOURNAL_MAX (256 * 1024)

struct journal {
	const struct root *root;
	struct place place;
	char file[PATH_MAX]; /* as we call it, for the words */
	bool write;          /* it is open for that */
	int fd;              /* -1: there is none yet */
	struct step steps[JOURNAL_STEPS_MAX];
	size_t n, done; /* steps in all; those of runs that were finished */
	off_t done_at;  /* so long was the file when the last run was finished */
	off_t whole;    /* the bytes of whole lines when it was opened */
	bool removing;
	struct buf text; /* holds what the steps point to */
};

/* Reads the journal of a tree, for writing under its lock; of the machine's own, user_lock is that.
 * None is an empty one. ERR_DENIED when another run is at work, ERR_FORMAT when it is damaged: a
 * path that is not plain, and a module of policy where the tree is that of an image, are no steps
 * that we have written. */
int journal_open(struct journal *j, const struct root *r, bool write) MUST_CHECK;

/* A journal without a step does not stay. Legal for a zeroed one. */
void journal_close(struct journal *j);

/* The step is on the disk when this returns, and in j->steps. */
int journal_add(struct journal *j, const struct step *s) MUST_CHECK;

/* Whether one of the steps from this number on, and before that one, is this step. */
bool journal_has(const struct journal *j, size_t from, size_t to, const struct step *s);

/* All steps so far are done. Those that were done once more are forgotten where there are no
 * others: somebody may undo by hand, each hour, what is set up each hour. */
int journal_done(struct journal *j) MUST_CHECK;

/* From now on all steps are to be undone. */
int journal_remove(struct journal *j) MUST_CHECK;

/* Forgets what stands behind the last "done"; without any step the file goes, too. */
int journal_forget(struct journal *j) MUST_CHECK;

/* The removal is called off. */
int journal_keep(struct journal *j) MUST_CHECK;

#endif
