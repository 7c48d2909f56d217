/* chain.c - another AuthorizedKeysCommand beside ours: sshd has one slot, and others want it too */
#define _GNU_SOURCE
#include "applets/authkeys/chain.h"

#include <unistd.h>

#include "applets/authkeys/say.h"
#include "base/proc.h"
#include "config.h"
#include "eic/limits.h"

#define LEFT_OUT "the keys of %s are left out: "

static char line_storage[EIC_CHAINED_LINE_MAX];
static char output_storage[EIC_CHAINED_MAX + 1];
static char *words[EIC_CHAINED_WORDS_MAX];
static struct buf output;
static struct proc child;

int chain_start(const char *command)
{
	struct buf line = buf_of(line_storage, sizeof(line_storage));
	int n;

	if (!CONFIG_AUTHKEYS_CHAIN)
		return err(ERR_USAGE, "option --chain: not in this build");
	n = proc_split(words, EIC_CHAINED_WORDS_MAX, &line, str_of(command));
	if (n < 0)
		return err_in(ERR_USAGE, "option --chain");
	if (words[0][0] != '/')
		return err(ERR_USAGE, "option --chain: \"%s\": not an absolute path", words[0]);
	output = buf_of(output_storage, sizeof(output_storage));
	if (proc_start(&child, &output, words, environ, PROC_KEPT) < 0)
		say_note("chain", LEFT_OUT "%s", words[0], err_text());
	return 0;
}

pid_t chain_child(void)
{
	return child.pid;
}

void chain_join(struct buf *out, struct deadline d)
{
	int status;

	if (!CONFIG_AUTHKEYS_CHAIN || !child.pid)
		return;
	status = proc_finish(&child, d);
	if (status < 0) {
		say_note("chain", LEFT_OUT "%s", words[0], err_text());
		return;
	}
	if (status > 0) {
		say_note("chain", LEFT_OUT "it ended with status %d", words[0], status);
		return;
	}
	say_step("chain", "%s printed %zu bytes", words[0], output.len);
	buf_str(out, buf_view(&output));
	if (output.len > 0 && output.p[output.len - 1] != '\n')
		buf_putc(out, '\n');
}
