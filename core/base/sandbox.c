/* sandbox.c - the process gives up what it will not need, before it reads from the network
 *
 * Two fences of the kernel: Landlock binds paths, seccomp system calls. The seccomp program is a
 * list of conditions (a call whose argument is not as stated is refused), then a search in the
 * calls that are allowed; everything else is refused. The lists name what musl calls; glibc's few
 * others are there for the sanitizers of the tests. */
#define _GNU_SOURCE
#include "base/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* The calls that newer machines have left out are there on x86-64 only. */
#if defined(__x86_64__)
#define MACHINE AUDIT_ARCH_X86_64
#define OLD_READING SYS_open, SYS_stat, SYS_lstat, SYS_poll,
#define OLD_WRITING SYS_rename, SYS_unlink, SYS_link, SYS_mkdir, SYS_chown, SYS_lchown, SYS_chmod,
#define OLD_OPEN SYS_open
#elif defined(__aarch64__)
#define MACHINE AUDIT_ARCH_AARCH64
#define OLD_READING
#define OLD_WRITING
#define OLD_OPEN NO_CALL
#else
#error "the system calls of this machine are not known here"
#endif

#define NO_CALL 0xffffffffu
#define X32_BIT 0x40000000u /* a second table of calls with the same architecture */

/* --- Landlock --------------------------------------------------------------------------------- */

/* Of linux/landlock.h, which may be older than the kernel. The calls have the same number on every
 * machine. */
enum { LANDLOCK_CREATE = 444, LANDLOCK_ADD = 445, LANDLOCK_RESTRICT = 446 };
enum { LANDLOCK_GET_VERSION = 1, LANDLOCK_BENEATH = 1 };
enum {
	FS_WRITE_FILE = 1 << 1,
	FS_READ_FILE = 1 << 2,
	FS_READ_DIR = 1 << 3,
	FS_REMOVE_FILE = 1 << 5,
	FS_MAKE_REG = 1 << 8,
	FS_TRUNCATE = 1 << 14,
};
#define NET_BIND_TCP 1u
#define SCOPE_ABSTRACT_SOCKETS 1u
#define SCOPE_SIGNALS 2u

struct ruleset {
	uint64_t fs, net, scoped;
};

struct beneath {
	uint64_t allowed;
	int32_t folder;
} __attribute__((packed));

/* All that a version of Landlock can forbid, except connecting: the metadata service is reached by
 * TCP. A child that must be killed was there before the domain, which signals do not leave. */
static struct ruleset everything(long version, bool child)
{
	static const uint64_t fs[] = { 0x1fff, 0x3fff, 0x7fff, 0x7fff, 0xffff };
	struct ruleset set = { .fs = fs[(version < 5 ? version : 5) - 1] };

	if (version >= 4)
		set.net = NET_BIND_TCP;
	if (version >= 6)
		set.scoped = SCOPE_ABSTRACT_SOCKETS | (child ? 0 : SCOPE_SIGNALS);
	return set;
}

/* Older versions know a shorter struct. */
static size_t size_for(long version)
{
	if (version < 4)
		return offsetof(struct ruleset, net);
	return version < 6 ? offsetof(struct ruleset, scoped) : sizeof(struct ruleset);
}

