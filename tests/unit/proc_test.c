/* proc_test.c - programs that end well, badly, late or never, and command lines */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "base/proc.h"

#define TEXT(s) (char *)(uintptr_t)(s)

static char *const env[] = { TEXT("PATH=/nowhere::/usr/bin:/bin"), TEXT("A=b"), NULL };
static char storage[256];
static struct buf out;

static int shell(const char *script, int flags, int64_t ms)
{
	char *argv[] = { TEXT("/bin/sh"), TEXT("-c"), TEXT(script), NULL };

	out = buf_of(storage, sizeof(storage));
	return proc_run(&out, argv, env, flags, deadline_in(ms));
}

static int run_word(const char *word)
{
	char *argv[] = { TEXT(word), TEXT("x"), NULL };

	out = buf_of(storage, sizeof(storage));
	return proc_run(&out, argv, env, PROC_QUIET, deadline_in(20000));
}

static void output_and_status_come_back(void **state)
{
	(void)state;
	assert_int_equal(shell("echo a; echo b; exit 3", 0, 20000), 3);
	assert_string_equal(buf_text(&out), "a\nb\n");
	assert_int_equal(shell(":", 0, 20000), 0);
	assert_string_equal(buf_text(&out), "");
}

static void arguments_pass_without_a_shell(void **state)
{
	(void)state;
	char *argv[] = { TEXT("/bin/echo"), TEXT("$A *"), TEXT(";"), TEXT(""), TEXT("x"), NULL };

	out = buf_of(storage, sizeof(storage));
	assert_int_equal(proc_run(&out, argv, env, 0, deadline_in(20000)), 0);
	assert_string_equal(buf_text(&out), "$A * ;  x\n");
}

static void the_environment_is_what_was_given(void **state)
{
	(void)state;
	setenv("EICBOX_TEST", "leaks", 1);
	assert_int_equal(run_word("/usr/bin/env"), 127); /* "x" is no program */
	assert_int_equal(shell("echo $A-$EICBOX_TEST-", 0, 20000), 0);
	assert_string_equal(buf_text(&out), "b--\n");
}

static void a_bare_name_is_searched_on_the_path_of_the_environment(void **state)
{
	(void)state;
	char *none[] = { NULL }, *argv[] = { TEXT("echo"), TEXT("x"), NULL };

	assert_int_equal(run_word("echo"), 0);
	assert_string_equal(buf_text(&out), "x\n");
	assert_int_equal(proc_run(&out, argv, none, 0, deadline_in(20000)), ERR_ABSENT);
}

static void the_current_folder_is_not_on_the_path(void **state)
{
	(void)state;
	char name[] = "/tmp/proc_test.XXXXXX";
	char *argv[] = { name + strlen("/tmp/"), NULL };
	int fd = mkstemp(name);

	assert_int_equal(io_write(fd, "#!/bin/sh\n", 10), 0);
	assert_int_equal(fchmod(fd, 0700), 0);
	close(fd);
	assert_int_equal(chdir("/tmp"), 0);
	out = buf_of(storage, sizeof(storage));
	assert_int_equal(proc_run(&out, argv, env, 0, deadline_in(20000)), ERR_ABSENT);
	unlink(name);
}

static void what_cannot_be_run_is_said(void **state)
{
	(void)state;
	assert_int_equal(run_word("/nowhere/x"), ERR_ABSENT);
	assert_string_equal(err_text(), "/nowhere/x: cannot be run: No such file or directory");
	assert_int_equal(run_word("no-such-program"), ERR_ABSENT);
	assert_int_equal(run_word("/etc/passwd"), ERR_SYSTEM);
	assert_string_equal(err_text(), "/etc/passwd: cannot be run: Permission denied");
	assert_int_equal(run_word("/tmp"), ERR_SYSTEM);
	assert_int_equal(run_word(""), ERR_SYSTEM);
}

static void a_signal_is_no_exit_status(void **state)
{
	(void)state;
	assert_int_equal(shell("kill -9 $$", 0, 20000), ERR_SYSTEM);
	assert_string_equal(err_text(), "/bin/sh: ended by signal 9");
}

static void signals_are_as_a_program_expects_them(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_IGN);
	assert_int_equal(shell("kill -PIPE $$; echo alive", 0, 20000), ERR_SYSTEM);
	assert_string_equal(buf_text(&out), "");
}

