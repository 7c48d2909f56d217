/* sshd.c - sshd's one slot for a command: who has it, and how it becomes ours */
#include "applets/install/sshd.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAIN "/etc/ssh/sshd_config"
#define VENDOR \
	"/usr/etc/ssh/sshd_config" /* where there is no other, some distributions read it \
				    */
#define BLOCK_BEGIN "# >>> eicbox; 'eicbox install --remove' takes these lines away\n"
#define BLOCK_END "# <<< eicbox\n"
#define DROPIN_BEGIN "# made by 'eicbox install'; 'eicbox install --remove' takes it away\n"

/* The program of a command line of sshd's, without its arguments; "" when it has none. */
static void program_of(const char *command, char *out, size_t cap)
{
	struct str rest = str_of(command), word;

	if (!str_take_word(&rest, &word) || !str_copy(out, cap, word))
		*out = 0;
}

static const char *main_file(const struct root *r, const struct unit *u)
{
	if (u->config[0])
		return u->config;
	return !root_has(r, MAIN) && root_has(r, VENDOR) ? VENDOR : MAIN;
}

static bool is_link(const struct root *r, const char *file)
{
	struct place p;
	struct stat st;
	bool link = root_place(r, &p, file, false) == 0 && place_stat(&p, p.name, &st) == 0 &&
		S_ISLNK(st.st_mode);

	place_close(&p);
	return link;
}

int sshd_look(struct sshd_slot *s, const struct root *r, const char *binary)
{
	int code = unit_read(&s->unit, r);

	s->config = main_file(r, &s->unit);
	if (code == 0)
		code = conf_read(&s->conf, r, s->config, SSHD_DROPIN, s->unit.port);
	if (code < 0)
		return code;
	s->command = s->unit.command.file[0] ? &s->unit.command : conf_command(&s->conf);
	s->user = s->unit.user.file[0] ? &s->unit.user : conf_user(&s->conf);
	if (!s->command->file[0])
		s->command = NULL;
	if (!s->user->file[0] || (s->user == &s->conf.user && conf_is_none(s->user)))
		s->user = NULL; /* what we write comes first */
	s->linked = s->command && is_link(r, s->command->file);
	program_of(s->command ? s->command->value : "", s->program, sizeof(s->program));
	s->ours = s->program[0] && root_same(r, s->program, binary);
	s->agent = s->program[0] && plan_replaces(r, s->program);
	return 0;
}

void sshd_command(struct buf *out, const char *binary)
{
	buf_addf(out, "%s authkeys %%u %%f", binary);
}

/* What the drop-in holds, or the block of lines in the main file. */
static void add_lines(struct buf *out, const char *binary, bool user, bool block)
{
	buf_puts(out, block ? BLOCK_BEGIN : DROPIN_BEGIN);
	buf_puts(out, "AuthorizedKeysCommand ");
	sshd_command(out, binary);
	buf_puts(out, user ? "\nAuthorizedKeysCommandUser " SSHD_USER "\n" : "\n");
	buf_puts(out, block ? BLOCK_END : "");
}

/* The drop-in may be read by whom the main file may. */
static unsigned mode_of(const struct root *r, const char *file)
{
	struct stat st;

	return root_stat(r, file, &st) ? 0644 : st.st_mode & 0644;
}

static int plan_block(struct plan *p, const struct sshd_slot *s)
{
	BUF(text, PATH_MAX + 512);

	if (strcmp(s->config, VENDOR) == 0)
		return err(ERR_DENIED,
			"%s: does not include " SSHD_DROPIN ", and is not ours to edit", s->config);
	add_lines(&text, p->binary, !s->user, true);
	return plan_add(p, STEP_TOP, 0, s->config, buf_view(&text));
}

static int plan_dropin(struct plan *p, const struct sshd_slot *s)
{
	BUF(text, PATH_MAX + 512);

	add_lines(&text, p->binary, !s->user, false);
	return plan_add(p, STEP_FILE, mode_of(p->root, s->config), SSHD_DROPIN, buf_view(&text));
}

bool sshd_made(
	const struct root *r, const struct sshd_slot *s, const char *binary, struct step *made)
{
	static char storage[PATH_MAX + 512];
	static struct place at;
	bool held = false;

	for (int i = 0; i < 4 && !held; i++) {
		struct buf text = buf_of(storage, sizeof(storage));

		add_lines(&text, binary, i & 1, i & 2);
		*made = (struct step){ i & 2 ? STEP_TOP : STEP_FILE, 0, at.path, buf_view(&text) };
		held = root_place(r, &at, s->command->file, i & 2) == 0 && step_holds(r, made);
		place_close(&at);
	}
	return held;
}

