/* proc.h - another program is run without a shell, under a deadline, and its output collected */
#ifndef BASE_PROC_H
#define BASE_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/clock.h"

enum {
	PROC_QUIET = 1,    /* what it says on stderr is lost; else it goes where ours goes */
	PROC_BOTH = 4,     /* what it says on stderr is collected with its stdout */
	PROC_KEPT = 8,     /* at an error it is killed with all that it started (keeper.h) */
	PROC_TERMINAL = 2, /* it may ask a person: our stdin and process group instead of its own */
};

/* A program that runs. A zeroed one is none. */
struct proc {
	const char *what; /* argv[0] */
	struct buf *out;
	pid_t pid; /* 0: none */
	int stdout_fd, failure_fd, status;
	bool own_group, kept, ended;
};

/* Starts argv[0], with nothing but env as its environment; a name without slash is searched on the
 * PATH of env. It has /dev/null as stdin, a process group of its own, none of our other
 * descriptors, and ends when we end. argv[0] and out must live until proc_finish. Whether the
 * program exists is known only there. Makes SIGCHLD what it is by default. ERR_SYSTEM with words.
 */
int proc_start(
	struct proc *p, struct buf *out, char *const *argv, char *const *env, int flags) MUST_CHECK;

/* Appends its stdout to out until it ends; whoever it leaves behind is not waited for. Its exit
 * status (0 to 255), or an error with words: ERR_ABSENT no such program, ERR_SYSTEM it cannot be
 * run or a signal ended it, ERR_LIMIT it wrote more than out takes, ERR_NET not done by the
 * deadline. At an error it and its own process group are killed, with PROC_KEPT also who left the
 * group. In any case *p is none afterwards. */
int proc_finish(struct proc *p, struct deadline d) MUST_CHECK;

/* Kills and forgets it; nothing to do for none. */
void proc_kill(struct proc *p);

/* proc_start and proc_finish. */
int proc_run(struct buf *out, char *const *argv, char *const *env, int flags,
	struct deadline d) MUST_CHECK;

/* Splits a command line into words as sh does (POSIX, section 2.2: blanks, quotes, backslash), but
 * expands nothing: $ * ~ | ; > # are ordinary. The words are put into text, pointers to them and a
 * NULL into argv, which has room for max. Their number, or an error with words: ERR_USAGE no word
 * at all, a quote without end, a lone backslash, a NUL; ERR_LIMIT it does not fit. */
int proc_split(char **argv, size_t max, struct buf *text, struct str line) MUST_CHECK;

#endif