static void too_much_output_ends_the_program(void **state)
{
	(void)state;
	assert_int_equal(shell("while :; do echo 0123456789; done", 0, 20000), ERR_LIMIT);
	assert_int_equal(out.len, sizeof(storage) - 1);
	assert_string_equal(err_text(), "/bin/sh: its output is too long");
}

static void output_of_exactly_the_limit_is_fine(void **state)
{
	(void)state;
	assert_int_equal(shell("printf %255s x", 0, 20000), 0);
	assert_int_equal(out.len, 255);
	assert_int_equal(shell("printf %256s x", 0, 20000), ERR_LIMIT);
}

/* The pipe to which the program and its children hold the other end: it ends when all are gone. */
static void outlived(const char *script, int flags, int64_t ms)
{
	char byte, *argv[] = { TEXT("/bin/sh"), TEXT("-c"), TEXT(script), NULL };
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(dup2(fds[1], 2), 2);
	close(fds[1]);
	out = buf_of(storage, sizeof(storage));
	assert_int_equal(proc_run(&out, argv, env, flags, deadline_in(ms)), ERR_NET);
	assert_int_equal(dup2(1, 2), 2);
	assert_int_equal(read(fds[0], &byte, 1), 0);
	close(fds[0]);
	assert_string_equal(err_text(), "/bin/sh: not done in time");
}

static void a_late_program_is_killed_with_its_children(void **state)
{
	(void)state;
	outlived("echo first; sleep 1000", 0, 3000);
	assert_string_equal(buf_text(&out), "first\n");
	outlived("sleep 1000 & sleep 1000 & wait", 0, 300);
	outlived("trap '' TERM INT; sleep 1000 & wait; sleep 1000", 0, 300);
}

/* Each of them says when it is there, so that none of them comes too late to be found. */
static void need_subreaper(void)
{
	if (prctl(PR_SET_CHILD_SUBREAPER, 0))
		skip(); /* qemu-user has none */
}

static void who_is_kept_cannot_run_away(void **state)
{
	(void)state;
	need_subreaper();
	outlived("echo first; sleep 1000", PROC_KEPT, 3000);
	assert_string_equal(buf_text(&out), "first\n");
	outlived("trap '' TERM INT; sleep 1000 & wait; sleep 1000", PROC_KEPT, 300);
	outlived("setsid sleep 1000 & wait", PROC_KEPT, 1000);
	outlived(
		"setsid setsid sh -c 'trap \"\" TERM; setsid sleep 1000 & sleep 1000' & sleep 1000",
		PROC_KEPT, 1000);
	outlived("(setsid sleep 1000 &); exec >&-; sleep 1000", PROC_KEPT, 1000);
	assert_true(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
}

static void who_is_kept_has_output_and_status_like_others(void **state)
{
	char *argv[] = { TEXT("/nowhere/program"), NULL };

	(void)state;
	assert_int_equal(shell("echo x; exit 7", PROC_KEPT, 20000), 7);
	assert_string_equal(buf_text(&out), "x\n");
	assert_int_equal(shell("kill -9 $$", PROC_KEPT, 20000), 128 + 9);
	assert_int_equal(shell("printf %256s x", PROC_KEPT, 20000), ERR_LIMIT);
	out = buf_of(storage, sizeof(storage));
	assert_int_equal(proc_run(&out, argv, env, PROC_KEPT, deadline_in(20000)), ERR_ABSENT);
}

/* The process whose number the program has printed still runs. Ends it. */
static void goes_on(void)
{
	pid_t pid = (pid_t)strtol(buf_text(&out), NULL, 10);

	assert_true(pid > 1);
	assert_int_equal(kill(pid, 0), 0);
	assert_int_equal(kill(pid, SIGKILL), 0);
}

static void what_a_program_leaves_behind_is_not_waited_for(void **state)
{
	static const int flags[] = { 0, PROC_KEPT };

	(void)state;
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		assert_int_equal(shell("sleep 1000 & echo $!", flags[i], 600000), 0);
		goes_on();
		assert_int_equal(shell("setsid sleep 1000 & echo $!; exit 3", flags[i], 600000), 3);
		goes_on();
	}
}