/* An AuthorizedKeysCommandUser that somebody has chosen stays. */
int plan_sshd(struct plan *p, const struct sshd_slot *s, bool block)
{
	int r = s->user ? 0 : plan_user(p);

	if (r < 0)
		return r;
	if (s->user && conf_is_none(s->user))
		return err(ERR_DENIED, "%s:%u: AuthorizedKeysCommandUser is switched off there",
			s->user->file, s->user->line);
	return block ? plan_block(p, s) : plan_dropin(p, s);
}

int sshd_taken(const struct sshd_slot *s)
{
	const struct conf_place *c = s->command;

	if (conf_is_none(c))
		return err(ERR_DENIED, "%s:%u: AuthorizedKeysCommand is switched off there",
			c->file, c->line);
	return err(ERR_DENIED, "%s:%u: sshd has an AuthorizedKeysCommand already: %s", c->file,
		c->line, c->value);
}

/* whether a word of its own begins here that is the user */
static bool is_user_word(const char *command, const char *c)
{
	return strncmp(c, "%u", 2) == 0 && c > command && strchr(" \t", c[-1]) &&
		strchr(" \t", c[2]);
}

/* In single quotes, as sshd splits its arguments. A command without arguments is given the user.
 * His name is in quotes of its own, for authkeys splits the words once more: DOMAIN\name is one. */
static void add_quoted(struct buf *out, const char *command)
{
	bool plain = !strpbrk(command, "\"'\\");

	buf_putc(out, '\'');
	for (const char *c = command; *c; c++) {
		if (plain && is_user_word(command, c)) {
			buf_puts(out, "\"%u\"");
			c++;
			continue;
		}
		if (*c == '\'' || *c == '\\')
			buf_putc(out, '\\');
		buf_putc(out, *c);
	}
	buf_puts(out, strpbrk(command, " \t") ? "'" : " \"%u\"'");
}

bool sshd_step(const struct step *s)
{
	return s->kind == STEP_TOP || str_ends(str_of(s->path), strrchr(SSHD_DROPIN, '/'));
}

/* It can be printed as it is. */
static bool is_whole(const char *command)
{
	for (const char *c = command; *c; c++)
		if (((unsigned char)*c < 0x20 && *c != '\t') || *c == 0x7f)
			return false;
	return strcmp(command, CONF_TOO_LONG) != 0;
}

void sshd_advice(struct buf *out, const struct sshd_slot *s, const char *binary)
{
	const struct conf_place *c = s->command;

	if (conf_is_none(c)) {
		buf_puts(out, "Take that line away, then install again.\n");
		return;
	}
	if (s->agent) {
		buf_puts(out,
			"That is the shell agent of EC2 Instance Connect: "
			"'eicbox install --replace' takes its place.\n");
		return;
	}
	buf_addf(out,
		"sshd asks one command. To have both, %s:\n\nAuthorizedKeysCommand %s authkeys "
		"--chain ",
		c == &s->unit.command
			? "take the -o options out of that unit, and put into sshd_config"
			: s->linked ? "put, into a file in the place of that link"
				    : "put in its place",
		binary);
	if (is_whole(c->value))
		add_quoted(out, c->value);
	else
		buf_puts(out, "'...'");
	buf_addf(out, " %%u %%f\nAuthorizedKeysCommandUser %s\n",
		s->user ? s->user->value : SSHD_USER);
	if (!is_whole(c->value))
		buf_puts(out,
			"\nIn place of the dots: its command, which cannot be shown, with a "
			"backslash before each ' and \\.\n");
}

/* As sshd looks at it: a regular file, root's, and nobody else may write it or a folder above. */
static bool refused_part(const struct root *r, const char *full, bool file, struct buf *why)
{
	struct stat st;
	const char *inside = root_inside(r, full), *what;

	if (root_stat(r, inside, &st))
		what = "is not there";
	else if (file && !S_ISREG(st.st_mode))
		what = "is not a regular file";
	else
		what = root_fault(r, &st);
	if (!what && !(st.st_mode & 01))
		what = "cannot be run by " SSHD_USER;
	if (what)
		buf_addf(why, "%s: %s", inside, what);
	return what;
}

bool sshd_refuses(const struct root *r, const char *binary, struct buf *why)
{
	BUF(full, PATH_MAX);
	bool refused;

	if (root_find(r, &full, binary, true) < 0) {
		buf_puts(why, err_text());
		return true;
	}
	refused = refused_part(r, buf_text(&full), true, why);
	while (!refused && full.len > strlen(r->path)) {
		while (full.len > 0 && full.p[--full.len] != '/')
			continue;
		full.p[full.len] = 0;
		refused = refused_part(r, buf_text(&full), false, why);
	}
	return refused;
}
