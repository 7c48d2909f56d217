/* say.h - what a run tells: the log, and with -v or --json every step on stderr */
#ifndef AUTHKEYS_SAY_H
#define AUTHKEYS_SAY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct say_options {
	bool verbose; /* steps as words on stderr */
	bool json;    /* steps as one JSON object a line on stderr */
	bool console; /* an initramfs: notes on stderr too, and the kernel's log in place of syslog
		       */
};

/* ident must outlive the log. Until then only syslog hears notes. */
void say_open(const char *ident, const struct say_options *o);

/* One step of the run: nobody needs it unless asked for. */
void say_step(const char *step, const char *fmt, ...) PRINTF(2, 3);
/* What an administrator will want to find later: the log has it, too. */
void say_note(const char *step, const char *fmt, ...) PRINTF(2, 3);

/* A key that is handed out, or one that is not and why (reason not NULL). Empty fields are left
 * out. */
struct say_key {
	struct str fingerprint, request, caller;
	int64_t expires; /* 0: not known */
	const char *reason;
};
void say_key(const struct say_key *key);

/* How it ended, for -v and --json. */
struct say_end {
	int status;
	unsigned keys, requests, connections, rounds;
	int64_t ms;
};
void say_end(const struct say_end *end);

#endif
