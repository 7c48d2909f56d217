/* sandbox_test.c - what a confined process can no longer do, and what it still can
 *
 * Each test confines a child, which makes raw system calls only: what the sanitizers would do in
 * between is refused too. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"
#include "base/proc.h"
#include "base/sandbox.h"

#define TEXT(s) (char *)(uintptr_t)(s)

static char top[64], inside[128], other[128];
static const char *const readable[] = { top, "/nowhere", NULL };
static const struct sandbox agent = { .read = readable };
static const struct sandbox writer = { .folder = top };
static const struct sandbox reads_nothing = { 0 };
static int null_fd, pipe_fds[2];
static void *page;

struct attempt {
	const char *name;
	long (*call)(void);
	int expected; /* errno, or 0 */
};

/* The number of the first attempt that went otherwise, counted from 1. */
static int try_all(const struct attempt *list)
{
	for (int i = 0; list[i].name; i++) {
		long r;

		errno = 0;
		r = list[i].call();
		if (list[i].expected ? r != -1 || errno != list[i].expected : r < 0)
			return i + 1;
	}
	return 0;
}

#define MISSING 98

static void confined(const struct sandbox *what, unsigned layers, const struct attempt *list)
{
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0)
		_exit((sandbox_enter(what) & layers) == layers ? try_all(list) : MISSING);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == MISSING)
		skip(); /* the kernel has no such layer */
	if (WEXITSTATUS(status) != 0)
		fail_msg("%s: went otherwise", list[WEXITSTATUS(status) - 1].name);
}

static int enter(void **state)
{
	(void)state;
	if (!str_copy(top, sizeof(top), STR("/tmp/sandbox_test.XXXXXX")) || !mkdtemp(top))
		return -1;
	struct buf b = buf_of(inside, sizeof(inside));
	buf_addf(&b, "%s/file", top);
	b = buf_of(other, sizeof(other));
	buf_addf(&b, "%s.other", top);
	null_fd = open("/dev/null", O_RDWR);
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return pipe(pipe_fds) || io_write_file(inside, "text", 4, 0600, true) ||
		io_write_file(other, "text", 4, 0600, true);
}

static int leave(void **state)
{
	(void)state;
	close(null_fd);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	munmap(page, 4096);
	return unlink(inside) || unlink(other) || rmdir(top);
}

/* --- what is tried ---------------------------------------------------------------------------- */

static long open_with(const char *path, int flags)
{
	long fd = syscall(SYS_openat, AT_FDCWD, path, flags, 0600);

	return fd >= 0 ? close((int)fd) : fd;
}

static long open_write_only(void)
{
	return open_with(inside, O_WRONLY);
}

static long open_read_write(void)
{
	return open_with(inside, O_RDWR);
}

static long open_creating(void)
{
	return open_with(inside, O_RDONLY | O_CREAT);
}

static long open_truncating(void)
{
	return open_with(inside, O_RDONLY | O_TRUNC);
}

static long open_nameless(void)
{
	return open_with("/tmp", O_TMPFILE | O_RDWR);
}

static long open_read_only(void)
{
	return open_with(inside, O_RDONLY | O_CLOEXEC);
}

static long open_missing(void)
{
	return open_with("missing-file", O_RDONLY);
}

static long open_folder(void)
{
	return open_with(top, O_RDONLY | O_DIRECTORY);
}

static long open_other(void)
{
	return open_with(other, O_RDONLY);
}

static long write_other(void)
{
	return open_with(other, O_WRONLY);
}

static long call_openat2(void)
{
	struct {
		uint64_t flags, mode, resolve;
	} how = { O_RDONLY, 0, 0 };

	return syscall(437, AT_FDCWD, inside, &how, sizeof(how));
}

static char *const words[] = { TEXT("/bin/true"), NULL };

static long call_execve(void)
{
	return syscall(SYS_execve, words[0], words, words + 1);
}

