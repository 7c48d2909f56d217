/* install.c - links, sshd and initramfs set-up, and its removal */
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include "applets/applet.h"
#include "applets/install/plan.h"
#include "applets/install/policy.h"
#include "applets/install/root.h"
#include "applets/install/sshd.h"
#include "applets/install/status.h"
#include "applets/install/work.h"
#include "base/io.h"
#include "base/log.h"

static struct {
	const char *links, *initramfs, *prefix;
	bool sshd, replace, selinux, dry, remove, status;
} options;

static const struct opt rows[] = {
	{ 0, "sshd", NULL,
		"make authkeys the AuthorizedKeysCommand of sshd; without any option, this",
		.flag = &options.sshd },
	{ 0, "links", "DIR", "links to every applet in this folder", .value = &options.links },
	{ 0, "replace", NULL, "take the place of the shell agent's programs",
		.flag = &options.replace },
	{ 0, "initramfs", "MAKER", "files for debian, dracut or mkinitcpio",
		.value = &options.initramfs },
	{ 0, "selinux", NULL, "load the module of policy that the agent needs",
		.flag = &options.selinux },
	{ 0, "prefix", "DIR", "an image's root folder, of which no program is run",
		.value = &options.prefix },
	{ 0, "dry-run", NULL, "only say what would be done", .flag = &options.dry },
	{ 0, "status", NULL, "say what is set up, what takes effect, what is wrong",
		.flag = &options.status },
	{ 0, "remove", NULL, "undo all that was done", .flag = &options.remove },
	{ 0 },
};

static const struct opt_spec spec = {
	.args = "",
	.summary = "Sets up this machine, or an image, for EC2 Instance Connect, or undoes that.",
	.opts = rows,
	.more = "Nothing of others is overwritten: an AuthorizedKeysCommand that is there already "
		"is told, with the\n"
		"line that joins both. Either all is done or nothing, also when it is killed: the "
		"next run clears up.\n"
		"What was replaced is kept as NAME.eicbox-saved, and a file of ours that was "
		"edited as .NAME.eicbox-changed.\n"
		"What was done stands in /var/lib/eicbox/install; when that is damaged, undo it by "
		"hand and delete it.\n"
		"\n"
		"Exit status: 0 done, or nothing to do; 1 failed, refused, or --status found "
		"something wrong; 2 wrong usage.\n"
		"\n"
		"Example: in an image below /mnt, to which eicbox was copied:\n"
		"\n"
		"  cp eicbox /mnt/usr/bin/ && eicbox install --prefix /mnt\n",
};

static bool sets_up(void)
{
	return options.sshd || options.links || options.replace || options.initramfs ||
		options.selinux;
}

static int check_options(int argc, char **argv)
{
	if (argc > 1)
		return err(ERR_USAGE, "\"%s\": one word too many", argv[1]);
	if (options.remove + options.status + sets_up() > 1)
		return err(ERR_USAGE,
			"options --remove and --status: not with each other, nor with what sets "
			"up");
	if (options.status && options.dry)
		return err(ERR_USAGE, "option --dry-run: --status does nothing anyway");
	options.sshd |= !options.remove && !options.status && !sets_up();
	return 0;
}

static bool is_file(const struct root *r, const char *path)
{
	struct stat st;

	return root_stat(r, path, &st) == 0 && S_ISREG(st.st_mode);
}

/* This very file, as it is called in the tree; appends nothing when it lies outside. In a chroot
 * without /proc, where packages may be set up, there is still the name that it was started by. */
static void find_self(const struct root *r, struct buf *out)
{
	const char *start = (const char *)getauxval(AT_EXECFN);
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	self[n > 0 ? n : 0] = 0;
	if (n > 0 && str_starts(str_of(self), r->path) && self[strlen(r->path)] == '/')
		buf_puts(out, root_inside(r, self));
	else if (n < 0 && r->live && start && start[0] == '/' && root_find(r, out, start, true) < 0)
		buf_clear(out);
}

/* Else an eicbox that was put there. */
static int find_binary(const struct root *r, struct buf *out)
{
	static const char *const places[] = { "/usr/bin/eicbox", "/usr/local/bin/eicbox",
		"/usr/sbin/eicbox", "/usr/libexec/eicbox/agent", "/opt/eicbox/bin/eicbox",
		"/bin/eicbox", "/sbin/eicbox" };

	find_self(r, out);
	for (size_t i = 0; !is_file(r, buf_text(out)); i++) {
		if (i == sizeof(places) / sizeof(*places))
			return err(ERR_ABSENT, "%s: no eicbox in it: copy it to %s%s first",
				r->path[0] ? r->path : "/", r->path, places[0]);
		buf_clear(out);
		buf_puts(out, places[i]);
	}
	return 0;
}

static struct work work;
static struct plan plan;
static struct sshd_slot slot;

