/* status.c - a table: what is set up, what takes effect, and what is wrong */
#include "applets/install/status.h"

#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "applets/applet.h"
#include "applets/install/ask.h"
#include "applets/install/plan.h"
#include "applets/install/policy.h"
#include "applets/install/sshd.h"

enum state { OK, NONE, NOTE, WRONG };

struct table {
	struct buf *out;
	int wrong;
};

static void add_row(struct table *t, const char *what, enum state s, const char *fmt, ...)
	PRINTF(4, 5);

static void add_row(struct table *t, const char *what, enum state s, const char *fmt, ...)
{
	static const char *const words[] = { "ok", "-", "note", "WRONG" };
	size_t from;
	va_list ap;

	t->wrong += s == WRONG;
	from = t->out->len;
	buf_addf(t->out, "%s%*s%s%*s", what, 10 - (int)strlen(what), "", words[s],
		7 - (int)strlen(words[s]), "");
	va_start(ap, fmt);
	buf_vaddf(t->out, fmt, ap);
	va_end(ap);
	applet_clean(t->out, from); /* names and values are anybody's */
	buf_putc(t->out, '\n');
}

static void add_binary(struct table *t, const struct root *r, const char *binary)
{
	BUF(why, PATH_MAX + 64);

	if (sshd_refuses(r, binary, &why))
		add_row(t, "binary", WRONG, "%s: sshd would refuse it: %s", binary, buf_text(&why));
	else
		add_row(t, "binary", OK, "%s", binary);
}

/* What stands in the journal, a row for each kind, and one for each step that does not hold. */
static void add_steps(struct table *t, const struct journal *j, enum step_kind kind,
	const char *what, const char *one)
{
	unsigned n = 0, wrong = 0;
	const char *fault;

	for (size_t i = 0; i < j->done; i++) {
		const struct step *s = &j->steps[i];

		if (s->kind != kind)
			continue;
		fault = step_fault(j->root, s);
		n++;
		wrong += fault != NULL;
		if (fault)
			add_row(t, what, WRONG, "%s: %s", s->path, fault);
	}
	if (n == 0)
		add_row(t, what, NONE, "none");
	else if (wrong == 0)
		add_row(t, what, OK, "%u %s%s", n, one, n == 1 ? "" : "s");
}

static void add_slot(struct table *t, const struct sshd_slot *s, const struct journal *j)
{
	const struct conf_place *c = s->command;
	bool recorded = false;

	for (size_t i = 0; i < j->done; i++)
		recorded |= sshd_step(&j->steps[i]);

	if (!c)
		add_row(t, "sshd", recorded ? WRONG : NONE, "%s: no AuthorizedKeysCommand",
			s->config);
	else if (s->ours)
		add_row(t, "sshd", OK, "%s:%u: takes effect: %s", c->file, c->line, c->value);
	else
		add_row(t, "sshd", recorded ? WRONG : NOTE, "%s:%u: is somebody else's: %s",
			c->file, c->line, c->value);
	if (s->unit.script.file[0])
		add_row(t, "unit", NOTE, "%s:%u: what %s tells sshd is not seen",
			s->unit.script.file, s->unit.script.line, s->unit.script.value);
	for (unsigned i = 0; i < s->conf.some_count && i < CONF_NOTES_MAX; i++)
		add_row(t, "match", NOTE, "%s:%u: %s", s->conf.some[i].file, s->conf.some[i].line,
			s->conf.some[i].value);
}

static void add_keys(struct table *t, const struct sshd_slot *s)
{
	const struct conf_place *off = conf_no_keys(&s->conf);

	if (s->ours && off)
		add_row(t, "keys", WRONG, "%s:%u: " SSHD_NO_KEYS, off->file, off->line);
}

static void add_user(struct table *t, const struct sshd_slot *s, const struct root *r)
{
	const char *user = s->user ? s->user->value : NULL;
	const char *fault = user ? user_fault(r, user) : NULL;

	if (s->ours && user)
		add_row(t, "user", fault ? WRONG : OK, "%s%s%s", user, fault ? ": " : "",
			fault ? fault : "");
	else
		add_row(t, "user", s->ours ? WRONG : NONE, "no AuthorizedKeysCommandUser");
}

/* What the real sshd says, which has the last word. */
static void add_test(struct table *t, const struct sshd_slot *s)
{
	static const char *const words[] = { "is not there", "accepts its files",
		"is not ready yet", "does not accept its files" };
	struct ask a;

	if (geteuid() != 0) {
		add_row(t, "sshd -T", NONE, "only root can ask");
		return;
	}
	ask_sshd(&a, &s->unit);
	if (a.state == ASK_WORKS && s->ours && strcmp(a.command, s->command->value) != 0 &&
		s->command != &s->unit.command)
		add_row(t, "sshd -T", WRONG, "has another AuthorizedKeysCommand: %s", a.command);
	else
		add_row(t, "sshd -T",
			a.state == ASK_WORKS            ? OK
				: a.state == ASK_BROKEN ? WRONG
							: NOTE,
			"%s%s%s", words[a.state], a.words[0] ? ": " : "", a.words);
}

static void add_sshd(struct table *t, const struct journal *j, const char *binary)
{
	static struct sshd_slot slot;

	if (sshd_look(&slot, j->root, binary) < 0) {
		add_row(t, "sshd", WRONG, "%s", err_text());
		return;
	}
	add_slot(t, &slot, j);
	add_keys(t, &slot);
	add_user(t, &slot, j->root);
	if (j->root->live)
		add_test(t, &slot);
}

static void add_policy(struct table *t, const struct journal *j)
{
	bool loaded = false;

	for (size_t i = 0; i < j->done; i++)
		loaded |= j->steps[i].kind == STEP_MODULE;
	if (policy_wanted(j->root) && !loaded)
		add_row(t, "selinux", NOTE,
			"may keep sshd's command from the metadata service: "
			"'install --selinux'");
}

static void add_initramfs(struct table *t, const struct journal *j)
{
	const char *command = initramfs_command(j);
	BUF(image, PATH_MAX);

	if (!command)
		return;
	if (initramfs_old(j, &image) < 0)
		add_row(t, "initramfs", WRONG, "%s", err_text());
	else if (image.len > 0)
		add_row(t, "initramfs", NOTE, "%s is older than the files: %s", buf_text(&image),
			command);
	else
		add_row(t, "initramfs", OK, "no image is older than the files");
}

int status_table(struct buf *out, const struct journal *j, const char *binary)
{
	struct table t = { .out = out };

	add_binary(&t, j->root, binary);
	add_steps(&t, j, STEP_LINK, "links", "link");
	add_steps(&t, j, STEP_REPLACE, "replaced", "program");
	add_steps(&t, j, STEP_FILE, "files", "file");
	add_initramfs(&t, j);
	add_sshd(&t, j, binary);
	add_policy(&t, j);
	if (j->removing || j->done < j->n)
		add_row(&t, "journal", WRONG, "%s: a run was broken off; the next one clears up",
			j->file);
	return t.wrong;
}
