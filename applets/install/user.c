/* user.c - the user that authkeys runs as, which may do nothing else */
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "applets/install/plan.h"
#include "applets/install/sshd.h"

#define ID_MIN 100
#define ID_MAX 999
#define COMMENT "EC2 Instance Connect"
#define LOCK "/etc/.pwd.lock"
#define DESCRIPTION "/etc/sysusers.d/eicbox.conf"

static char text_storage[STEP_FILE_MAX];
static bool made_lock;

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

/* The third field of the line whose first one this is. */
static bool find_id(struct str text, const char *name, unsigned *id)
{
	struct str line, part;
	uint64_t number;

	while (str_take_line(&text, &line))
		if (str_cut(&line, ':', &part) && str_is(part, name) &&
			str_cut(&line, ':', &part) && str_cut(&line, ':', &part) &&
			str_u64(part, UINT32_MAX - 1, &number)) {
			*id = (unsigned)number;
			return true;
		}
	return false;
}

/* A group of that name may be left from somebody else. */
static bool has_group(const struct root *r, unsigned *id)
{
	struct buf text = buf_of(text_storage, sizeof(text_storage));

	return root_read(r, "/etc/group", &text) == 0 && find_id(buf_view(&text), SSHD_USER, id);
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

static int open_lock(void)
{
	int fd = open(LOCK, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	made_lock |= fd >= 0;
	return fd >= 0 ? fd : open(LOCK, O_WRONLY | O_CLOEXEC);
}

/* Who had the file made may have taken it away meanwhile. */
static bool is_locked(int fd)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	struct stat st;

	return fcntl(fd, F_SETLK, &whole) == 0 && fstat(fd, &st) == 0 && st.st_nlink > 0;
}

int user_lock(void)
{
	for (int tries = 0; tries < 150; tries++) {
		int fd = open_lock();

		if (fd < 0) /* /etc cannot be written, by us at least */
			return 0;
		if (is_locked(fd))
			return 1; /* fd stays open: closing it would unlock */
		close(fd);
		poll(NULL, 0, 100);
	}
	return err(ERR_DENIED, "/etc/passwd: another program changes it");
}

void user_unlock(void)
{
	if (made_lock)
		unlink(LOCK);
	made_lock = false;
}

static bool has_name(const struct root *r, const char *file, const char *name)
{
	struct buf text = buf_of(text_storage, sizeof(text_storage));

	return root_read(r, file, &text) == 0 && has_field(buf_view(&text), 0, name);
}

static bool user_exists(const struct root *r, const char *name)
{
	return has_name(r, "/etc/passwd", name);
}

const char *user_fault(const struct root *r, const char *name)
{
	bool described = strcmp(name, SSHD_USER) == 0 && !root_has(r, "/etc/passwd") &&
		root_has(r, DESCRIPTION);

	if (described || strchr(name, '%') || user_exists(r, name)) /* "%u" is who logs in */
		return NULL;
	return "is not in /etc/passwd";
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
	return plan_add(p, STEP_FILE, 0644, DESCRIPTION,
		STR("u " SSHD_USER " - \"" COMMENT "\" /nonexistent\n"));
}

/* What shadow says of an account without a password that anybody could have. */
static int add_shadows(struct plan *p)
{
	int r = 0;

	if (root_has(p->root, "/etc/shadow") && !has_name(p->root, "/etc/shadow", SSHD_USER))
		r = add_entry(p, "/etc/shadow", STR(SSHD_USER ":!:::::::"));
	if (r == 0 && root_has(p->root, "/etc/gshadow") &&
		!has_name(p->root, "/etc/gshadow", SSHD_USER))
		r = add_entry(p, "/etc/gshadow", STR(SSHD_USER ":!::"));
	return r;
}

int plan_user(struct plan *p)
{
	BUF(passwd, 256);
	BUF(group, 128);
	unsigned id, group_id;
	int r;

	if (!root_has(p->root, "/etc/passwd"))
		return describe(p);
	if (user_exists(p->root, SSHD_USER))
		return 0;
	r = free_id(p->root, &id);
	if (r < 0)
		return r;
	group_id = id;
	buf_addf(&group, SSHD_USER ":x:%u:", id);
	if (!has_group(p->root, &group_id))
		r = add_entry(p, "/etc/group", buf_view(&group));
	if (r == 0)
		r = add_shadows(p);
	buf_addf(&passwd, SSHD_USER ":x:%u:%u:" COMMENT ":/nonexistent:%s", id, group_id,
		no_shell(p->root));
	return r == 0 ? add_entry(p, "/etc/passwd", buf_view(&passwd)) : r;
}
