/* user.c - the user that authkeys runs as, which may do nothing else */
#include <string.h>

#include "applets/install/plan.h"
#include "applets/install/sshd.h"

#define ID_MIN 100
#define ID_MAX 999
#define COMMENT "EC2 Instance Connect"

static char text_storage[STEP_FILE_MAX];

/* Whether a line of a file like passwd has this in one of its fields. */
static bool has_field(struct str text, unsigned field, const char *value)
{
	struct str line, part;

	while (str_take_line(&text, &line))
		for (unsigned i = 0; str_cut(&line, ':', &part); i++)
			if (i == field && str_is(part, value))
				return true;
	return false;
}

/* A number that neither a user nor a group has, or 0. From above, as useradd takes them. */
static int free_id(const struct root *r, unsigned *id)
{
	struct buf text = buf_of(text_storage, sizeof(text_storage));
	int code = root_read(r, "/etc/passwd", &text);

	if (code == 0)
		code = root_read(r, "/etc/group", &text);
	if (code < 0)
		return code;
	for (*id = ID_MAX; *id >= ID_MIN; --*id) {
		BUF(number, 16);

		buf_addf(&number, "%u", *id);
		if (!has_field(buf_view(&text), 2, buf_text(&number)))
			return 0;
	}
	return err(ERR_LIMIT, "/etc/passwd: no number for a user is free");
}

static bool has_name(const struct root *r, const char *file, const char *name)
{
	struct buf text = buf_of(text_storage, sizeof(text_storage));

	return root_read(r, file, &text) == 0 && has_field(buf_view(&text), 0, name);
}

bool user_exists(const struct root *r, const char *name)
{
	return has_name(r, "/etc/passwd", name);
}

static bool has_entry(const struct root *r, const char *file)
{
	return has_name(r, file, SSHD_USER);
}

/* A last line without LF stays one when ours is taken away again. */
static int add_entry(struct plan *p, const char *file, struct str line)
{
	struct buf text = buf_of(text_storage, sizeof(text_storage));
	BUF(entry, 256);
	int r = root_read(p->root, file, &text);
	bool whole = text.len == 0 || text.p[text.len - 1] == '\n';

	if (r < 0)
		return r;
	buf_addf(&entry, "%s%.*s%s", whole ? "" : "\n", STR_ARG(line), whole ? "\n" : "");
	return plan_add(p, STEP_END, 0, file, buf_view(&entry));
}

static const char *no_shell(const struct root *r)
{
	static const char *const shells[] = { "/usr/sbin/nologin", "/sbin/nologin" };

	for (size_t i = 0; i < 2; i++)
		if (root_has(r, shells[i]))
			return shells[i];
	return "/bin/false";
}

/* Where /etc/passwd is made at the first boot, so is our entry. */
static int describe(struct plan *p)
{
	return plan_add(p, STEP_FILE, 0644, "/etc/sysusers.d/eicbox.conf",
		STR("u " SSHD_USER " - \"" COMMENT "\" /nonexistent\n"));
}

/* What shadow says of an account without a password that anybody could have. */
static int add_shadows(struct plan *p)
{
	int r = 0;

	if (root_has(p->root, "/etc/shadow") && !has_entry(p->root, "/etc/shadow"))
		r = add_entry(p, "/etc/shadow", STR(SSHD_USER ":!:::::::"));
	if (r == 0 && root_has(p->root, "/etc/gshadow") && !has_entry(p->root, "/etc/gshadow"))
		r = add_entry(p, "/etc/gshadow", STR(SSHD_USER ":!::"));
	return r;
}

int plan_user(struct plan *p)
{
	BUF(passwd, 256);
	BUF(group, 128);
	unsigned id;
	int r;

	if (!root_has(p->root, "/etc/passwd"))
		return describe(p);
	if (user_exists(p->root, SSHD_USER))
		return 0;
	r = free_id(p->root, &id);
	if (r < 0)
		return r;
	buf_addf(&passwd, SSHD_USER ":x:%u:%u:" COMMENT ":/nonexistent:%s", id, id,
		no_shell(p->root));
	buf_addf(&group, SSHD_USER ":x:%u:", id);
	if (!has_entry(p->root, "/etc/group"))
		r = add_entry(p, "/etc/group", buf_view(&group));
	if (r == 0)
		r = add_shadows(p);
	return r == 0 ? add_entry(p, "/etc/passwd", buf_view(&passwd)) : r;
}
