/* output.c - a trusted key as a line of authorized_keys */
#include "applets/authkeys/output.h"

#include "applets/authkeys/say.h"
#include "base/clock.h"

/* Only words that take rights away or give back what "restrict" took: none that runs or opens
 * something. */
static const char *const allowed[] = {
	"restrict",
	"pty",
	"no-pty",
	"port-forwarding",
	"no-port-forwarding",
	"agent-forwarding",
	"no-agent-forwarding",
	"X11-forwarding",
	"no-X11-forwarding",
	"user-rc",
	"no-user-rc",
};

static bool is_allowed(struct str word)
{
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
		if (str_is(word, allowed[i]))
			return true;
	return false;
}

int output_check_restrict(const char *words)
{
	struct str rest = str_of(words), word;

	if (rest.n == 0 || str_ends(rest, ","))
		return err(ERR_USAGE, "option --restrict: \"%s\" is no list of options", words);
	while (str_cut(&rest, ',', &word))
		if (!is_allowed(word))
			return err(ERR_USAGE,
				"option --restrict: \"%.*s\" is not one of restrict, pty, "
				"port-forwarding, "
				"agent-forwarding, X11-forwarding, user-rc and their no- forms",
				STR_ARG(word));
	return 0;
}

/* What IAM allows in a principal's ARN; a quote or a backslash would end the value early. */
#define ARN "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+=,.@_:/-"

/* Options are joined by commas. */
static void next_option(struct buf *out, size_t start)
{
	if (out->len > start)
		buf_putc(out, ',');
}

/* 20150830123600Z: as ISO's basic form, without the T. */
static void add_expiry(struct buf *out, int64_t expiry)
{
	BUF(basic, 32);

	clock_basic(&basic, expiry);
	buf_puts(out, "expiry-time=\"");
	for (size_t i = 0; i < basic.len; i++)
		if (basic.p[i] != 'T')
			buf_putc(out, basic.p[i]);
	buf_putc(out, '"');
}

static void add_caller(struct buf *out, size_t start, struct str caller)
{
	if (caller.n == 0)
		return;
	if (!str_all(caller, ARN)) {
		say_note("output",
			"the caller \"%.*s\" is no ARN that an option can hold: left out",
			STR_ARG(caller));
		return;
	}
	next_option(out, start);
	buf_addf(out, "environment=\"EIC_CALLER=%.*s\"", STR_ARG(caller));
}

void output_add(struct buf *out, const struct output_options *o, const struct keyblob *block,
	const struct sshkey *key)
{
	size_t start = out->len;

	if (o->restrict_to)
		buf_puts(out, o->restrict_to);
	if (o->expiry) {
		next_option(out, start);
		add_expiry(out, block->earliest);
	}
	if (o->caller_env)
		add_caller(out, start, block->caller);
	if (out->len > start)
		buf_putc(out, ' ');
	sshkey_add_line(out, key, STR(""));
	buf_putc(out, '\n');
}
