/* sandbox.h - the process gives up what it will not need, before it reads from the network */
#ifndef BASE_SANDBOX_H
#define BASE_SANDBOX_H

#include <stdbool.h>
#include <sys/types.h>

/* What a confined process may still do. Sockets of the Internet families, what is open already,
 * memory, time and randomness it always may; programs, new processes, signals, other sockets,
 * executable memory and everything else it never may. */
struct sandbox {
	/* Files and folders that may be read, up to a NULL; NULL: none. Without Landlock: all. */
	const char *const *read;
	/* NULL: no file is opened for writing, and none removed. Else everything below this folder
	 * may be, as far as the file permissions go (without Landlock anywhere), and the socket to
	 * syslog may be opened again. */
	const char *folder;
	pid_t child; /* may be killed, as a process or its group, and waited for; 0: none */
};

/* The layers that hold. */
enum {
	SANDBOX_NO_NEW_PRIVS = 1,
	SANDBOX_LANDLOCK = 2, /* since Linux 5.13, where it is switched on */
	SANDBOX_SECCOMP = 4,
};

/* Confines the process for good and returns the layers. What the kernel lacks is said in the debug
 * log and left out. A forbidden call fails with EPERM (EACCES for a path that Landlock guards) and
 * is logged by the kernel; nothing is ever killed for it. Open logs, look up names and start other
 * programs before. */
unsigned sandbox_enter(const struct sandbox *what);

#endif