/* What is said in several lines goes to stderr as it is, for copying. */
static void tell(const struct buf *text)
{
	for (size_t i = 0; i < text->len; i++)
		if (((unsigned char)text->p[i] < 0x20 && !str_has(STR("\t\n"), text->p[i])) ||
			text->p[i] == 0x7f)
			text->p[i] = '?';
	(void)!io_write(2, text->p, text->len);
}

/* The slot has what an earlier run has set up. */
static bool is_recorded(const struct root *r)
{
	const struct journal *j = &work.journal;
	bool recorded = false;

	for (size_t i = 0; i < j->done; i++)
		recorded |= strcmp(j->steps[i].path, slot.command->file) == 0 &&
			step_holds(r, &j->steps[i]);
	return recorded;
}

static int refuse_slot(const char *name, const char *binary)
{
	BUF(text, PATH_MAX + 2 * CONF_VALUE_MAX + 1024);
	int status = applet_fail(name, sshd_taken(&slot));

	if (is_recorded(work.root))
		buf_puts(&text, "An earlier run has set that up: 'install --remove' undoes it.\n");
	else
		sshd_advice(&text, &slot, binary);
	tell(&text);
	return status;
}

static void warn_of_path(const struct root *r, const char *binary)
{
	BUF(why, PATH_MAX + 64);

	if (sshd_refuses(r, binary, &why))
		log_warn("sshd would refuse to run %s: %s", binary, buf_text(&why));
}

/* Of what was set up for a file that is gone nothing works: it is undone, and then done anew. */
static int look(const struct root *r, const char *binary)
{
	int code = sshd_look(&slot, r, binary);

	if (code < 0 || !slot.command || slot.ours || !is_recorded(r) || !slot.program[0] ||
		is_file(r, slot.program))
		return code;
	log_warn("%s:%u: what that has is gone, and all is set up anew for %s", slot.command->file,
		slot.command->line, binary);
	code = work_remove(&work);
	slot.ours = work.dry;
	return code < 0 || work.dry ? code : sshd_look(&slot, r, binary);
}

static void note_more(void)
{
	const struct conf_place *script = &slot.unit.script, *off = conf_no_keys(&slot.conf);

	if (off)
		log_warn("%s:%u: " SSHD_NO_KEYS, off->file, off->line);
	if (script->file[0])
		log_warn("%s:%u: what %s tells sshd is not seen", script->file, script->line,
			script->value);
	for (unsigned i = 0; i < slot.conf.some_count && i < CONF_NOTES_MAX; i++)
		log_warn("%s:%u: not for everybody: %s", slot.conf.some[i].file,
			slot.conf.some[i].line, slot.conf.some[i].value);
}

/* All but sshd. */
static int plan_rest(const struct root *r, const char *binary)
{
	int code = 0;

	plan_begin(&plan, r, binary);
	plan.journal = &work.journal;
	if (options.links)
		code = plan_links(&plan, options.links);
	if (code == 0 && options.replace)
		code = plan_replace(&plan);
	if (code == 0 && options.initramfs)
		code = plan_initramfs(&plan, options.initramfs);
	if (code == 0 && options.selinux)
		code = plan_policy(&plan);
	return code;
}

static int try_sshd(const struct root *r, const char *binary, const char *command, bool block)
{
	int code = plan_rest(r, binary);

	if (code == 0)
		code = plan_sshd(&plan, &slot, block);
	return code < 0 ? code : work_do(&work, &plan, command);
}

/* sshd splits and expands what it is given. */
static int check_path(const char *binary)
{
	if (!strpbrk(binary, " \t\n\r\f\"'\\%#"))
		return 0;
	return err(ERR_DENIED, "%s: sshd cannot be told a path with blanks, quotes, \\, %% or #",
		binary);
}

/* With sshd there are two ways; the second one is tried when the first takes no effect. */
static int take_slot(const struct root *r, const char *binary)
{
	bool block = !slot.conf.reads_dropin;
	BUF(command, PATH_MAX + 32);
	int code;

	sshd_command(&command, binary);
	code = try_sshd(r, binary, buf_text(&command), block);
	if (code == ERR_DENIED && !block)
		code = try_sshd(r, binary, buf_text(&command), true);
	return code;
}

/* All but the slot, which is ours or not asked for; its user may be gone all the same. */
static int keep_slot(const struct root *r, const char *binary)
{
	int code = plan_rest(r, binary);

	if (code == 0 && options.sshd && slot.user && strcmp(slot.user->value, SSHD_USER) == 0)
		code = plan_user(&plan);
	return code < 0 ? code : work_do(&work, &plan, NULL);
}

static int look_at_sshd(const struct root *r, const char *binary)
{
	BUF(words, ERR_TEXT_MAX);
	int code = look(r, binary);

	buf_puts(&words, code < 0 ? err_text() : "");
	if (code == ERR_ABSENT)
		return err(code, "%s: is OpenSSH's server installed?", buf_text(&words));
	/* the shell agent's command becomes ours when its programs are replaced */
	slot.ours |= options.replace && slot.agent;
	return code;
}

