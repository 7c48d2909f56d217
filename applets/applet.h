/* applet.h - what an applet is, and the few things that all of them do alike */
#ifndef APPLETS_APPLET_H
#define APPLETS_APPLET_H

#include <stddef.h>

#include "base/buf.h"
#include "base/opt.h"

#define APPLET_ALIASES_MAX 4

/* Symbol FOO_BAR in Kconfig, file applets/foo_bar.c, object foo_bar_applet, name "foo-bar". */
struct applet {
	const char *name;
	const char *aliases[APPLET_ALIASES_MAX]; /* besides eic-NAME, which all answer to */
	const char *summary;                     /* one line for the list */
	/* argv[0] is the name it was called by; returns the exit status */
	int (*main)(int argc, char **argv);
};

extern const struct applet *const applet_table[];
extern const size_t applet_count;

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

/* Parses the options. Returns -1 when the applet should go on, else the exit status: help was
 * printed on stdout (0), or a usage error with the help line on stderr (2). */
int applet_options(const char *name, const struct opt_spec *spec, int *argc, char **argv);

/* Prints "name: err_text()" on stderr and returns the exit status for code: 2 for ERR_USAGE,
 * else 1. */
int applet_fail(const char *name, int code);

/* err() and applet_fail(ERR_USAGE) with a pointer to --help. Returns 2. */
int applet_usage(const char *name, const char *fmt, ...) PRINTF(2, 3);

/* Writes to stdout; a closed or full stdout is a failure: returns EXIT_DONE or EXIT_FAILED with the
 * line said. */
int applet_print(const char *name, struct str text);

/* What could move the cursor or end the line becomes '?', from this byte of the line on. */
void applet_clean(struct buf *line, size_t from);

#endif
