/* ask.c - the programs of the machine itself: what sshd makes of its files, and that it reads them
 */
#include "applets/install/ask.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "applets/install/criteria.h"
#include "base/clock.h"
#include "base/folder.h"
#include "base/io.h"
#include "base/log.h"
#include "base/proc.h"
#include "data/enc.h"

#define PATIENCE_MS 30000

int ask_run(struct buf *out, char *const *argv)
{
	static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin",
		    locale[] = "LC_ALL=C";
	static char *const env[] = { path, locale, NULL };

	return proc_run(out, argv, env, PROC_BOTH, deadline_in(PATIENCE_MS));
}

static const char *find_sshd(void)
{
	static const char *const places[] = { "/usr/sbin/sshd", "/sbin/sshd",
		"/usr/local/sbin/sshd", "/usr/bin/sshd" };

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (access(places[i], X_OK) == 0)
			return places[i];
	return NULL;
}

/* A machine that was never booted has neither host keys nor what tmpfiles and sysusers make. sshd
 * looks for them after it has accepted its files. */
static bool only_unready(struct str said)
{
	return str_find(said, "no hostkeys available", NULL) ||
		str_find(said, "rivilege separation ", NULL);
}

static void keep(char *to, size_t cap, struct str value)
{
	(void)str_copy(to, cap, str_trim(value));
}

/* "authorizedkeyscommand none" and the like; of what is no such line, the last is kept. */
static void take_answer(struct ask *a, struct str said)
{
	struct str line, key;

	while (str_take_line(&said, &line)) {
		struct str value = line;

		if (!str_take_word(&value, &key))
			continue;
		if (a->state != ASK_WORKS)
			keep(a->words, sizeof(a->words), line);
		else if (str_is(key, "authorizedkeyscommand"))
			keep(a->command, sizeof(a->command), value);
		else if (str_is(key, "listenaddress") && !*a->port && str_take_word(&value, &key))
			keep(a->port, sizeof(a->port), conf_port(key));
		else if (str_is(key, "pidfile"))
			keep(a->pidfile, sizeof(a->pidfile), value);
	}
}

/* For a connection that no administrator names: what everybody meets counts. */
static void ask_for(struct ask *a, const char *program, const char *config, const char *port)
{
	static char test[] = "-T", connection[] = "-C", file[] = "-f";
	static char storage[64 * 1024], sshd[64], name[PATH_MAX];
	BUF(whose, 256);
	char *argv[] = { sshd, test, connection, whose.p, *config ? file : NULL, name, NULL };
	struct buf said = buf_of(storage, sizeof(storage));
	int status;

	*a = (struct ask){ .state = ASK_ABSENT };
	buf_addf(&whose,
		"user=" CRITERIA_USER ",host=" CRITERIA_ADDRESS ",addr=" CRITERIA_ADDRESS
		",laddr=" CRITERIA_LOCAL ",lport=%s",
		port);
	if (!str_copy(sshd, sizeof(sshd), str_of(program)) ||
		!str_copy(name, sizeof(name), str_of(config)))
		return;
	status = ask_run(&said, argv);
	a->state = status == 0                  ? ASK_WORKS
		: only_unready(buf_view(&said)) ? ASK_UNREADY
						: ASK_BROKEN;
	take_answer(a, status < 0 ? str_of(err_text()) : buf_view(&said));
}

void ask_sshd(struct ask *a, const struct unit *u)
{
	const char *program = find_sshd(), *first = *u->port ? u->port : CRITERIA_PORT;
	char port[sizeof(a->port)];

	*a = (struct ask){ .state = ASK_ABSENT };
	if (!program)
		return;
	ask_for(a, program, u->config, first);
	if (*u->port || !*a->port || strcmp(a->port, first) == 0)
		return;
	memcpy(port, a->port, sizeof(port));
	ask_for(a, program, u->config, port);
}

/* In a chroot systemctl ignores what it is asked, says so, and calls that a success. */
static bool is_active(struct str said)
{
	struct str line;

	while (str_take_line(&said, &line))
		if (str_is(line, "active") || str_is(line, "reloading"))
			return true;
	return false;
}