static int set_up_sshd(const struct root *r, const char *binary)
{
	if (work.before.state == ASK_BROKEN)
		return err(ERR_DENIED, "sshd does not accept its files as they are: %s",
			work.before.words);
	if (check_path(binary) < 0)
		return ERR_DENIED;
	warn_of_path(r, binary);
	note_more();
	return slot.ours ? keep_slot(r, binary) : take_slot(r, binary);
}

static int set_up(const char *name, const struct root *r, const char *binary)
{
	BUF(advice, 2048);
	int code = options.sshd ? look_at_sshd(r, binary) : 0;

	if (code == 0 && options.sshd && slot.command && !slot.ours)
		return refuse_slot(name, binary);
	if (code == 0)
		code = options.sshd ? set_up_sshd(r, binary) : keep_slot(r, binary);
	if (code < 0)
		return applet_fail(name, code);
	if (plan.n == 0)
		log_info("nothing to do: all is set up");
	if (options.sshd && !options.selinux && policy_wanted(r)) {
		buf_puts(&advice, policy_advice);
		tell(&advice);
	}
	return EXIT_DONE;
}

static int show_status(const char *name, const char *binary)
{
	static char storage[64 * 1024];
	struct buf out = buf_of(storage, sizeof(storage));
	int wrong = status_table(&out, &work.journal, binary);
	int status = applet_print(name, buf_view(&out));

	return status != EXIT_DONE ? status : wrong ? EXIT_FAILED : EXIT_DONE;
}

static bool has_slot(struct buf *binary)
{
	return find_binary(work.root, binary) == 0 &&
		sshd_look(&slot, work.root, buf_text(binary)) == 0 && slot.ours;
}

/* Where the journal is lost, lines that are ours to the last byte are as good as recorded. */
static int record_lines(void)
{
	struct journal *j = &work.journal;
	BUF(binary, PATH_MAX);
	struct step lines;
	int r;

	if (!has_slot(&binary) || !sshd_made(work.root, &slot, buf_text(&binary), &lines) ||
		journal_has(j, 0, j->n, &lines) || j->n == JOURNAL_STEPS_MAX)
		return 0;
	if (work.dry) {
		j->steps[j->n++] = lines;
		return 0;
	}
	r = journal_add(j, &lines);
	return r < 0 ? r : journal_done(j);
}

/* Whose other lines are nobody can tell: the administrator's, or ours and the journal is lost. */
static bool warn_of_lines(void)
{
	BUF(binary, PATH_MAX);
	bool ours = has_slot(&binary);

	if (ours)
		log_warn("%s:%u: still has %s; that is not on record, and so it stays",
			slot.command->file, slot.command->line, slot.command->value);
	return ours;
}

static int take_away(const char *name)
{
	int r = record_lines();
	size_t n = work.journal.n;
	const char *again = initramfs_command(&work.journal);

	if (r == 0)
		r = work_remove(&work);
	if (r < 0)
		return applet_fail(name, r);
	if (again && !work.dry)
		log_info("the images of the initramfs have it until: %s", again);
	if ((n == 0 || !work.dry) && !warn_of_lines() && n == 0)
		log_info("nothing to do: nothing is set up");
	return EXIT_DONE;
}

/* sshd's -f and -p count for what it is asked, too. */
static const struct unit *unit_of(const struct root *r)
{
	static struct unit unit;

	if (unit_read(&unit, r) < 0)
		unit = (struct unit){ .config = "" };
	return &unit;
}

static int run(const char *name)
{
	static struct root root;
	BUF(binary, PATH_MAX);
	bool write = !options.dry && !options.status;
	int status = EXIT_DONE, r = root_open(&root, options.prefix);

	work = (struct work){ .name = name, .root = &root, .dry = !write };
	if (r == 0 && !options.remove)
		r = find_binary(&root, &binary);
	if (r == 0)
		r = journal_open(&work.journal, &root, write);
	if (r == 0 && options.status)
		return show_status(name, buf_text(&binary));
	work.unit = unit_of(&root);
	if (r == 0)
		r = work_begin(&work);
	if (r == 0)
		status = options.remove ? take_away(name) : set_up(name, &root, buf_text(&binary));
	if (r == 0 && work.reload)
		r = work_reload(&work);
	journal_close(&work.journal);
	user_unlock();
	if (r < 0)
		return applet_fail(name, r);
	return work.mute ? EXIT_FAILED : status;
}

static int install_main(int argc, char **argv)
{
	int status = applet_options(argv[0], &spec, &argc, argv);

	if (status >= 0)
		return status;
	if (check_options(argc, argv) < 0)
		return applet_usage(argv[0], "%s", err_text());
	log_open(argv[0], LOG_TO_STDERR, LOGLEVEL_INFO);
	umask(022);
	return run(argv[0]);
}

const struct applet install_applet = {
	.name = "install",
	.summary = "set up links, sshd and initramfs, or take that away",
	.main = install_main,
};