static void a_kept_program_ends_when_we_end(void **state)
{
	char byte,
		*argv[] = { TEXT("/bin/sh"), TEXT("-c"), TEXT("setsid sleep 1000 & echo x; wait"),
			NULL };
	int fds[2], status;
	struct proc p;
	pid_t us;

	(void)state;
	need_subreaper();
	assert_int_equal(pipe(fds), 0);
	us = fork();
	assert_true(us >= 0);
	if (us == 0) {
		dup2(fds[1], 2);
		close(fds[0]);
		close(fds[1]);
		out = buf_of(storage, sizeof(storage));
		if (proc_start(&p, &out, argv, env, PROC_KEPT) < 0)
			_exit(1);
		_exit(read(p.stdout_fd, &byte, 1) != 1);
	}
	close(fds[1]);
	assert_int_equal(waitpid(us, &status, 0), us);
	assert_int_equal(status, 0);
	assert_int_equal(read(fds[0], &byte, 1), 0);
	close(fds[0]);
}

static void closing_stdout_does_not_outwit_the_deadline(void **state)
{
	(void)state;
	outlived("exec >&-; sleep 1000", 0, 300);
}

static void an_endless_writer_does_not_outwit_the_deadline(void **state)
{
	(void)state;
	outlived("while :; do printf ''; done", 0, 300);
}

static void a_program_that_closes_stdout_early_still_has_a_status(void **state)
{
	(void)state;
	assert_int_equal(shell("echo x; exec >&-; sleep 0.1; exit 4", 0, 20000), 4);
	assert_string_equal(buf_text(&out), "x\n");
}

static void it_inherits_no_descriptor(void **state)
{
	(void)state;
	int fd = open("/dev/null", O_RDONLY);

	assert_true(fd > 2);
	assert_int_equal(shell("ls /proc/self/fd | tr '\\n' ' '", 0, 20000), 0);
	assert_string_equal(buf_text(&out), "0 1 2 3 "); /* 3 is the folder that ls reads */
	close(fd);
}

static void its_stdin_is_empty(void **state)
{
	(void)state;
	assert_int_equal(shell("cat", 0, 20000), 0);
	assert_string_equal(buf_text(&out), "");
}

static void with_a_terminal_it_stays_in_our_group(void **state)
{
	(void)state;
	BUF(want, 32);

	buf_addf(&want, "%d\n", (int)getpgrp());
	assert_int_equal(shell("ps -o pgid= -p $$ | tr -d ' '", PROC_TERMINAL, 20000), 0);
	assert_string_equal(buf_text(&out), buf_text(&want));
	assert_int_equal(shell("exec sleep 1000", PROC_TERMINAL, 200), ERR_NET);
}

static void it_runs_while_we_do_something_else(void **state)
{
	(void)state;
	struct proc p, q;
	char *argv[] = { TEXT("cat"), TEXT("/dev/null"), TEXT("/proc/self/comm"), NULL };

	out = buf_of(storage, sizeof(storage));
	assert_int_equal(proc_start(&p, &out, argv, env, 0), 0);
	assert_int_equal(proc_start(&q, &out, argv, env, 0), 0);
	assert_int_equal(proc_finish(&q, deadline_in(20000)), 0);
	assert_int_equal(proc_finish(&p, deadline_in(20000)), 0);
	assert_string_equal(buf_text(&out), "cat\ncat\n");
}

