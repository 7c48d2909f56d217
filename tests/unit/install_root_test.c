/* install_root_test.c - no symlink leads out of the tree, not even one that comes while it is
 * walked */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "applets/install/edit.h"
#include "applets/install/root.h"
#include "applets/install/step.h"
#include "tests/unit/tree.h"

static struct root root;

static void folder(const char *name)
{
	assert_int_equal(mkdir(path_of(name), 0755), 0);
}

static void link_to(const char *target, const char *name)
{
	assert_int_equal(symlink(target, path_of(name)), 0);
}

static bool exists(const char *name)
{
	struct stat st;

	return lstat(path_of(name), &st) == 0;
}

/* --- somebody who turns the folder /a of the tree into a symlink, before the nth system call ---
 */

static int calls_left; /* 0: never */

static void turn(void)
{
	char outside[512], was[512];

	if (calls_left == 0 || --calls_left > 0)
		return;
	(void)snprintf(outside, sizeof(outside), "%s/outside", top);
	(void)snprintf(was, sizeof(was), "%s/tree/was", top);
	(void)rename(path_of("/tree/a"), was);
	(void)symlink(outside, path_of("/tree/a"));
}

/* These stand in for those of libc in the whole program. */
int openat(int at, const char *path, int flags, ...)
{
	va_list ap;
	unsigned mode;

	turn();
	va_start(ap, flags);
	mode = flags & O_CREAT ? va_arg(ap, unsigned) : 0;
	va_end(ap);
	return (int)syscall(SYS_openat, at, path, flags, mode);
}

ssize_t readlinkat(int at, const char *path, char *to, size_t n)
{
	turn();
	return syscall(SYS_readlinkat, at, path, to, n);
}

int unlinkat(int at, const char *path, int flags)
{
	turn();
	return (int)syscall(SYS_unlinkat, at, path, flags);
}

int linkat(int at, const char *from, int to_at, const char *to, int flags)
{
	turn();
	return (int)syscall(SYS_linkat, at, from, to_at, to, flags);
}

int renameat(int at, const char *from, int to_at, const char *to)
{
	turn();
	return (int)syscall(SYS_renameat2, at, from, to_at, to, 0);
}

static int enter(void **state)
{
	(void)state;
	calls_left = 0;
	(void)str_copy(top, sizeof(top), STR("/tmp/install_root_test.XXXXXX"));
	if (!mkdtemp(top))
		return -1;
	folder("/tree");
	folder("/tree/a");
	folder("/tree/a/b");
	folder("/outside");
	folder("/outside/b");
	put("/tree/a/b/file", "inside\n");
	put("/outside/b/file", "outside\n");
	return root_open(&root, path_of("/tree")) < 0 ? -1 : 0;
}

static int leave(void **state)
{
	(void)state;
	close(root.top);
	run("rm -rf \"$PWD\"");
	return 0;
}

static void leads(const char *path, bool follow, const char *to)
{
	struct place p;

	assert_int_equal(root_place(&root, &p, path, follow), 0);
	assert_string_equal(p.path, to);
	place_close(&p);
}

static void a_path_is_found_as_in_a_chroot(void **state)
{
	(void)state;
	link_to("/a/b", "/tree/absolute");
	link_to("../../../../../../a", "/tree/up");
	link_to("b/.", "/tree/a/dot");
	link_to("nowhere/../b", "/tree/a/gone");
	leads("/", true, "");
	leads("", true, "");
	leads("/../..", true, "");
	leads("//a/./b//", true, "/a/b");
	leads("/a/b/..", true, "/a");
	leads("/a/b/../../..//a/b/file", true, "/a/b/file");
	leads("/absolute/file", true, "/a/b/file");
	leads("/absolute", true, "/a/b");
	leads("/absolute", false, "/absolute");
	leads("/up/b/file", true, "/a/b/file");
	leads("/a/dot/file", false, "/a/b/file");
	leads("/a/gone/file", true, "/a/b/file");
	leads("/a/new/folder/file", true, "/a/new/folder/file");
	leads("/a/b/file/below", true, "/a/b/file/below");
}

static void a_loop_is_refused(void **state)
{
	struct place p;

	(void)state;
	link_to("loop", "/tree/loop");
	link_to("/other/x", "/tree/one");
	link_to("/one/x", "/tree/other");
	assert_int_equal(root_place(&root, &p, "/loop", true), ERR_FORMAT);
	place_close(&p);
	assert_int_equal(root_place(&root, &p, "/one/y", false), ERR_FORMAT);
	place_close(&p);
	leads("/loop", false, "/loop");
}

static void only_regular_files_are_opened(void **state)
{
	BUF(text, 64);

	(void)state;
	run("mkfifo tree/a/pipe");
	link_to("/dev/null", "/tree/a/null");
	assert_int_equal(root_read(&root, "/a/pipe", &text), ERR_SYSTEM);
	assert_int_equal(root_read(&root, "/a/b", &text), ERR_SYSTEM);
	assert_int_equal(errno, EISDIR);
	assert_int_equal(root_read(&root, "/a/null", &text), ERR_ABSENT); /* the tree has no /dev */
	assert_int_equal(root_read(&root, "/a/b/nowhere", &text), ERR_ABSENT);
	assert_int_equal(root_read(&root, "/a/b/file", &text), 0);
	assert_string_equal(buf_text(&text), "inside\n");
}

/* Whatever is turned when: what is outside is neither read nor touched. */
static void what_is_turned_meanwhile_leads_nowhere(void **state)
{
	static const struct step steps[] = {
		{ STEP_FILE, 0644, "/a/b/new", { "x\n", 2 } },
		{ STEP_LINK, 0777, "/a/b/link", { "file", 4 } },
		{ STEP_END, 0, "/a/b/file", { "more\n", 5 } },
		{ STEP_REPLACE, 0777, "/a/b/file", { "new", 3 } },
		{ STEP_DIR, 0755, "/a/b/folder", { "", 0 } },
	};
	bool turned = true;

	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++, turned = true)
		for (int n = 1; turned; n++) {
			BUF(text, 64);

			(void)leave(state);
			assert_int_equal(enter(state), 0);
			calls_left = n;
			(void)!step_apply(&root, &steps[i]);
			(void)step_holds(&root, &steps[i]);
			if (root_read(&root, "/a/b/file", &text) == 0)
				assert_null(strstr(buf_text(&text), "outside"));
			(void)!step_undo(&root, &steps[i]);
			turned = calls_left == 0;
			calls_left = 0;
			run("test \"$(cat outside/b/file)\" = outside && test \"$(ls outside/b)\" "
			    "= file && touch good");
			assert_true(exists("/good"));
			assert_true(turned || n > 10);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_path_is_found_as_in_a_chroot, enter, leave),
		cmocka_unit_test_setup_teardown(a_loop_is_refused, enter, leave),
		cmocka_unit_test_setup_teardown(only_regular_files_are_opened, enter, leave),
		cmocka_unit_test_setup_teardown(
			what_is_turned_meanwhile_leads_nowhere, enter, leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
