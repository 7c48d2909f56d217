/* log_test.c - what reaches stderr, syslog and the kernel's log */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log.h"
#include "config.h"

static char said[8192];

/* What talk says on stderr is then in said. */
static void hear(void (*talk)(void))
{
	struct buf b = buf_of(said, sizeof(said));
	int fds[2], old = dup(2);

	assert_int_equal(pipe(fds), 0);
	dup2(fds[1], 2);
	close(fds[1]);
	talk();
	log_close();
	dup2(old, 2);
	close(old);
	assert_int_equal(io_read_fd(fds[0], "pipe", &b), 0);
	close(fds[0]);
}

static void talk_on_all_levels(void)
{
	log_warn("warning %d", 1);
	log_info("info %s", "two");
	log_debug("debug");
}

static void talk_before_opening(void)
{
	talk_on_all_levels();
}

static void core_is_silent_until_the_log_is_opened(void **state)
{
	(void)state;
	hear(talk_before_opening);
	assert_string_equal(said, "");
}

static void talk_up_to_info(void)
{
	log_open("x", LOG_TO_STDERR, LOGLEVEL_INFO);
	talk_on_all_levels();
}

static void talk_up_to_debug(void)
{
	log_open("x", LOG_TO_STDERR, LOGLEVEL_DEBUG);
	talk_on_all_levels();
}

static void talk_after_closing(void)
{
	log_open("x", LOG_TO_STDERR, LOGLEVEL_DEBUG);
	log_close();
	talk_on_all_levels();
}

static void talk_elsewhere(void)
{
	log_open("x", 0, LOGLEVEL_DEBUG);
	talk_on_all_levels();
}

static void stderr_shows_levels_up_to_the_chosen_one(void **state)
{
	(void)state;
	hear(talk_up_to_info);
	assert_string_equal(said, "x: warning 1\nx: info two\n");
	hear(talk_up_to_debug);
	assert_string_equal(said, "x: warning 1\nx: info two\nx: debug\n");
	hear(talk_after_closing);
	assert_string_equal(said, "");
	hear(talk_elsewhere);
	assert_string_equal(said, "");
}

static void talk_of_control_characters(void)
{
	log_open("x", LOG_TO_STDERR, LOGLEVEL_INFO);
	log_info("%s", "a\nx: forged\r\t\x1b[31m\x7f\x80\xff~ ");
}

static void no_control_character_passes(void **state)
{
	(void)state;
	hear(talk_of_control_characters);
	assert_string_equal(said, "x: a?x: forged???[31m???~ \n");
}

static void talk_at_length(void)
{
	char text[3000];

	memset(text, 'y', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	log_open("x", LOG_TO_STDERR, LOGLEVEL_INFO);
	log_info("%s", text);
}

static void a_long_line_is_cut(void **state)
{
	(void)state;
	hear(talk_at_length);
	assert_int_equal(strlen(said), strlen("x: ") + 1000 + 1);
	assert_memory_equal(said + 1000, "yyy\n", 5);
}

static void talk_with_errno(void)
{
	log_open("x", LOG_TO_STDERR | LOG_TO_SYSLOG | LOG_TO_KMSG, LOGLEVEL_INFO);
	errno = EDOM;
	close(2);
	log_info("nobody hears this");
	assert_int_equal(errno, EDOM);
}

static void logging_leaves_errno_alone(void **state)
{
	(void)state;
	hear(talk_with_errno);
}

/* Runs a test in a child that has a /dev of its own with a log socket and a kmsg. */
static int listen_at_dev_log(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX, .sun_path = "/dev/log" };
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	unlink("/dev/log");
	return bind(fd, (struct sockaddr *)&at, sizeof(at)) ? -1 : fd;
}

static bool map_to_root(const char *path, int id)
{
	BUF(map, 64);

	buf_addf(&map, "0 %d 1", id);
	return io_append_file(path, map.p, map.len) == 0;
}

/* In a user namespace of its own even an ordinary user may mount. */
static bool become_root(void)
{
	int user = (int)geteuid(), group = (int)getegid();

	if (user == 0)
		return unshare(CLONE_NEWNS) == 0;
	return unshare(CLONE_NEWNS | CLONE_NEWUSER) == 0 &&
		map_to_root("/proc/self/uid_map", user) &&
		io_append_file("/proc/self/setgroups", "deny", 4) == 0 &&
		map_to_root("/proc/self/gid_map", group);
}