static long call_execveat(void)
{
	return syscall(SYS_execveat, AT_FDCWD, words[0], words, words + 1, 0);
}

static long call_clone(void)
{
	return syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

static long call_clone3(void)
{
	uint64_t args[11] = { [4] = SIGCHLD };

	return syscall(435, args, sizeof(args));
}

static long call_ptrace(void)
{
	return syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0);
}

static long attach_to_parent(void)
{
	return syscall(SYS_ptrace, PTRACE_SEIZE, getppid(), 0, 0);
}

static long socket_packet(void)
{
	return syscall(SYS_socket, AF_PACKET, SOCK_DGRAM, 0);
}

static long socket_netlink(void)
{
	return syscall(SYS_socket, AF_NETLINK, SOCK_DGRAM, 0);
}

static long socket_raw(void)
{
	return syscall(SYS_socket, AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
}

static long socket_unix(void)
{
	return syscall(SYS_socket, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

static long call_socketpair(void)
{
	int fds[2];

	return syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, fds);
}

static long socket_tcp(void)
{
	return syscall(SYS_socket, AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

static long socket_tcp6(void)
{
	long fd = syscall(SYS_socket, AF_INET6, SOCK_STREAM, 0);

	return fd < 0 && errno == EAFNOSUPPORT ? 0 : fd;
}

static long connect_loopback(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(1) };

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return syscall(SYS_connect, syscall(SYS_socket, AF_INET, SOCK_STREAM, 0), &to, sizeof(to));
}

static long call_bind(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET };

	return syscall(SYS_bind, socket_tcp(), &at, sizeof(at));
}

static long call_listen(void)
{
	return syscall(SYS_listen, socket_tcp(), 1);
}

static long map_executable(void)
{
	return syscall(
		SYS_mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static long protect_executable(void)
{
	return syscall(SYS_mprotect, page, 4096, PROT_READ | PROT_EXEC);
}

static long kill_ourselves_softly(void)
{
	return syscall(SYS_kill, getpid(), 0);
}

static long kill_parent(void)
{
	return syscall(SYS_kill, getppid(), 0);
}

static long call_tgkill(void)
{
	return syscall(SYS_tgkill, getpid(), getpid(), 0);
}

static long own_a_descriptor(void)
{
	return syscall(SYS_fcntl, pipe_fds[0], F_SETOWN, getppid());
}

static long call_ioctl(void)
{
	return syscall(SYS_ioctl, null_fd, 0x5412, "x");
}

static long call_prctl(void)
{
	return syscall(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static long call_seccomp(void)
{
	return syscall(SYS_seccomp, 0, 0, 0);
}

static long call_unshare(void)
{
	return syscall(SYS_unshare, CLONE_NEWUSER);
}

static long call_mount(void)
{
	return syscall(SYS_mount, "none", top, "tmpfs", 0, 0);
}

static long call_chroot(void)
{
	return syscall(SYS_chroot, top);
}

static long call_setuid(void)
{
	return syscall(SYS_setuid, getuid());
}

static long call_unlinkat(void)
{
	return syscall(SYS_unlinkat, AT_FDCWD, inside, 0);
}

static long call_renameat2(void)
{
	return syscall(SYS_renameat2, AT_FDCWD, inside, AT_FDCWD, other, 0);
}

static long call_linkat(void)
{
	return syscall(SYS_linkat, AT_FDCWD, inside, AT_FDCWD, "/tmp/linked", 0);
}

static long call_mkdirat(void)
{
	return syscall(SYS_mkdirat, AT_FDCWD, "/tmp/sandbox", 0700);
}

static long call_fchmod(void)
{
	return syscall(SYS_fchmod, null_fd, 0600);
}

static long call_fchmodat(void)
{
	return syscall(SYS_fchmodat, AT_FDCWD, inside, 0777);
}

static long call_symlinkat(void)
{
	return syscall(SYS_symlinkat, "x", AT_FDCWD, "/tmp/sandbox");
}

static long call_memfd(void)
{
	return syscall(SYS_memfd_create, "x", 0);
}

static long call_io_uring(void)
{
	return syscall(425, 1, page);
}

static long call_bpf(void)
{
	return syscall(SYS_bpf, 0, 0, 0);
}

static long unknown_call(void)
{
	return syscall(9999);
}

static long call_with_32_bit_numbers(void)
{
	return syscall(0x40000000 | SYS_getpid);
}

static long read_and_write(void)
{
	char text[4];

	if (syscall(SYS_write, pipe_fds[1], "abcd", 4) != 4)
		return -1;
	return syscall(SYS_read, pipe_fds[0], text, 4) == 4 ? 0 : -1;
}

static long read_file(void)
{
	char text[8];
	long fd = syscall(SYS_openat, AT_FDCWD, inside, O_RDONLY | O_CLOEXEC);

	return fd >= 0 && syscall(SYS_read, fd, text, sizeof(text)) == 4 ? 0 : -1;
}

static long map_memory(void)
{
	return syscall(SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		       0) == -1;
}

static long pass_time(void)
{
	struct timespec t = { 0, 1 };
	struct pollfd none = { -1, 0, 0 };

	if (syscall(SYS_clock_gettime, CLOCK_MONOTONIC, page) ||
		syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &t, NULL))
		return -1;
	return syscall(SYS_ppoll, &none, 1, &t, NULL, 0);
}

static long be_random(void)
{
	return syscall(SYS_getrandom, page, 8, 0);
}

static long handle_a_signal(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	return sigprocmask(SIG_BLOCK, &set, NULL) || signal(SIGHUP, SIG_IGN) == SIG_ERR ? -1 : 0;
}

static long set_close_on_exec(void)
{
	return syscall(SYS_fcntl, pipe_fds[0], F_SETFD, FD_CLOEXEC);
}

static long replace_file(void)
{
	return io_write_file(inside, "new", 3, 0640, true);
}

static long create_and_remove(void)
{
	BUF(path, 128);

	buf_addf(&path, "%s/new", top);
	if (io_write_file(buf_text(&path), "new", 3, 0600, false) < 0)
		return -1;
	return syscall(SYS_unlinkat, AT_FDCWD, buf_text(&path), 0);
}

static long move_out(void)
{
	return call_renameat2();
}

#ifdef __x86_64__
static long old_open_for_writing(void)
{
	return syscall(SYS_open, inside, O_WRONLY);
}

static long old_creat(void)
{
	return syscall(SYS_creat, inside, 0600);
}

static long old_fork(void)
{
	return syscall(SYS_fork);
}

static long old_rename(void)
{
	return syscall(SYS_rename, inside, other);
}

/* The calls of i386, which have other numbers: 20 is getpid there and writev here. */
static long call_i386(void)
{
	long r = 20;

	__asm__ volatile("int $0x80" : "+a"(r) : : "memory");
	errno = (int)-r;
	return r < 0 ? -1 : r;
}
#endif

/* --- tests ------------------------------------------------------------------------------------ */

#define REFUSED(call) \
	{ \
#call, call, EPERM \
	}
#define WORKS(call) \
	{ \
#call, call, 0 \
	}

static void a_confined_agent_is_refused(void **state)
{
	(void)state;
	static const struct attempt list[] = {
		REFUSED(open_write_only),
		REFUSED(open_read_write),
		REFUSED(open_creating),
		REFUSED(open_truncating),
		REFUSED(open_nameless),
		REFUSED(call_openat2),
		REFUSED(call_execve),
		REFUSED(call_execveat),
		REFUSED(call_clone),
		REFUSED(call_clone3),
		REFUSED(call_ptrace),
		REFUSED(attach_to_parent),
		REFUSED(socket_packet),
		REFUSED(socket_netlink),
		REFUSED(socket_raw),
		REFUSED(socket_unix),
		REFUSED(call_socketpair),
		REFUSED(call_bind),
		REFUSED(call_listen),
		REFUSED(map_executable),
		REFUSED(protect_executable),
		REFUSED(kill_ourselves_softly),
		REFUSED(kill_parent),
		REFUSED(call_tgkill),
		REFUSED(own_a_descriptor),
		REFUSED(call_ioctl),
		REFUSED(call_prctl),
		REFUSED(call_seccomp),
		REFUSED(call_unshare),
		REFUSED(call_mount),
		REFUSED(call_chroot),
		REFUSED(call_setuid),
		REFUSED(call_unlinkat),
		REFUSED(call_renameat2),
		REFUSED(call_linkat),
		REFUSED(call_mkdirat),
		REFUSED(call_fchmod),
		REFUSED(call_fchmodat),
		REFUSED(call_symlinkat),
		REFUSED(call_memfd),
		REFUSED(call_io_uring),
		REFUSED(call_bpf),
		REFUSED(unknown_call),
		REFUSED(call_with_32_bit_numbers),
#ifdef __x86_64__
		REFUSED(old_open_for_writing),
		REFUSED(old_creat),
		REFUSED(old_fork),
		REFUSED(old_rename),
#endif
		{ 0 },
	};

	confined(&agent, SANDBOX_SECCOMP, list);
	assert_int_equal(access(inside, F_OK), 0);
}

static const struct attempt ordinary[] = {
	WORKS(read_and_write),
	WORKS(read_file),
	WORKS(open_read_only),
	WORKS(open_folder),
	{ "open_missing", open_missing, ENOENT },
	WORKS(socket_tcp),
	WORKS(socket_tcp6),
	{ "connect_loopback", connect_loopback, ECONNREFUSED },
	WORKS(map_memory),
	WORKS(pass_time),
	WORKS(be_random),
	WORKS(handle_a_signal),
	WORKS(set_close_on_exec),
	{ 0 },
};

static void a_confined_agent_still_does_its_work(void **state)
{
	(void)state;
	confined(&agent, 0, ordinary);
}

static void an_agent_reads_what_was_named_and_no_more(void **state)
{
	(void)state;
	static const struct attempt named[] = {
		WORKS(open_read_only),
		{ "open_other", open_other, EACCES },
		{ 0 },
	};
	static const struct attempt nothing[] = {
		{ "open_read_only", open_read_only, EACCES },
		{ "open_other", open_other, EACCES },
		{ "open_folder", open_folder, EACCES },
		WORKS(read_and_write),
		{ 0 },
	};
	const char *const one_file[] = { inside, NULL };
	const struct sandbox file_only = { .read = one_file };

	confined(&agent, SANDBOX_LANDLOCK, named);
	confined(&file_only, SANDBOX_LANDLOCK, named);
	confined(&reads_nothing, SANDBOX_LANDLOCK, nothing);
}

static void a_confined_writer_is_refused_the_rest(void **state)
{
	(void)state;
	static const struct attempt list[] = {
		REFUSED(call_execve),
		REFUSED(call_execveat),
		REFUSED(call_clone),
		REFUSED(call_clone3),
		REFUSED(call_ptrace),
		REFUSED(socket_packet),
		REFUSED(socket_netlink),
		REFUSED(socket_raw),
		REFUSED(call_socketpair),
		REFUSED(call_bind),
		REFUSED(map_executable),
		REFUSED(kill_parent),
		REFUSED(call_ioctl),
		REFUSED(call_unshare),
		REFUSED(call_mount),
		REFUSED(call_symlinkat),
		REFUSED(call_setuid),
		{ 0 },
	};

	confined(&writer, SANDBOX_SECCOMP, list);
}

static void a_confined_writer_writes_its_folder(void **state)
{
	(void)state;
	static const struct attempt list[] = {
		WORKS(open_write_only),
		WORKS(open_truncating),
		WORKS(replace_file),
		WORKS(create_and_remove),
		WORKS(socket_unix),
		{ 0 },
	};
	BUF(b, 16);

	confined(&writer, 0, list);
	assert_int_equal(io_read_file(inside, &b), 0);
	assert_string_equal(buf_text(&b), "new");
}

static void a_confined_writer_writes_nowhere_else(void **state)
{
	(void)state;
	static const struct attempt list[] = {
		{ "write_other", write_other, EACCES },
		{ "open_other", open_other, EACCES },
		{ "move_out", move_out, EACCES },
		{ "call_mkdirat", call_mkdirat, EACCES },
		{ 0 },
	};

	confined(&writer, SANDBOX_LANDLOCK, list);
}

#ifdef __x86_64__
static void the_calls_of_another_architecture_are_refused(void **state)
{
	(void)state;
	static const struct attempt list[] = { REFUSED(call_i386), { 0 } };
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		signal(SIGSEGV, SIG_DFL);
		_exit(call_i386() == getpid() ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (status != 0)
		skip(); /* the kernel runs no i386 programs */
	confined(&agent, SANDBOX_SECCOMP, list);
}
#endif

/* Starts a program and confines itself; the program must still be stopped. */
static int stop_child(void)
{
	char *argv[] = { TEXT("/bin/sh"), TEXT("-c"), TEXT("setsid sleep 1000 & wait"), NULL };
	char *env[] = { TEXT("PATH=/usr/bin:/bin"), NULL };
	BUF(out, 64);
	struct proc p;
	struct sandbox what = { 0 };

	if (proc_start(&p, &out, argv, env, PROC_KEPT) < 0)
		return 1;
	what.child = p.pid;
	sandbox_enter(&what);
	if (syscall(SYS_kill, p.pid, SIGSTOP) == 0 || errno != EPERM ||
		syscall(SYS_kill, getppid(), SIGKILL) == 0 || errno != EPERM)
		return 2;
	return proc_finish(&p, deadline_in(1000)) == ERR_NET ? 0 : 3;
}

static void a_chained_child_is_killed_from_inside(void **state)
{
	(void)state;
	int status, fds[2];
	char byte;
	pid_t child;

	if (prctl(PR_SET_CHILD_SUBREAPER, 0))
		skip(); /* nobody would find the child: that is qemu-user */
	assert_int_equal(pipe(fds), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		dup2(fds[1], 2); /* ends when the last of them is gone */
		close(fds[1]);
		_exit(stop_child());
	}
	close(fds[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(read(fds[0], &byte, 1), 0);
	close(fds[0]);
}

static int finish_child(void)
{
	char *argv[] = { TEXT("/bin/echo"), TEXT("a key"), NULL };
	char *env[] = { NULL };
	BUF(out, 64);
	struct proc p;
	struct sandbox what = { 0 };

	if (proc_start(&p, &out, argv, env, 0) < 0)
		return 1;
	what.child = p.pid;
	sandbox_enter(&what);
	return proc_finish(&p, deadline_in(20000)) == 0 && str_is(buf_view(&out), "a key\n") ? 0
											     : 2;
}

static void a_chained_child_is_heard_from_inside(void **state)
{
	(void)state;
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0)
		_exit(finish_child());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void no_new_privileges_come_first(void **state)
{
	(void)state;
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0)
		_exit(sandbox_enter(&agent) & SANDBOX_NO_NEW_PRIVS ? 0 : 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_confined_agent_is_refused),
		TEST(a_confined_agent_still_does_its_work),
		TEST(an_agent_reads_what_was_named_and_no_more),
		TEST(a_confined_writer_is_refused_the_rest),
		TEST(a_confined_writer_writes_its_folder),
		TEST(a_confined_writer_writes_nowhere_else),
#ifdef __x86_64__
		TEST(the_calls_of_another_architecture_are_refused),
#endif
		TEST(a_chained_child_is_killed_from_inside),
		TEST(a_chained_child_is_heard_from_inside),
		TEST(no_new_privileges_come_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
