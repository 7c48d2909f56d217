/* install_crash_test.c - an installation that is killed at any system call is undone or finished */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "applets/applet.h"
#include "tests/unit/tree.h"

#define AGENT "/usr/share/ec2-instance-connect/eic_run_authorized_keys"

extern const struct applet install_applet;

/* --- calls that change something are counted, and one of them is the last --- */

static int calls_left; /* 0: no limit */

static bool last_call(void)
{
	return calls_left > 0 && --calls_left == 0;
}

static void die_if_last(void)
{
	if (last_call())
		raise(SIGKILL);
}

/* These stand in for those of libc in the whole program. */
int mkdirat(int folder, const char *path, mode_t mode)
{
	die_if_last();
	return (int)syscall(SYS_mkdirat, folder, path, mode);
}

int unlinkat(int folder, const char *path, int flags)
{
	die_if_last();
	return (int)syscall(SYS_unlinkat, folder, path, flags);
}

int symlinkat(const char *target, int folder, const char *path)
{
	die_if_last();
	return (int)syscall(SYS_symlinkat, target, folder, path);
}

int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags)
{
	die_if_last();
	return (int)syscall(SYS_linkat, from_folder, from, to_folder, to, flags);
}

int renameat(int from_folder, const char *from, int to_folder, const char *to)
{
	die_if_last();
	return (int)syscall(SYS_renameat2, from_folder, from, to_folder, to, 0);
}

int fsync(int fd)
{
	(void)fd; /* what is tested is the end of a process, not of a machine */
	die_if_last();
	return 0;
}

int ftruncate(int fd, off_t n)
{
	die_if_last();
	return (int)syscall(SYS_ftruncate, fd, n);
}

/* The last one writes half of what it should. */
ssize_t write(int fd, const void *p, size_t n)
{
	if (fd > 2 && last_call()) {
		(void)syscall(SYS_write, fd, p, n / 2);
		raise(SIGKILL);
	}
	return syscall(SYS_write, fd, p, n);
}

static int enter(void **state)
{
	(void)state;
	(void)str_copy(top, sizeof(top), STR("/tmp/install_crash_test.XXXXXX"));
	if (!mkdtemp(top))
		return -1;
	run("mkdir -p usr/bin usr/share/ec2-instance-connect etc/ssh/sshd_config.d var/lib");
	put("/usr/bin/eicbox", "not looked into");
	put(AGENT, "the shell agent");
	put("/etc/passwd", "root:x:0:0::/:/bin/sh\n");
	put("/etc/group", "root:x:0:\n");
	put("/etc/shadow", "root:*:1::::::"); /* without LF */
	return 0;
}

static int leave(void **state)
{
	(void)state;
	run("rm -rf \"$PWD\"");
	return 0;
}

/* --- what the tree holds, as a number --- */

static uint64_t sum;

static void mix(const void *p, size_t n)
{
	for (const unsigned char *c = p; n > 0; n--)
		sum = (sum ^ *c++) * 0x100000001b3u;
}

static int take_entry(const char *path, const struct stat *st, int type, struct FTW *where)
{
	char text[8192];
	uint64_t whole = 14695981039346656037u, before = sum;
	ssize_t n = 0;
	int fd = -1;

	(void)where;
	sum = whole;
	mix(path, strlen(path));
	mix(&st->st_mode, sizeof(st->st_mode));
	if (type == FTW_SL)
		n = readlink(path, text, sizeof(text));
	else if (type == FTW_F && (fd = open(path, O_RDONLY)) >= 0)
		n = read(fd, text, sizeof(text));
	if (fd >= 0)
		close(fd);
	mix(text, n > 0 ? (size_t)n : 0);
	sum += before; /* in any order */
	return 0;
}

static uint64_t tree(void)
{
	sum = 0;
	assert_int_equal(nftw(top, take_entry, 8, FTW_PHYS), 0);
	return sum;
}

/* --- runs --- */

enum end { DONE, KILLED };

/* Runs the applet in a process of its own that is killed at its nth change; 0: never. */
static enum end install(int n, const char *const *words)
{
	char *argv[16] = { (char *)(uintptr_t) "install", (char *)(uintptr_t) "--prefix", top };
	int argc = 3, status, null;
	pid_t pid;

