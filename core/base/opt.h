/* opt.h - one table of options parses the command line and prints the help */
#ifndef BASE_OPT_H
#define BASE_OPT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define OPT_LIST_MAX 64

/* The values of an option that may be given several times. */
struct opt_list {
	const char *value[OPT_LIST_MAX];
	size_t n;
};

/* Added to the letter of a row that has .list or .refused. */
enum { OPT_LIST = 0x100, OPT_REFUSED = 0x200 };

/* One option. */
struct opt {
	int letter;       /* 0: no short form */
	const char *name; /* without dashes; NULL: no long form */
	const char *arg;  /* what the value is called in the help; NULL: takes none */
	const char *help; /* one line; NULL: not in the help */
	union {
		bool *flag;            /* without arg: set to true */
		const char **value;    /* with arg: set to the value; a second time is ERR_USAGE */
		struct opt_list *list; /* OPT_LIST: each value is added */
		const char *refused;   /* OPT_REFUSED: known, and refused with these words */
	};
};

/* What an applet takes; the table ends with an empty row. -h and --help need no row. */
struct opt_spec {
	const char *args;    /* of the usage line, behind "APPLET [options]"; "" for none */
	const char *summary; /* one sentence */
	const struct opt *opts;
	const char *more; /* behind the options: exit status, files, an example; or NULL */
	bool no_permute;  /* the first word that is no option ends the options */
};

enum { OPT_DONE = 0, OPT_HELP = 1 };

/* Sets what the rows point to from argv[1..]. Leaves argv[0] and the words that were no options in
 * argv, and their count in *argc. Returns OPT_DONE, OPT_HELP when help was asked for, or ERR_USAGE
 * with words. "--" ends the options; long options take "--name=value" and "--name value"; letters
 * can be joined. */
int opt_parse(const struct opt_spec *spec, int *argc, char **argv) MUST_CHECK;

/* The help: usage line, summary, a line an option, more. */
void opt_help(struct buf *out, const char *applet, const struct opt_spec *spec);

/* A whole number from min to max out of an option's value; else ERR_USAGE with words. */
int opt_number(const char *name, const char *value, long min, long max, long *out) MUST_CHECK;

#endif
