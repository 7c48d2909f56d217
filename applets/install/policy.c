/* policy.c - what SELinux has to be told: sshd's domain may connect to the metadata service */
#include "applets/install/policy.h"

#include <string.h>

#include "applets/install/ask.h"
#include "base/proc.h"

#define NAME "eicbox"
#define FILE_NAME "/etc/selinux/" NAME ".cil"

/* newer policies run sessions in a domain of their own; others do not know it */
#define RULES \
	"(allow sshd_t http_port_t (tcp_socket (name_connect)))\n" \
	"(optional eicbox_session\n" \
	"    (allow sshd_session_t http_port_t (tcp_socket (name_connect))))\n"

const char policy_advice[] =
	"SELinux lets sshd's commands not connect to the metadata service. 'install --selinux' "
	"loads a module that\nallows it; by hand: 'setsebool -P authlogin_yubikey on', or these "
	"lines as " NAME ".cil for 'semodule -i':\n\n" RULES "\n";

bool policy_wanted(const struct root *r)
{
	BUF(text, 8192);
	struct str rest, line;

	if (r->live)
		return root_has(r, "/sys/fs/selinux/enforce");
	if (root_read(r, "/etc/selinux/config", &text) < 0)
		return false;
	for (rest = buf_view(&text); str_take_line(&rest, &line);)
		if (str_starts(line, "SELINUX=") && !str_starts(line, "SELINUX=disabled"))
			return true;
	return false;
}

int plan_policy(struct plan *p)
{
	int r;

	if (!p->root->live)
		return err(ERR_USAGE, "option --selinux: on the machine itself only, see --help");
	r = plan_add(p, STEP_FILE, 0644, FILE_NAME, STR(RULES));
	return r < 0 ? r : plan_add(p, STEP_MODULE, 0, FILE_NAME, STR(NAME));
}

static int semodule(struct buf *out, char *option, char *value)
{
	static char program[] = "semodule";
	char *argv[] = { program, option, value, NULL };

	return ask_run(out, argv);
}

static int done(int status, const char *words)
{
	return status > 0 ? err(ERR_SYSTEM, "semodule: %s", words) : status;
}

int policy_load(const char *file, struct str name)
{
	static char option[] = "-i";
	char path[PATH_MAX];
	BUF(out, 4096);

	(void)name;
	if (!str_copy(path, sizeof(path), str_of(file)))
		return err(ERR_LIMIT, "%s: name too long", file);
	return done(semodule(&out, option, path), buf_text(&out));
}

bool policy_loaded(struct str name)
{
	static char option[] = "-l", storage[128 * 1024];
	struct buf out = buf_of(storage, sizeof(storage));
	struct str rest, line, word;

	if (semodule(&out, option, NULL) != 0)
		return false;
	for (rest = buf_view(&out); str_take_line(&rest, &line);)
		if (str_take_word(&line, &word) && str_eq(word, name))
			return true;
	return false;
}

int policy_unload(struct str name)
{
	static char option[] = "-r";
	char word[64];
	BUF(out, 4096);

	if (!policy_loaded(name) || !str_copy(word, sizeof(word), name))
		return 0;
	return done(semodule(&out, option, word), buf_text(&out));
}
