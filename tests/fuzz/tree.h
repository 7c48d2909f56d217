/* tree.h - an input as a tree of files, for what reads more than one
 *
 * The lines behind "@3" are those of the file names[3], the ones in front of any such line those of
 * names[0]; a file without lines is not there. A single line "-> TARGET" makes it a symlink. */
#ifndef TESTS_FUZZ_TREE_H
#define TESTS_FUZZ_TREE_H

#include <ctype.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "applets/install/root.h"
#include "base/io.h"

#define TREE_FILES_MAX 10

static struct root tree;

static int tree_remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)where;
	return type == FTW_DP ? rmdir(path) : unlink(path);
}

static void tree_close(void)
{
	(void)nftw(tree.path, tree_remove_one, 8, FTW_PHYS | FTW_DEPTH);
}

/* What a file of the tree is called outside; until the next call. */
static const char *tree_path(const char *name)
{
	static char path[PATH_MAX];
	struct buf b = buf_of(path, sizeof(path));

	buf_addf(&b, "%s%s", tree.path, name);
	return path;
}

static void tree_put(const char *name, struct str text)
{
	int fd = open(tree_path(name), O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || io_write(fd, text.p, text.n) < 0)
		abort();
	close(fd);
}

/* A folder of its own in TMPDIR, with the folders of these files. */
static void tree_open(const char *const *names, size_t n)
{
	const char *folder = getenv("TMPDIR");
	BUF(path, PATH_MAX);

	buf_addf(&path, "%s/eicbox-fuzz.XXXXXX", folder ? folder : "/tmp");
	if (!mkdtemp(path.p) || root_open(&tree, path.p) < 0)
		abort();
	atexit(tree_close);
	for (size_t i = 0; i < n; i++) {
		BUF(name, PATH_MAX);

		buf_add(&name, names[i], (size_t)(strrchr(names[i], '/') - names[i]));
		if (io_make_dir(tree_path(buf_text(&name)), 0755) < 0)
			abort();
	}
}

static void tree_set(const char *name, struct str text)
{
	struct str rest = text, line;
	char target[PATH_MAX];

	unlink(tree_path(name));
	if (text.n == 0)
		return;
	if (str_take_line(&rest, &line) && rest.n == 0 && str_starts(line, "-> ") &&
		str_copy(target, sizeof(target), (struct str){ line.p + 3, line.n - 3 }) &&
		symlink(target, tree_path(name)) == 0)
		return;
	tree_put(name, text);
}

/* Each of the files as the input has it, and no more of them. */
static void tree_fill(const char *const *names, size_t n, struct str input)
{
	static char storage[TREE_FILES_MAX][1 << 16];
	struct buf texts[TREE_FILES_MAX];
	struct str line;
	size_t at = 0;

	for (size_t i = 0; i < n; i++)
		texts[i] = buf_of(storage[i], sizeof(storage[i]));
	while (str_take_line(&input, &line)) {
		bool whole = input.p[-1] == '\n';

		if (line.n == 2 && line.p[0] == '@' && (size_t)(line.p[1] - '0') < n)
			at = (size_t)(line.p[1] - '0');
		else
			buf_add(&texts[at], line.p, line.n + whole);
	}
	for (size_t i = 0; i < n; i++)
		tree_set(names[i], buf_view(&texts[i]));
}

/* The text of a file from a line on, the first one being 1; until the next call. */
static struct str tree_text(const char *name, unsigned line)
{
	static char storage[1 << 17];
	struct buf b = buf_of(storage, sizeof(storage));
	struct str rest, gone;

	if (root_read(&tree, name, &b) < 0)
		abort();
	rest = buf_view(&b);
	for (; line > 1; line--)
		if (!str_take_line(&rest, &gone))
			abort();
	return rest;
}

/* Whether the bytes of word stand in *text in this order, with others between them, such as quotes
 * and backslashes that are gone from what was read; but for blanks, which come between joined
 * lines. *text is then behind them. */
static bool tree_scattered(struct str *text, struct str word)
{
	for (size_t i = 0; i < word.n; i++) {
		struct str c;

		if (word.p[i] == ' ')
			continue;
		do {
			if (!str_take(text, 1, &c))
				return false;
		} while (tolower((unsigned char)c.p[0]) != tolower((unsigned char)word.p[i]));
	}
	return true;
}

#endif
