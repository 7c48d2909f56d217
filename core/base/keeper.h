/* keeper.h - the parent of another program, for whom no descendant of it is out of reach */
#ifndef BASE_KEEPER_H
#define BASE_KEEPER_H

#include <sys/types.h>

/* In a process of its own, before it forks the program. Whatever the program starts is found later,
 * also what leaves its process group and session. */
void keeper_prepare(void);

/* Waits for the program (a child, and leader of a group). The status to end with: its own, or 128
 * and its signal. At SIGTERM, and when our own parent ends, everything that it has started is
 * killed; what it left behind when it ended by itself goes on. */
int keeper_run(pid_t child);

#endif
