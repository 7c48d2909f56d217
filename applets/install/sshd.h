/* sshd.h - sshd's one slot for a command: who has it, and how it becomes ours */
#ifndef INSTALL_SSHD_H
#define INSTALL_SSHD_H

#include "applets/install/conf.h"
#include "applets/install/plan.h"
#include "applets/install/unit.h"

#define SSHD_USER "ec2-instance-connect"
#define SSHD_NO_KEYS "PubkeyAuthentication no: sshd lets nobody in with a key"
#define SSHD_DROPIN "/etc/ssh/sshd_config.d/60-eicbox.conf"

struct sshd_slot {
	struct unit unit;
	struct conf conf;
	const char *config;               /* the main file */
	const struct conf_place *command; /* who has the slot; NULL: nobody */
	const struct conf_place *user;    /* who it would run as; NULL: not said */
	char program[PATH_MAX];           /* the first word of the command, "" for none */
	bool ours;                        /* the slot has this binary */
	bool linked;                      /* its file is a symlink, to one of a package say */
	bool agent;                       /* it has what plan_replace takes the place of */
};

/* Reads all that decides about the slot. ERR_ABSENT without any sshd_config. */
int sshd_look(struct sshd_slot *s, const struct root *r, const char *binary) MUST_CHECK;

/* What stands behind AuthorizedKeysCommand. */
void sshd_command(struct buf *out, const char *binary);

/* The steps that give us the slot, by a drop-in, or by lines in the main file (block). The slot
 * is free. */
int plan_sshd(struct plan *p, const struct sshd_slot *s, bool block) MUST_CHECK;

/* Whether what has the slot is to the last byte what plan_sshd would have written. The step that
 * did so then; it lives until the next call. */
bool sshd_made(
	const struct root *r, const struct sshd_slot *s, const char *binary, struct step *made);

/* Whether the step is about a file that sshd reads. */
bool sshd_step(const struct step *s);

/* Who has the slot, as ERR_DENIED. */
int sshd_taken(const struct sshd_slot *s) MUST_CHECK;

/* What to do about it: the lines that join both commands. */
void sshd_advice(struct buf *out, const struct sshd_slot *s, const char *binary);

/* Says what sshd would refuse about the binary and the folders above it, if anything. */
bool sshd_refuses(const struct root *r, const char *binary, struct buf *why);

#endif
