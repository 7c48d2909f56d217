/* measure.c - runs two command lines in turn and prints one row of the table: CPU, wall time,
 * memory, ratio
 *
 * usage: measure ROW RUNS OURS PEER
 * OURS and PEER are split into words as a shell would, without running one; PEER "-" is not
 * measured. "SETUP ;; COMMAND" runs SETUP, unmeasured, before each COMMAND. Output goes to
 * /dev/null; a command that fails ends the row. Taking turns cancels the drift of a noisy machine;
 * figures are medians over whole processes with the children they waited for. The program is small
 * and uses posix_spawn, because what a child inherits before its exec would count as its own
 * memory. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <wordexp.h>

#define RUNS_MAX 1000

struct side {
	wordexp_t setup, command;
	double cpu[RUNS_MAX], wall[RUNS_MAX], kib[RUNS_MAX];
};

static struct side sides[2];

static int split(const char *line, wordexp_t *words)
{
	return wordexp(line, words, WRDE_NOCMD | WRDE_UNDEF);
}

static int read_side(struct side *s, char *line)
{
	char *sep = strstr(line, " ;; ");

	if (sep) {
		*sep = 0;
		if (split(line, &s->setup))
			return -1;
		line = sep + 4;
	}
	return split(line, &s->command);
}

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double tv_ms(struct timeval t)
{
	return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

/* Runs words[0] to its end; the exit status, or -1. */
static int run(wordexp_t *words, struct rusage *usage)
{
	posix_spawn_file_actions_t files;
	extern char **environ;
	pid_t pid;
	int status, r;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
	r = posix_spawnp(&pid, words->we_wordv[0], &files, NULL, words->we_wordv, environ);
	posix_spawn_file_actions_destroy(&files);
	if (r || wait4(pid, &status, 0, usage) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int once(struct side *s, int i)
{
	struct rusage usage;
	double begun;
	int r;

	if (s->setup.we_wordc && run(&s->setup, &usage) < 0)
		return -1;
	begun = now_ms();
	r = run(&s->command, &usage);
	s->wall[i] = now_ms() - begun;
	s->cpu[i] = tv_ms(usage.ru_utime) + tv_ms(usage.ru_stime);
	s->kib[i] = (double)usage.ru_maxrss;
	if (r)
		fprintf(stderr, "measure: %s: ended with %d\n", s->command.we_wordv[0], r);
	return r;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *v, int n)
{
	qsort(v, (size_t)n, sizeof(*v), by_size);
	return v[n / 2];
}

static double print_side(struct side *s, int n)
{
	double cpu = median(s->cpu, n);

	printf(" %.2f | %.2f | %.0f |", cpu, median(s->wall, n), median(s->kib, n));
	return cpu;
}

int main(int argc, char **argv)
{
	int runs = argc == 5 ? (int)strtol(argv[2], NULL, 10) : 0, n_sides;
	double ours, peer;

	if (runs < 1 || runs > RUNS_MAX) {
		fprintf(stderr, "usage: measure ROW RUNS OURS PEER\n");
		return 2;
	}
	n_sides = strcmp(argv[4], "-") ? 2 : 1;
	for (int k = 0; k < n_sides; k++) {
		if (read_side(&sides[k], argv[3 + k]) || !sides[k].command.we_wordc) {
			fprintf(stderr, "measure: cannot split: %s\n", argv[3 + k]);
			return 2;
		}
	}
	for (int i = 0; i < runs; i++)
		for (int k = 0; k < n_sides; k++)
			if (once(&sides[k], i))
				return 1;
	printf("| %s | %d |", argv[1], runs);
	ours = print_side(&sides[0], runs);
	if (n_sides == 1) {
		printf(" not measured | | | |\n");
		return 0;
	}
	peer = print_side(&sides[1], runs);
	printf(" %.2f |\n", peer > 0 ? ours / peer : 0);
	return 0;
}