/* 1: the unit runs, and was told */
static int reload_unit(const char *name)
{
	static char systemctl[] = "systemctl", ask[] = "is-active", reload[] = "reload";
	char unit[32];
	char *question[] = { systemctl, ask, unit, NULL };
	char *order[] = { systemctl, reload, unit, NULL };
	BUF(out, 4096);
	int r;

	if (!str_copy(unit, sizeof(unit), str_of(name)))
		return ERR_BUG;
	r = ask_run(&out, question);
	if (r != 0 || !is_active(buf_view(&out)))
		return r < 0 ? r : 0;
	buf_clear(&out);
	r = ask_run(&out, order);
	return r == 0   ? 1
		: r < 0 ? r
			: err(ERR_SYSTEM, "systemctl reload %s: %s", name, buf_text(&out));
}

/* A line of /proc/PID/status, without its name. */
static bool status_line(struct str text, const char *name, struct str *value)
{
	while (str_take_line(&text, value))
		if (str_starts(*value, name))
			return str_take(value, strlen(name), &(struct str){ 0 });
	return false;
}

/* One that has just been told starts anew, and is deaf until it listens again. */
static bool hears(struct str status)
{
	struct str caught;
	unsigned char bits[8];

	return status_line(status, "SigCgt:\t", &caught) && hex_read(caught, bits, sizeof(bits)) &&
		(bits[7] & 1 << (SIGHUP - 1));
}

/* A process of another root, such as the host's for somebody in a chroot, reads other files. */
static bool shares_root(const char *pid)
{
	BUF(path, 64);
	struct stat own, its;

	buf_addf(&path, "/proc/%s/root/", pid);
	return stat("/", &own) == 0 && stat(buf_text(&path), &its) == 0 &&
		own.st_dev == its.st_dev && own.st_ino == its.st_ino;
}

/* Appends what /proc says of a process, when it is a sshd that reads our files. */
static bool read_sshd(struct buf *status, const char *pid)
{
	BUF(path, 64);
	struct str name;

	buf_addf(&path, "/proc/%s/status", pid);
	return io_read_file(buf_text(&path), status) == 0 &&
		status_line(buf_view(status), "Name:\t", &name) && str_is(name, "sshd") &&
		shares_root(pid);
}

static bool is_ready_sshd(const char *pid)
{
	for (int tries = 0; tries < 100; tries++) {
		BUF(status, 8192);

		if (!read_sshd(&status, pid))
			return false;
		if (hears(buf_view(&status)))
			return true;
		poll(NULL, 0, 50);
	}
	return false;
}

static int reload_pid(const char *file)
{
	BUF(text, 64);
	char pid[16];
	uint64_t number;

	if (io_read_file(file, &text) < 0 ||
		!str_copy(pid, sizeof(pid), str_trim(buf_view(&text))) ||
		!str_u64(str_of(pid), 1 << 30, &number) || number < 2 || !is_ready_sshd(pid))
		return 0;
	return kill((pid_t)number, SIGHUP) ? err_errno("sshd: cannot be told to read its files")
					   : 1;
}

/* The one that listens is called by its path, or says so of itself; the others serve somebody. */
static int look_at_process(void *found, int proc, const char *pid)
{
	BUF(status, 8192);
	BUF(path, 64);
	BUF(line, 4096);

	(void)proc;
	if (!str_all(str_of(pid), "0123456789") || !read_sshd(&status, pid))
		return 0;
	buf_addf(&path, "/proc/%s/cmdline", pid);
	if (io_read_file(buf_text(&path), &line) == 0 &&
		(str_starts(buf_view(&line), "/") || str_find(buf_view(&line), "[listener]", NULL)))
		*(bool *)found = true;
	return 0;
}

/* Nobody was told: either nobody runs, or one without a PID file does. */
static void say_why(void)
{
	bool found = false;
	int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = ERR_ABSENT;

	if (proc >= 0) {
		r = folder_each(proc, "/proc", look_at_process, &found);
		close(proc);
	}
	if (found || r < 0)
		log_warn("sshd: %s has to be told to read its files again: send it SIGHUP",
			found ? "runs without a PID file, and" : "if it runs, it");
	else
		log_info("sshd: does not run, so nobody had to be told");
}

int ask_reload(const struct ask *a)
{
	static const char *const units[] = { "ssh.service", "sshd.service" };
	int r = 0;

	if (access("/run/systemd/system", F_OK) == 0)
		for (size_t i = 0; r == 0 && i < 2; i++)
			r = reload_unit(units[i]);
	if (r == ERR_ABSENT)
		r = 0;
	if (r == 0)
		r = reload_pid(a->pidfile[0] ? a->pidfile : "/run/sshd.pid");
	if (r == 0)
		say_why();
	if (r > 0)
		log_info("sshd: reads its files again");
	return r < 0 ? r : 0;
}
