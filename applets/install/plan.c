/* plan.c - the steps that lead to what was asked for, found before the first one is taken */
#include "applets/install/plan.h"

#include <string.h>

static char text_storage[PLAN_TEXT_MAX];

void plan_begin(struct plan *p, const struct root *r, const char *binary)
{
	*p = (struct plan){ .root = r, .binary = binary };
	p->text = buf_of(text_storage, sizeof(text_storage));
}

static const char *keep_text(struct plan *p, struct str s)
{
	const char *at = buf_tail(&p->text);

	buf_str(&p->text, s);
	buf_putc(&p->text, 0);
	return at;
}

static int append(struct plan *p, struct step s)
{
	if (p->n == JOURNAL_STEPS_MAX || p->text.full)
		return err(ERR_LIMIT, "%s: more steps than fit", s.path);
	p->steps[p->n++] = s;
	return 0;
}

static bool planned(const struct plan *p, const char *path)
{
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->steps[i].path, path) == 0)
			return true;
	return false;
}

/* The folders above a file that are not there yet, the outermost first. */
static int add_folders(struct plan *p, const char *path)
{
	int r = 0;

	for (const char *slash = strchr(path + 1, '/'); slash && r == 0;
		slash = strchr(slash + 1, '/')) {
		BUF(folder, PATH_MAX);

		buf_add(&folder, path, (size_t)(slash - path));
		if (!root_has(p->root, buf_text(&folder)) && !planned(p, buf_text(&folder)))
			r = append(p,
				(struct step){ STEP_DIR, 0755, keep_text(p, buf_view(&folder)),
					{ "", 0 } });
	}
	return r;
}

/* Of a file that is edited the real name counts, since it is renamed over. */
static int add(struct plan *p, struct step s, const struct place *at)
{
	bool new = s.kind == STEP_FILE || s.kind == STEP_LINK;
	struct stat st;
	int r;

	if (p->text.full || step_holds(p->root, &s))
		return buf_check(&p->text, "plan");
	r = add_folders(p, s.path);
	if (r < 0)
		return r;
	if (new &&place_stat(at, at->name, &st) == 0)
		return err(ERR_DENIED, "%s: exists already, and is not ours", s.path);
	return append(p, s);
}

int plan_add(struct plan *p, enum step_kind kind, unsigned mode, const char *path, struct str data)
{
	struct place at;
	int r = root_place(p->root, &at, path, kind == STEP_TOP || kind == STEP_END);

	if (r == 0)
		r = add(p,
			(struct step){ kind, mode, keep_text(p, str_of(at.path)),
				{ keep_text(p, data), data.n } },
			&at);
	place_close(&at);
	return r;
}
