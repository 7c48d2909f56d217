/* command.h - what a command of systemd's tells sshd, with the environment that it names
 *
 * systemd.service(5): $NAME is replaced by words from the environment, ${NAME} by one word or a
 * part of it. systemd.exec(5): of the files of EnvironmentFile= the last one that has a name
 * counts, before any Environment=. */
#ifndef INSTALL_COMMAND_H
#define INSTALL_COMMAND_H

#include "applets/install/unit.h"

#define COMMAND_SETTINGS_MAX 16

/* A value, and where it stands. */
struct setting {
	const char *text, *file;
	unsigned line;
};

struct settings {
	struct setting at[COMMAND_SETTINGS_MAX];
	size_t n;
};

/* The settings of a unit that decide, in their order. */
struct command {
	struct setting start;             /* ExecStart; without a text: none */
	struct settings files, variables; /* EnvironmentFile, Environment */
};

/* Adds the options of the command to u. text: room for what it is made of. */
int command_read(
	struct unit *u, const struct root *r, const struct command *c, struct buf *text) MUST_CHECK;

#endif