static bool own_dev(void)
{
	return become_root() && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
		mount("dev", "/dev", "tmpfs", 0, NULL) == 0 &&
		close(open("/dev/kmsg", O_WRONLY | O_CREAT, 0600)) == 0;
}

static void in_own_dev(int (*test)(void))
{
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0)
		_exit(own_dev() ? test() : 99);
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 99)
		fail_msg("a mount namespace of its own: not allowed here (CAP_SYS_ADMIN)");
	assert_int_equal(status, 0);
}

static bool received(int fd, const char *text)
{
	BUF(want, 256);
	char got[2048];
	ssize_t n = recv(fd, got, sizeof(got), MSG_DONTWAIT);

	buf_addf(&want, text, (int)getpid());
	return n >= 0 && str_eq((struct str){ got, (size_t)n }, buf_view(&want));
}

static int syslog_child(void)
{
	int daemon = listen_at_dev_log(), next;

	log_open("x", LOG_TO_SYSLOG, 0);
	talk_on_all_levels();
	if (!received(daemon, "<84>x[%d]: warning 1") || !received(daemon, "<86>x[%d]: info two") ||
		received(daemon, ""))
		return 1;
	log_info("a\nb");
	if (!received(daemon, "<86>x[%d]: a?b"))
		return 2;
	close(daemon);
	log_info("lost");
	next = listen_at_dev_log();
	log_info("again");
	if (!received(next, "<86>x[%d]: again"))
		return 3;
	log_close();
	log_info("closed");
	return received(next, "") ? 4 : 0;
}

/* If each of these lines took its time, the alarm would end it. */
static int stuck_child(void)
{
	int daemon = listen_at_dev_log();

	alarm(60);
	log_open("x", LOG_TO_SYSLOG, 0);
	for (int i = 0; i < 2000; i++)
		log_info("line %d", i);
	if (!received(daemon, "<86>x[%d]: line 0"))
		return 1;
	while (recv(daemon, &(char){ 0 }, 1, MSG_DONTWAIT) >= 0)
		continue;
	log_info("again");
	return received(daemon, "<86>x[%d]: again") ? 0 : 2;
}

static void a_daemon_that_is_stuck_is_waited_for_once(void **state)
{
	(void)state;
	in_own_dev(stuck_child);
}

static void syslog_gets_info_and_survives_a_restart_of_the_daemon(void **state)
{
	(void)state;
	in_own_dev(syslog_child);
}

/* What /dev/kmsg has is warning 1 and info two, where this build knows it. */
static int in_kmsg(void)
{
	BUF(b, 1024);

	if (io_read_file("/dev/kmsg", &b))
		return 1;
	return strcmp(buf_text(&b), CONFIG_KMSG_LOG ? "<84>x: warning 1\n<86>x: info two\n" : "")
		? 2
		: 0;
}

static int no_daemon_child(void)
{
	log_open("x", LOG_TO_SYSLOG, 0);
	talk_on_all_levels();
	return in_kmsg();
}

static void without_a_daemon_the_kernel_gets_it(void **state)
{
	(void)state;
	in_own_dev(no_daemon_child);
}

static int nobody_child(void)
{
	(void)unlink("/dev/kmsg");
	log_open("x", LOG_TO_SYSLOG, 0);
	log_info("nobody");
	return 0;
}

static void that_nobody_listens_is_no_error(void **state)
{
	(void)state;
	in_own_dev(nobody_child);
}

static int kmsg_child(void)
{
	log_open("x", LOG_TO_KMSG, LOGLEVEL_DEBUG);
	talk_on_all_levels();
	return in_kmsg();
}

static void the_kernel_gets_info(void **state)
{
	(void)state;
	in_own_dev(kmsg_child);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(core_is_silent_until_the_log_is_opened),
		cmocka_unit_test(stderr_shows_levels_up_to_the_chosen_one),
		cmocka_unit_test(no_control_character_passes),
		cmocka_unit_test(a_long_line_is_cut),
		cmocka_unit_test(logging_leaves_errno_alone),
		cmocka_unit_test(a_daemon_that_is_stuck_is_waited_for_once),
		cmocka_unit_test(syslog_gets_info_and_survives_a_restart_of_the_daemon),
		cmocka_unit_test(without_a_daemon_the_kernel_gets_it),
		cmocka_unit_test(that_nobody_listens_is_no_error),
		cmocka_unit_test(the_kernel_gets_info),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
