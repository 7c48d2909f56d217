/* tree.h - a folder of a test's own, and files in it; behind cmocka.h */
#ifndef UNIT_TREE_H
#define UNIT_TREE_H

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static char top[64]; /* the folder; each test makes and removes it */

/* The name that /a has for the machine; until the next call. */
static const char *path_of(const char *name)
{
	static char path[512];

	(void)snprintf(path, sizeof(path), "%s%s", top, name);
	return path;
}

static void put(const char *name, const char *text)
{
	FILE *f = fopen(path_of(name), "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* A line of shell in the folder. */
static void run(const char *command)
{
	char line[1024];

	(void)snprintf(line, sizeof(line), "cd %s && %s", top, command);
	if (fork() == 0) {
		execl("/bin/sh", "sh", "-c", line, (char *)NULL);
		_exit(127);
	}
	assert_true(wait(NULL) > 0);
}

#endif
