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

static size_t count(const char *text, const char *name)
{
	struct str rest = str_of(text), skipped;
	size_t n = 0, at;

	for (; str_find(rest, name, &at); n++)
		(void)str_take(&rest, at + 1, &skipped);
	return n;
}

/* sshd writes the name over %u as it is. With a blank, a quote or a backslash in it the words would
 * have another name, whose keys would open this account. */
static bool is_torn(const char *command, const char *user)
{
	size_t n = count(command, user), kept = 0;

	for (char **w = words; *w; w++)
		kept += count(*w, user);
	return kept < n;
}

int chain_start(const char *command, const char *user)
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
	if (is_torn(command, user))
		say_note("chain", LEFT_OUT "the user's name needs \"%%u\" in quotes", words[0]);
	else if (proc_start(&child, &output, words, environ, PROC_KEPT) < 0)
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
