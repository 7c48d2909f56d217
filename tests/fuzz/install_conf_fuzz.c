/* install_conf_fuzz.c - sshd_config and what it includes: the line that counts is there, and what
 * install would add to it takes effect
 *
 * The input is a tree of files, as in tree.h. */
#define _GNU_SOURCE
#include <stdint.h>

#include "applets/install/sshd.h"
#include "tests/fuzz/tree.h"

#define MAIN "/etc/ssh/sshd_config"
#define BINARY "/usr/bin/eicbox"
#define COMMAND BINARY " authkeys %u %f"

static const char *const names[] = { MAIN, "/etc/ssh/sshd_config.d/50-a.conf",
	"/etc/ssh/sshd_config.d/70-b.conf", "/etc/ssh/other.conf", "/etc/ssh/other.d/.hidden.conf",
	"/etc/ssh/sshd_config.d/folder.conf/c.conf" };

#define NAMES (sizeof(names) / sizeof(*names))

/* The units have a harness of their own; here there are none, for speed. */
int unit_read(struct unit *u, const struct root *r)
{
	(void)r;
	*u = (struct unit){ .config = "" };
	return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	tree_open(names, NAMES);
	return 0;
}

/* The value stands in its line, behind the keyword. */
static void check_place(const struct conf_place *p, const char *keyword)
{
	struct str rest, line;

	if (!p->file[0] || strcmp(p->file, "(too long)") == 0)
		return;
	rest = tree_text(p->file, p->line);
	if (!str_take_line(&rest, &line) || !tree_scattered(&line, str_of(keyword)))
		abort();
	if (strcmp(p->value, "(too long)") != 0 && !tree_scattered(&line, str_of(p->value)))
		abort();
}

static void check_places(const struct conf *c)
{
	check_place(&c->command, "authorizedkeyscommand");
	check_place(&c->all_command, "authorizedkeyscommand");
	check_place(&c->user, "authorizedkeyscommanduser");
	check_place(&c->all_user, "authorizedkeyscommanduser");
	if (c->all_command.file[0] && !c->command.file[0])
		abort();
	for (unsigned i = 0; i < c->some_count && i < CONF_NOTES_MAX; i++)
		if (!c->some[i].file[0] || !str_starts(str_of(c->some[i].value), "Match "))
			abort();
}

/* Carries out the one step that is about sshd. False: it is refused. */
static bool take_step(const struct sshd_slot *s, bool block)
{
	static struct plan plan;
	static char storage[1 << 17];
	struct buf text = buf_of(storage, sizeof(storage));
	struct stat st;

	plan_begin(&plan, &tree, BINARY);
	if (plan_sshd(&plan, s, block) < 0)
		return false;
	for (size_t i = 0; i < plan.n; i++) {
		const struct step *step = &plan.steps[i];

		if (!sshd_step(step))
			continue;
		if (root_stat(&tree, step->path, &st) == 0 && S_ISDIR(st.st_mode))
			return false; /* there is nothing to edit */
		buf_str(&text, step->data);
		if (step->kind == STEP_TOP)
			buf_str(&text, tree_text(step->path, 1));
		tree_put(step->path, buf_view(&text));
		return true;
	}
	abort();
}

/* What is written where the slot is free, and read again, has it. */
static void check_step(const struct sshd_slot *s, bool block)
{
	static struct sshd_slot again;

	if (!take_step(s, block))
		return;
	if (sshd_look(&again, &tree, BINARY) < 0 || !again.ours || !again.user ||
		strcmp(again.command->value, COMMAND) != 0)
		abort();
	check_places(&again.conf);
	if (s->user ? strcmp(s->user->value, again.user->value) != 0
		    : strcmp(again.user->value, SSHD_USER) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sshd_slot slot;

	tree_fill(names, NAMES, (struct str){ (const char *)data, size });
	if (sshd_look(&slot, &tree, BINARY) < 0)
		return 0;
	check_places(&slot.conf);
	if (slot.command)
		return 0;
	if (slot.conf.reads_dropin) {
		check_step(&slot, false);
		unlink(tree_path(SSHD_DROPIN));
	}
	check_step(&slot, true);
	return 0;
}
