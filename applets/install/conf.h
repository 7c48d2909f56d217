/* conf.h - who has the slot of AuthorizedKeysCommand, read from sshd_config as sshd reads it
 *
 * sshd_config(5): keywords in any case, "=" or blanks behind them; the first value wins; Include
 * takes patterns, relative to /etc/ssh, in the order of their names; a Match block lasts until the
 * next one or the end of its file, what an Include in it brings is conditional with it, and what it
 * says wins over what stands outside. "Match all" is always so, and "Match User *" as good as that:
 * see criteria.h. */
#ifndef INSTALL_CONF_H
#define INSTALL_CONF_H

#include <stdbool.h>

#include "applets/install/root.h"

#define CONF_VALUE_MAX 2048
#define CONF_NOTES_MAX 8
#define CONF_TOO_LONG "(too long)"

/* Where a value stands. What does not fit is CONF_TOO_LONG. */
struct conf_place {
	char file[256]; /* "": nowhere */
	unsigned line;
	char value[CONF_VALUE_MAX];
};

struct conf {
	struct conf_place command, user, keys;             /* outside of Match blocks */
	struct conf_place all_command, all_user, all_keys; /* in blocks that everybody meets */
	/* commands of those that only some connections meet, the value with "Match ...: " in front
	 */
	struct conf_place some[CONF_NOTES_MAX];
	unsigned some_count; /* may be more */
	bool reads_dropin;   /* what the file dropin says would count, outside of Match blocks */
};

#define CONF_PORT_MAX 8

/* Reads file and what it includes. dropin: the file, existing or not, whose effect is asked for.
 * port: where sshd was told to listen, or "" for what the files say. ERR_ABSENT without file,
 * ERR_FORMAT when it cannot be read as sshd would. */
int conf_read(struct conf *c, const struct root *r, const char *file, const char *dropin,
	const char *port) MUST_CHECK;

/* The port in "host:port" or "[address]:port"; of what has none, nothing. */
struct str conf_port(struct str address);

/* What counts for a connection that no conditional block is about. */
const struct conf_place *conf_command(const struct conf *c);
const struct conf_place *conf_user(const struct conf *c);

/* Where PubkeyAuthentication is switched off, so that no key lets anybody in; NULL: nowhere. */
const struct conf_place *conf_no_keys(const struct conf *c);

bool conf_is_none(const struct conf_place *p); /* switched off by the word none */

/* Takes a keyword's line apart; false for an empty line or a comment, and for a keyword in quotes
 * that do not end, which sshd ignores. */
bool conf_split(struct str line, struct str *keyword, struct str *value);

/* Takes a keyword or a criterion, and the blanks behind it with at most one "=" among them. False:
 * there is none, or a quotation has no end. */
bool conf_take_name(struct str *rest, struct str *name);

/* Takes the next word of a value, and appends it without its quotes: of both kinds, and a backslash
 * in front of one, of itself, or of a blank. 1, 0 at the end or in front of a comment, ERR_FORMAT,
 * ERR_LIMIT. */
int conf_take_word(struct str *rest, struct buf *word) MUST_CHECK;

/* Sets a place that has no value yet. */
void conf_set(struct conf_place *p, const char *file, unsigned line, struct str value);

#endif
