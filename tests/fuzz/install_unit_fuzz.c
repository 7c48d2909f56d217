/* install_unit_fuzz.c - the units of sshd: what counts stands where it is said, and the last
 * drop-in has the last word
 *
 * The input is a tree of files, as in tree.h. */
#define _GNU_SOURCE
#include <stdint.h>

#include "applets/install/unit.h"
#include "tests/fuzz/tree.h"

#define DROPIN "/etc/systemd/system/ssh.service.d/zz.conf"
#define ENVIRONMENT "/etc/zz"

static const char *const names[] = { "/usr/lib/systemd/system/ssh.service",
	"/etc/systemd/system/ssh.service", "/etc/systemd/system/ssh.service.d/10-a.conf",
	"/usr/lib/systemd/system/ssh.service.d/20-b.conf", "/etc/default/ssh",
	"/etc/sysconfig/sshd", "/lib/systemd/system/sshd@.service",
	"/etc/systemd/system/service.d/50-all.conf" };

#define NAMES (sizeof(names) / sizeof(*names))

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	tree_open(names, NAMES);
	return 0;
}

/* The line, with those that belong to it because the ones before end with a backslash; comments
 * between them do not end it. */
static struct str long_line(const char *file, unsigned number)
{
	struct str rest = tree_text(file, number), whole = { rest.p, 0 }, line;

	while (str_take_line(&rest, &line)) {
		struct str bare = str_trim(line);

		whole.n = (size_t)(line.p + line.n - whole.p);
		if (!str_starts(bare, "#") && !str_starts(bare, ";") && !str_ends(line, "\\"))
			break;
	}
	return whole;
}

static void check_place(const struct conf_place *p, const char *keyword)
{
	struct str line;

	if (!p->file[0] || strcmp(p->file, "(too long)") == 0)
		return;
	line = long_line(p->file, p->line);
	if (str_has(line, '$') || str_find(line, "%E", NULL)) /* parts of it stand elsewhere */
		return;
	if (!tree_scattered(&line, str_of(keyword)))
		abort();
	if (strcmp(p->value, "(too long)") != 0 && !tree_scattered(&line, str_of(p->value)))
		abort();
}

static void check_config(const char *config)
{
	bool found = !*config;

	for (size_t i = 0; i < NAMES && !found; i++) {
		struct str text;

		if (!root_has(&tree, names[i]))
			continue;
		text = tree_text(names[i], 1);
		found = str_has(text, '$') || str_find(text, "%E", NULL) ||
			tree_scattered(&text, str_of(config));
	}
	if (!found)
		abort();
}

/* Whatever stood before, this counts alone: its options, and its file of the environment. */
static void check_last(const char *dropin, const char *environment)
{
	static struct unit u;

	if (!root_has(&tree, names[0]) && !root_has(&tree, names[1]))
		return;
	tree_put(DROPIN, str_of(dropin));
	tree_put(ENVIRONMENT, str_of(environment));
	if (unit_read(&u, &tree) < 0 || strcmp(u.command.value, "/bin/zz %u") != 0 ||
		strcmp(u.user.value, "zz") != 0 || strcmp(u.config, "/etc/zz.conf") != 0)
		abort();
	unlink(tree_path(DROPIN));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct unit u;

	tree_fill(names, NAMES, (struct str){ (const char *)data, size });
	if (unit_read(&u, &tree) < 0)
		return 0;
	check_place(&u.command, "authorizedkeyscommand");
	check_place(&u.user, "authorizedkeyscommanduser");
	check_config(u.config);
	if (size & 1)
		check_last("[Service]\nExecStart=\nExecStart=/usr/sbin/sshd -D -o \\\n"
			   "\"AuthorizedKeysCommand /bin/zz %%u\" -oAuthorizedKeysCommandUser=zz "
			   "-f/etc/zz.conf\n",
			"");
	else
		check_last("[Service]\nEnvironmentFile=\nEnvironmentFile=-" ENVIRONMENT
			   "\nExecStart=\nExecStart=/usr/sbin/sshd -Df/etc/zz.conf $ZZ\n",
			"ZZ=-o nothing\nZZ=\"-o 'AuthorizedKeysCommand=/bin/zz %u' -o "
			"AuthorizedKeysCommandUser=zz\"\n");
	return 0;
}
