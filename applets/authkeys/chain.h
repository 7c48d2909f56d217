/* chain.h - another AuthorizedKeysCommand beside ours: sshd has one slot, and others want it too */
#ifndef AUTHKEYS_CHAIN_H
#define AUTHKEYS_CHAIN_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/clock.h"

/* Starts the command: words as sh has them, but no shell, an absolute path, our environment. Before
 * confinement. ERR_USAGE with words when the line is none. That it cannot be started is said, and
 * no reason to end; so is a user in whose place sshd has put a name that the words have not. */
int chain_start(const char *command, const char *user) MUST_CHECK;

/* The process that was started, for the sandbox; 0: none. */
pid_t chain_child(void);

/* Waits for it and appends what it printed to out, as given. Nothing was started: nothing to do.
 * When it fails, is late or prints too much, the reason is said and nothing of it is appended, as
 * sshd itself would do, and everything that it has started is killed. What it leaves in the
 * background when it ends by itself is neither waited for nor killed. */
void chain_join(struct buf *out, struct deadline d);

#endif
