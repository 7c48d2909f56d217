/* initramfs.c - the files that the makers of initramfs images want, which come with this one */
#include <string.h>

#include "applets/install/hooks.h"
#include "applets/install/plan.h"
#include "base/log.h"

#define SETTINGS "/etc/eicbox/initramfs.conf"

static const struct {
	const char *name, *program, *command;
} makers[] = {
	{ "debian", "/usr/sbin/update-initramfs", "update-initramfs -u" },
	{ "dracut", "/usr/bin/dracut", "dracut --force" },
	{ "mkinitcpio", "/usr/bin/mkinitcpio", "mkinitcpio -P, with eicbox in HOOKS" },
};

#define MAKERS (sizeof(makers) / sizeof(*makers))

/* The hooks look in two places, and into this file. */
static int name_binary(struct plan *p)
{
	BUF(line, PATH_MAX + 16);

	if (strcmp(p->binary, "/usr/bin/eicbox") == 0 ||
		strcmp(p->binary, "/usr/local/bin/eicbox") == 0 || root_has(p->root, SETTINGS))
		return 0;
	buf_addf(&line, "EICBOX=%s\n", p->binary);
	return plan_add(p, STEP_FILE, 0644, SETTINGS, buf_view(&line));
}

int plan_initramfs(struct plan *p, const char *maker)
{
	size_t m = 0;
	int r = 0;

	while (m < MAKERS && strcmp(makers[m].name, maker) != 0)
		m++;
	if (m == MAKERS)
		return err(ERR_USAGE,
			"option --initramfs: debian, dracut or mkinitcpio, not \"%s\"", maker);
	for (size_t i = 0; i < hook_count && r == 0; i++)
		if (strcmp(hook_table[i].maker, maker) == 0)
			r = plan_add(p, STEP_FILE, hook_table[i].mode, hook_table[i].path,
				hook_table[i].data);
	if (r == 0)
		r = name_binary(p);
	if (r == 0 && !root_has(p->root, makers[m].program))
		log_warn("%s is not installed yet", makers[m].program);
	if (r == 0)
		log_info("the initramfs has it after: %s", makers[m].command);
	return r;
}