static void a_finished_program_cannot_be_finished_again(void **state)
{
	(void)state;
	struct proc p = { 0 };
	char *argv[] = { TEXT("sleep"), TEXT("1000"), NULL };

	proc_kill(&p);
	assert_int_equal(proc_finish(&p, deadline_in(0)), ERR_BUG);
	assert_int_equal(proc_start(&p, &out, argv, env, 0), 0);
	proc_kill(&p);
	assert_int_equal(p.pid, 0);
	proc_kill(&p);
	assert_int_equal(proc_finish(&p, deadline_in(0)), ERR_BUG);
	assert_true(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
}

/* The words of line between bars, or the error. */
static const char *split(const char *line)
{
	static char joined[256];
	struct buf all = buf_of(joined, sizeof(joined));
	char *argv[6];
	int n;

	out = buf_of(storage, 32);
	n = proc_split(argv, 6, &out, str_of(line));
	if (n < 0)
		return err_text();
	assert_null(argv[n]);
	for (int i = 0; i < n; i++)
		buf_addf(&all, "%s|", argv[i]);
	return buf_text(&all);
}

static void words_stand_between_blanks(void **state)
{
	(void)state;
	assert_string_equal(split("a"), "a|");
	assert_string_equal(split("  a\tb \n c "), "a|b|c|");
	assert_string_equal(split("a \\\n b"), "a|b|");
}

static void quotes_keep_blanks_and_join(void **state)
{
	(void)state;
	assert_string_equal(split("'a b'c\" d\""), "a bc d|");
	assert_string_equal(split("'' \"\" x''"), "||x|");
	assert_string_equal(split("'a\"b' \"a'b\""), "a\"b|a'b|");
	assert_string_equal(split("'a\nb'"), "a\nb|");
}

static void backslashes_follow_the_rules_of_their_place(void **state)
{
	(void)state;
	assert_string_equal(split("a\\ b \\' \\\" \\\\ \\n"), "a b|'|\"|\\|n|");
	assert_string_equal(split("'a\\b' '\\'"), "a\\b|\\|");
	assert_string_equal(split("\"\\a\\\"\\\\\\$\\`\""), "\\a\"\\$`|");
	assert_string_equal(split("a\\\nb \"c\\\nd\""), "ab|cd|");
}

static void nothing_is_expanded(void **state)
{
	(void)state;
	assert_string_equal(split("$A * ~ #x"), "$A|*|~|#x|");
	assert_string_equal(split("a;b|c>d `x` \"$(x)\""), "a;b|c>d|`x`|$(x)|");
}

static void unfinished_lines_are_refused(void **state)
{
	(void)state;
	char *argv[6];

	assert_string_equal(split("a 'b"), "command line: a ' has no end");
	assert_string_equal(split("'"), "command line: a ' has no end");
	assert_string_equal(split("\"a\\\""), "command line: a \" has no end");
	assert_string_equal(split("a\\"), "command line: a backslash at its end");
	assert_string_equal(split(""), "command line: is empty");
	assert_string_equal(split(" \n\\\n\t"), "command line: is empty");
	assert_int_equal(proc_split(argv, 6, &out, STR("a\0b")), ERR_USAGE);
	assert_int_equal(proc_split(argv, 6, &out, STR("a 'b")), ERR_USAGE);
	assert_int_equal(proc_split(argv, 6, &out, (struct str){ NULL, 0 }), ERR_USAGE);
}

static void long_lines_are_refused(void **state)
{
	(void)state;
	assert_string_equal(split("1 2 3 4 5"), "1|2|3|4|5|");
	assert_string_equal(split("1 2 3 4 5 6"), "command line: more than 5 words");
	assert_string_equal(
		split("0123456789012345678901234567890"), "command line: longer than 31 bytes");
	assert_string_equal(
		split("012345678901234567890123456789"), "012345678901234567890123456789|");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(output_and_status_come_back),
		cmocka_unit_test(arguments_pass_without_a_shell),
		cmocka_unit_test(the_environment_is_what_was_given),
		cmocka_unit_test(a_bare_name_is_searched_on_the_path_of_the_environment),
		cmocka_unit_test(the_current_folder_is_not_on_the_path),
		cmocka_unit_test(what_cannot_be_run_is_said),
		cmocka_unit_test(a_signal_is_no_exit_status),
		cmocka_unit_test(signals_are_as_a_program_expects_them),
		cmocka_unit_test(too_much_output_ends_the_program),
		cmocka_unit_test(output_of_exactly_the_limit_is_fine),
		cmocka_unit_test(a_late_program_is_killed_with_its_children),
		cmocka_unit_test(who_is_kept_cannot_run_away),
		cmocka_unit_test(who_is_kept_has_output_and_status_like_others),
		cmocka_unit_test(what_a_program_leaves_behind_is_not_waited_for),
		cmocka_unit_test(a_kept_program_ends_when_we_end),
		cmocka_unit_test(closing_stdout_does_not_outwit_the_deadline),
		cmocka_unit_test(an_endless_writer_does_not_outwit_the_deadline),
		cmocka_unit_test(a_program_that_closes_stdout_early_still_has_a_status),
		cmocka_unit_test(it_inherits_no_descriptor),
		cmocka_unit_test(its_stdin_is_empty),
		cmocka_unit_test(with_a_terminal_it_stays_in_our_group),
		cmocka_unit_test(it_runs_while_we_do_something_else),
		cmocka_unit_test(a_finished_program_cannot_be_finished_again),
		cmocka_unit_test(words_stand_between_blanks),
		cmocka_unit_test(quotes_keep_blanks_and_join),
		cmocka_unit_test(backslashes_follow_the_rules_of_their_place),
		cmocka_unit_test(nothing_is_expanded),
		cmocka_unit_test(unfinished_lines_are_refused),
		cmocka_unit_test(long_lines_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
