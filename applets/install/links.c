/* links.c - links to every applet, and in the place of the shell agent's programs */
#include <string.h>
#include <sys/stat.h>

#include "applets/applet.h"
#include "applets/install/plan.h"

static const char *const folders[] = { "/opt/aws/bin", "/usr/share/ec2-instance-connect" };

#define FOLDERS (sizeof(folders) / sizeof(*folders))

/* "../lib/eicbox": the way from a folder to the binary, both without symlinks. */
static void add_way(struct buf *out, const char *folder, const char *binary)
{
	size_t same = 0;

	for (size_t i = 0; folder[i] == binary[i] || !folder[i]; i++) {
		if (binary[i] == '/')
			same = i;
		if (!folder[i] || !binary[i])
			break;
	}
	for (const char *rest = folder + same; *rest; rest++)
		if (*rest == '/' && rest[1])
			buf_puts(out, "../");
	buf_puts(out, binary + same + 1);
}

static int real_folder(const struct plan *p, struct buf *out, const char *folder)
{
	BUF(full, PATH_MAX);
	int r = root_find(p->root, &full, folder, true);

	buf_puts(out, r < 0 ? "" : root_inside(p->root, buf_text(&full)));
	return r < 0 ? r : buf_check(out, folder);
}

static int link_name(struct plan *p, enum step_kind kind, const char *folder, const char *prefix,
	const char *name)
{
	BUF(path, PATH_MAX);
	BUF(target, PATH_MAX);

	buf_addf(&path, "%s/%s%s", strcmp(folder, "/") == 0 ? "" : folder, prefix, name);
	add_way(&target, folder, p->binary);
	if (path.full || target.full)
		return err(ERR_LIMIT, "%s: name too long", folder);
	return plan_add(p, kind, 0777, buf_text(&path), buf_view(&target));
}

static int link_applet(struct plan *p, const char *folder, const struct applet *a)
{
	int r = link_name(p, STEP_LINK, folder, "eic-", a->name);

	for (size_t i = 0; r == 0 && i < APPLET_ALIASES_MAX && a->aliases[i]; i++)
		r = link_name(p, STEP_LINK, folder, "", a->aliases[i]);
	return r;
}

int plan_links(struct plan *p, const char *folder)
{
	BUF(real, PATH_MAX);
	int r;

	if (folder[0] != '/')
		return err(ERR_USAGE, "option --links: \"%s\" is no absolute path", folder);
	r = real_folder(p, &real, folder);
	for (size_t i = 0; r == 0 && i < applet_count; i++)
		r = link_applet(p, buf_text(&real), applet_table[i]);
	return r;
}

/* Whether there was a program of this path already, in whose place a link came. */
static bool was_replaced(const struct plan *p, const char *path)
{
	for (size_t i = 0; p->journal && i < p->journal->done; i++)
		if (p->journal->steps[i].kind == STEP_REPLACE &&
			strcmp(p->journal->steps[i].path, path) == 0)
			return true;
	return false;
}

/* Whose it is makes no difference: the file is kept, and comes back. */
static int replace_name(struct plan *p, const char *folder, const char *name, unsigned *found)
{
	BUF(path, PATH_MAX);
	BUF(saved, PATH_MAX);

	buf_addf(&path, "%s/%s", folder, name);
	buf_addf(&saved, "%s" STEP_SAVED, buf_text(&path));
	if (!root_has(p->root, buf_text(&path)))
		return 0;
	++*found;
	if (root_same(p->root, buf_text(&path), p->binary))
		return 0;
	if (root_has(p->root, buf_text(&saved)) && !was_replaced(p, buf_text(&path)))
		return err(ERR_DENIED, "%s: exists already, and is not ours", buf_text(&saved));
	return link_name(p, STEP_REPLACE, folder, "", name);
}

bool plan_replaces(const struct root *r, const char *program)
{
	bool found = false;

	for (size_t i = 0; i < FOLDERS && !found; i++) {
		BUF(path, 64);

		buf_addf(&path, "%s/eic_run_authorized_keys", folders[i]);
		found = root_has(r, program) && root_same(r, program, buf_text(&path));
	}
	return found;
}

int plan_replace(struct plan *p)
{
	static const char *const names[] = { "eic_run_authorized_keys", "eic_curl_authorized_keys",
		"eic_parse_authorized_keys" };
	unsigned found = 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i < FOLDERS; i++) {
		BUF(real, PATH_MAX);

		r = real_folder(p, &real, folders[i]);
		for (size_t k = 0; r == 0 && k < 3; k++)
			r = replace_name(p, buf_text(&real), names[k], &found);
	}
	if (r == 0 && found == 0)
		return err(ERR_ABSENT, "option --replace: no shell agent in %s or %s", folders[0],
			folders[1]);
	return r;
}
