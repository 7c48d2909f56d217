/* initramfs.c - the files that the makers of initramfs images want, which come with this one */
#include <string.h>

#include "applets/install/hooks.h"
#include "applets/install/listing.h"
#include "applets/install/plan.h"
#include "base/log.h"

#define SETTINGS "/etc/eicbox/initramfs.conf"

static const struct {
	const char *name, *program, *command;
} makers[] = {
	{ "debian", "/usr/sbin/update-initramfs", "update-initramfs -u -k all" },
	{ "dracut", "/usr/bin/dracut", "dracut --regenerate-all --force" },
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

/* The maker that a step brought a file for; MAKERS: none. */
static size_t maker_of(const struct step *s)
{
	size_t h = 0, m = 0;

	while (h < hook_count && strcmp(hook_table[h].path, s->path) != 0)
		h++;
	while (h < hook_count && m < MAKERS && strcmp(hook_table[h].maker, makers[m].name) != 0)
		m++;
	return h < hook_count ? m : MAKERS;
}

const char *initramfs_command(const struct journal *j)
{
	for (size_t i = 0; i < j->n; i++)
		if (maker_of(&j->steps[i]) < MAKERS)
			return makers[maker_of(&j->steps[i])].command;
	return NULL;
}

static time_t newest_hook(const struct journal *j)
{
	struct stat st;
	time_t newest = 0;

	for (size_t i = 0; i < j->n; i++)
		if (maker_of(&j->steps[i]) < MAKERS &&
			root_stat(j->root, j->steps[i].path, &st) == 0 && st.st_mtime > newest)
			newest = st.st_mtime;
	return newest;
}

int initramfs_old(const struct journal *j, struct buf *image)
{
	static char storage[64 * 1024];
	struct buf paths = buf_of(storage, sizeof(storage));
	time_t hooks = newest_hook(j);
	const char *path = NULL;
	struct stat st;
	int r = listing_glob(j->root, "/boot/initr*", &paths);

	while (r == 0 && image->len == 0 && (path = listing_next(buf_view(&paths), path)) != NULL)
		if (root_stat(j->root, path, &st) == 0 && st.st_mtime < hooks)
			buf_puts(image, path);
	return r;
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