/* What is not there cannot be opened anyway. */
static int allow_path(int rules, const char *path, uint64_t allowed)
{
	struct beneath rule = { allowed, open(path, O_PATH | O_CLOEXEC) };
	struct stat st;
	long r;

	if (rule.folder < 0)
		return 0;
	if (fstat(rule.folder, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.allowed &= FS_READ_FILE | FS_WRITE_FILE | FS_TRUNCATE;
	r = syscall(LANDLOCK_ADD, rules, LANDLOCK_BENEATH, &rule, 0);
	close(rule.folder);
	return (int)r;
}

static int allow_paths(int rules, const struct sandbox *what, uint64_t known)
{
	const uint64_t reading = FS_READ_FILE | FS_READ_DIR;
	const uint64_t writing = FS_WRITE_FILE | FS_REMOVE_FILE | FS_MAKE_REG | FS_TRUNCATE;

	for (const char *const *path = what->read; path && *path; path++)
		if (allow_path(rules, *path, reading))
			return -1;
	return what->folder ? allow_path(rules, what->folder, (reading | writing) & known) : 0;
}

static bool enter_landlock(const struct sandbox *what)
{
	long version = syscall(LANDLOCK_CREATE, NULL, 0, LANDLOCK_GET_VERSION);
	struct ruleset set;
	bool held = false;
	int rules;

	if (version < 1) {
		log_debug("sandbox: the kernel has no Landlock");
		return false;
	}
	set = everything(version, what->child != 0);
	rules = (int)syscall(LANDLOCK_CREATE, &set, size_for(version), 0);
	if (rules >= 0) {
		held = allow_paths(rules, what, set.fs) == 0 &&
			syscall(LANDLOCK_RESTRICT, rules, 0) == 0;
		close(rules);
	}
	if (!held)
		log_debug("sandbox: Landlock: %s", err_words(errno));
	return held;
}

/* --- seccomp ---------------------------------------------------------------------------------- */

/* The call is refused unless (argument & mask) is one of the values. */
struct condition {
	uint32_t call;
	unsigned argument;
	uint32_t mask;
	uint32_t values[10];
	size_t n;
};

#define OPEN_FOR_WRITING (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)
#define ALL 0xffffffffu

static const struct condition always[] = {
	{ SYS_mmap, 2, PROT_EXEC, { 0 }, 1 },
	{ SYS_mprotect, 2, PROT_EXEC, { 0 }, 1 },
	{ SYS_socket, 1, 0xf, { SOCK_STREAM, SOCK_DGRAM }, 2 },
	/* no F_SETOWN: it sends signals */
	{ SYS_fcntl, 1, ALL,
		{ F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GETLK, F_SETLK, F_SETLKW,
			F_DUPFD_CLOEXEC },
		9 },
};

static const struct condition agent_only[] = {
	{ SYS_socket, 0, ALL, { AF_INET, AF_INET6 }, 2 },
	{ SYS_openat, 2, OPEN_FOR_WRITING, { 0 }, 1 },
	{ OLD_OPEN, 1, OPEN_FOR_WRITING, { 0 }, 1 },
};

static const struct condition writer_only[] = {
	{ SYS_socket, 0, ALL, { AF_INET, AF_INET6, AF_UNIX }, 3 },
};

static const unsigned short calls[] = {
	/* files and descriptors */
	OLD_READING SYS_read, SYS_write, SYS_close, SYS_openat, SYS_fcntl, SYS_fstat,
	SYS_newfstatat, SYS_lseek, SYS_pread64, SYS_readv, SYS_writev, SYS_getdents64,
	/* sockets */
	SYS_socket, SYS_connect, SYS_sendto, SYS_recvfrom, SYS_sendmsg, SYS_recvmsg, SYS_shutdown,
	SYS_getsockname, SYS_setsockopt, SYS_getsockopt,
	/* waiting */
	SYS_ppoll, SYS_nanosleep, SYS_clock_nanosleep, SYS_restart_syscall, SYS_futex, SYS_wait4,
	/* memory, time, randomness */
	SYS_brk, SYS_mmap, SYS_munmap, SYS_mremap, SYS_mprotect, SYS_madvise, SYS_clock_gettime,
	SYS_gettimeofday, SYS_getrandom,
	/* signals that come, and who we are */
	SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_rt_sigtimedwait,
	SYS_sigaltstack, SYS_getpid, SYS_getppid, SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid,
	SYS_exit, SYS_exit_group
};

static const unsigned short writer_calls[] = { OLD_WRITING SYS_renameat, SYS_renameat2,
	SYS_unlinkat, SYS_linkat, SYS_mkdirat, SYS_fchmod, SYS_fchmodat, SYS_fchown, SYS_fchownat,
	SYS_flock, SYS_fsync, SYS_fdatasync, SYS_ftruncate, SYS_pwrite64 };

#define CODE_MAX 400
#define CALLS_MAX 512 /* the calls named here have smaller numbers */

struct program {
	struct sock_filter code[CODE_MAX];
	unsigned short n;
};

#define REFUSE (SECCOMP_RET_ERRNO | EPERM)
#define LOAD (BPF_LD | BPF_W | BPF_ABS)
#define IF_EQUAL (BPF_JMP | BPF_JEQ | BPF_K)
#define RETURN (BPF_RET | BPF_K)

/* One instruction; a jump skips that many when it is true or false. */
static void add(struct program *p, unsigned code, uint32_t k, size_t when_true, size_t when_false)
{
	if (p->n < CODE_MAX)
		p->code[p->n++] = (struct sock_filter){ (uint16_t)code, (uint8_t)when_true,
			(uint8_t)when_false, k };
}

static void load_call(struct program *p)
{
	add(p, LOAD, offsetof(struct seccomp_data, nr), 0, 0);
}

/* Both machines are little-endian, and the kernel takes no more of these arguments than 32 bits. */
static void load_argument(struct program *p, unsigned argument)
{
	add(p, LOAD, (uint32_t)(offsetof(struct seccomp_data, args) + argument * 8), 0, 0);
}

static void add_condition(struct program *p, const struct condition *c)
{
	add(p, IF_EQUAL, c->call, 0, c->n + 4);
	load_argument(p, c->argument);
	add(p, BPF_ALU | BPF_AND | BPF_K, c->mask, 0, 0);
	for (size_t i = 0; i < c->n; i++)
		add(p, IF_EQUAL, c->values[i], c->n - i, 0);
	add(p, RETURN, REFUSE, 0, 0);
	load_call(p);
}

static void add_conditions(struct program *p, const struct condition *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		add_condition(p, &list[i]);
}

/* The numbers of the calls that are allowed. */
struct set {
	unsigned char has[CALLS_MAX];
};

static void allow_all(struct set *set, const unsigned short *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		set->has[list[i]] = 1;
}

/* The numbers at which the answer changes, in order: refused below the first, allowed below the
 * second, and so on. */
struct edges {
	unsigned short at[CALLS_MAX];
	size_t n;
};

static void find_edges(struct edges *e, const struct set *set)
{
	e->n = 0;
	for (unsigned short i = 0; i < CALLS_MAX; i++)
		if (set->has[i] != e->n % 2)
			e->at[e->n++] = i;
}

/* A search by halves, because the kernel tries the program with each number when it loads it: a
 * list would cost a tenth of the time that the whole agent takes. */
static void add_search(struct program *p, const struct edges *e, size_t from, size_t to)
{
	size_t middle = from + (to - from) / 2, jump = p->n;

	if (from == to) {
		add(p, RETURN, from % 2 ? SECCOMP_RET_ALLOW : REFUSE, 0, 0);
		return;
	}
	add(p, BPF_JMP | BPF_JGE | BPF_K, e->at[middle], 0, 0);
	add_search(p, e, from, middle);
	if (jump < CODE_MAX)
		p->code[jump].jt = (uint8_t)(p->n - jump - 1);
	add_search(p, e, middle + 1, to);
}

/* Another architecture has other numbers: nothing of it is allowed. */
static void add_machine(struct program *p)
{
	add(p, LOAD, offsetof(struct seccomp_data, arch), 0, 0);
	add(p, IF_EQUAL, MACHINE, 1, 0);
	add(p, RETURN, REFUSE, 0, 0);
	load_call(p);
	add(p, BPF_JMP | BPF_JSET | BPF_K, X32_BIT, 0, 1);
	add(p, RETURN, REFUSE, 0, 0);
}

static void add_kill(struct program *p, pid_t child)
{
	struct condition who = { SYS_kill, 0, ALL, { (uint32_t)child, (uint32_t)-child }, 2 };
	struct condition how = { SYS_kill, 1, ALL, { SIGKILL, SIGTERM }, 2 };

	add_condition(p, &who);
	add_condition(p, &how);
}

static void write_program(struct program *p, const struct sandbox *what)
{
	struct set set = { { 0 } };
	struct edges edges;

	add_machine(p);
	add_conditions(p, always, COUNT(always));
	if (what->folder)
		add_conditions(p, writer_only, COUNT(writer_only));
	else
		add_conditions(p, agent_only, COUNT(agent_only));
	if (what->child > 0)
		add_kill(p, what->child);
	allow_all(&set, calls, COUNT(calls));
	if (what->folder)
		allow_all(&set, writer_calls, COUNT(writer_calls));
	if (what->child > 0)
		set.has[SYS_kill] = 1;
	find_edges(&edges, &set);
	add_search(p, &edges, 0, edges.n);
}

static bool load_program(const struct program *p)
{
	struct sock_fprog program = { p->n, (struct sock_filter *)(uintptr_t)p->code };

	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_LOG, &program) ==
		0 ||
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

static bool enter_seccomp(const struct sandbox *what)
{
	struct program p = { .n = 0 };

	write_program(&p, what);
	/* a program without its last word would be refused by the kernel, but not for that reason
	 */
	if (p.n < CODE_MAX && load_program(&p))
		return true;
	log_debug("sandbox: seccomp: %s", err_words(errno));
	return false;
}

unsigned sandbox_enter(const struct sandbox *what)
{
	unsigned held = 0;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
		held |= SANDBOX_NO_NEW_PRIVS;
	else
		log_debug("sandbox: no_new_privs: %s", err_words(errno));
	if (enter_landlock(what))
		held |= SANDBOX_LANDLOCK;
	if (enter_seccomp(what))
		held |= SANDBOX_SECCOMP;
	return held;
}