	while (*words)
		argv[argc++] = (char *)(uintptr_t)*words++;
	pid = fork();
	if (pid == 0) {
		null = open("/dev/null", O_WRONLY);
		dup2(null, 1);
		dup2(null, 2);
		calls_left = n;
		_exit(install_applet.main(argc, argv));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status)) {
		assert_int_equal(WTERMSIG(status), SIGKILL);
		return KILLED;
	}
	assert_int_equal(WEXITSTATUS(status), 0);
	return DONE;
}

static const char *const everything[] = { "--sshd", "--links", "/opt/eic", "--replace",
	"--initramfs", "mkinitcpio", NULL };
static const char *const sshd_and_agent[] = { "--sshd", "--replace", NULL };
static const char *const agent[] = { "--replace", NULL };
static const char *const hook[] = { "--initramfs", "mkinitcpio", NULL };
static const char *const take_away[] = { "--remove", NULL };

/* Kills it at its first change, and at each that is stride further on. */
static void try_all(const char *config, const char *const *set_up, int stride)
{
	uint64_t before, after;
	int n;

	put("/etc/ssh/sshd_config", config);
	before = tree();
	assert_int_equal(install(0, set_up), DONE);
	after = tree();
	assert_true(before != after);
	assert_int_equal(install(0, take_away), DONE);
	assert_true(tree() == before);
	for (n = 1; install(n, set_up) == KILLED; n += stride) {
		assert_int_equal(install(0, take_away), DONE);
		assert_true(tree() == before);
		assert_int_equal(install(n, set_up), KILLED);
		(void)install(1 + n % 7, set_up); /* and killed while it clears up */
		assert_int_equal(install(0, set_up), DONE);
		assert_true(tree() == after);
		assert_int_equal(install(0, take_away), DONE);
	}
	assert_true(n > 10);
	assert_true(tree() == after);
	for (n = 1; install(n, take_away) == KILLED; n += stride) {
		(void)install(1 + n % 5, take_away);
		assert_int_equal(install(0, take_away), DONE);
		assert_true(tree() == before);
		assert_int_equal(install(0, set_up), DONE);
		assert_int_equal(install(n, take_away), KILLED);
		assert_int_equal(install(0, set_up), DONE);
		assert_true(tree() == after);
	}
	assert_true(n > 10);
	assert_true(tree() == before);
}

static void with_a_dropin(void **state)
{
	(void)state;
	try_all("Include /etc/ssh/sshd_config.d/*.conf\n", sshd_and_agent, 1);
}

/* Most of it are links, one like the other. */
static void with_everything(void **state)
{
	(void)state;
	try_all("Include /etc/ssh/sshd_config.d/*.conf\n", everything, 7);
}

static void with_lines_in_the_main_file(void **state)
{
	(void)state;
	try_all("UsePAM yes\n", sshd_and_agent, 1);
}

/* The journal brings its folders, and takes away those and no others. */
static void without_var(void **state)
{
	(void)state;
	run("rm -r var");
	try_all("UsePAM yes\n", hook, 1);
}

static void with_an_empty_folder_of_that_name(void **state)
{
	(void)state;
	run("mkdir var/lib/eicbox");
	try_all("UsePAM yes\n", hook, 1);
}

/* An upgrade of the shell agent has put it in the place of our link, and ours comes again. */
static void with_a_newer_program(void **state)
{
	enum end end = KILLED;
	uint64_t before;
	int n = 0;

	(void)state;
	put("/etc/ssh/sshd_config", "UsePAM yes\n");
	put(AGENT, "a newer one");
	before = tree();
	while (end == KILLED) {
		put(AGENT, "the shell agent");
		assert_int_equal(install(0, agent), DONE);
		run("rm ." AGENT);
		put(AGENT, "a newer one");
		end = install(++n, agent);
		if (end == KILLED && n % 2 == 0)
			assert_int_equal(install(0, agent), DONE);
		assert_int_equal(install(0, take_away), DONE);
		assert_true(tree() == before);
	}
	assert_true(n > 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(with_a_dropin, enter, leave),
		cmocka_unit_test_setup_teardown(with_everything, enter, leave),
		cmocka_unit_test_setup_teardown(with_lines_in_the_main_file, enter, leave),
		cmocka_unit_test_setup_teardown(with_a_newer_program, enter, leave),
		cmocka_unit_test_setup_teardown(without_var, enter, leave),
		cmocka_unit_test_setup_teardown(with_an_empty_folder_of_that_name, enter, leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
