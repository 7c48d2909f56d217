/* io_test.c - files: limits, and all or nothing */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"

static char top[64];

static const char *path_of(const char *name)
{
	static char storage[2][512];
	static int turn;
	struct buf b = buf_of(storage[turn ^= 1], sizeof(storage[0]));

	buf_addf(&b, "%s/%s", top, name);
	return buf_text(&b);
}

static int enter(void **state)
{
	(void)state;
	(void)str_copy(top, sizeof(top), STR("/tmp/io_test.XXXXXX"));
	return mkdtemp(top) ? 0 : -1;
}

static int leave(void **state)
{
	(void)state;
	if (fork() == 0) {
		execlp("rm", "rm", "-rf", top, (char *)NULL);
		_exit(127);
	}
	return wait(NULL) > 0 ? 0 : -1;
}

/* The names in a folder; a file left behind counts. */
static int entries(const char *path)
{
	DIR *dir = opendir(path);
	int n = 0;

	assert_non_null(dir);
	for (struct dirent *e = readdir(dir); e; e = readdir(dir))
		n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	closedir(dir);
	return n;
}

static void holds(const char *path, const char *text)
{
	BUF(b, 256);

	assert_int_equal(io_read_file(path, &b), 0);
	assert_string_equal(buf_text(&b), text);
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode & 07777;
}

static void what_was_written_is_read(void **state)
{
	(void)state;
	assert_int_equal(io_write_file(path_of("f"), "abc", 3, 0640, true), 0);
	holds(path_of("f"), "abc");
	assert_int_equal(mode_of(path_of("f")), 0640);
	assert_int_equal(entries(top), 1);
}

static void the_mode_does_not_depend_on_the_umask(void **state)
{
	(void)state;
	mode_t old = umask(0777);
	int r = io_write_file(path_of("f"), "", 0, 0604, true);

	umask(old);
	assert_int_equal(r, 0);
	assert_int_equal(mode_of(path_of("f")), 0604);
}

static void replacing_changes_content_and_mode(void **state)
{
	(void)state;
	assert_int_equal(io_write_file(path_of("f"), "old", 3, 0644, true), 0);
	assert_int_equal(io_write_file(path_of("f"), "n", 1, 0600, true), 0);
	holds(path_of("f"), "n");
	assert_int_equal(mode_of(path_of("f")), 0600);
	assert_int_equal(entries(top), 1);
}

static void an_existing_file_is_not_touched(void **state)
{
	(void)state;
	assert_int_equal(io_write_file(path_of("f"), "old", 3, 0644, false), 0);
	assert_int_equal(io_write_file(path_of("f"), "new", 3, 0600, false), ERR_DENIED);
	assert_non_null(strstr(err_text(), "/f: already exists"));
	holds(path_of("f"), "old");
	assert_int_equal(mode_of(path_of("f")), 0644);
	assert_int_equal(entries(top), 1);
}

static void a_symlink_is_replaced_and_not_followed(void **state)
{
	(void)state;
	assert_int_equal(io_write_file(path_of("target"), "old", 3, 0600, true), 0);
	assert_int_equal(symlink("target", path_of("link")), 0);
	assert_int_equal(io_write_file(path_of("link"), "new", 3, 0600, false), ERR_DENIED);
	assert_int_equal(io_write_file(path_of("link"), "new", 3, 0600, true), 0);
	holds(path_of("target"), "old");
	holds(path_of("link"), "new");
}

static void a_dangling_symlink_counts_as_existing(void **state)
{
	(void)state;
	assert_int_equal(symlink("nowhere", path_of("link")), 0);
	assert_int_equal(io_write_file(path_of("link"), "new", 3, 0600, false), ERR_DENIED);
	assert_int_equal(access(path_of("nowhere"), F_OK), -1);
}

static void a_name_without_folder_is_written_here(void **state)
{
	(void)state;
	char old[512];

	assert_non_null(getcwd(old, sizeof(old)));
	assert_int_equal(chdir(top), 0);
	assert_int_equal(io_write_file("f", "abc", 3, 0600, false), 0);
	assert_int_equal(chdir(old), 0);
	holds(path_of("f"), "abc");
}

static void a_folder_cannot_be_written_or_read(void **state)
{
	(void)state;
	BUF(b, 64);

	assert_int_equal(io_make_dir(path_of("d"), 0700), 0);
	assert_int_equal(io_write_file(path_of("d"), "x", 1, 0600, true), ERR_SYSTEM);
	assert_int_equal(io_write_file(path_of("d"), "x", 1, 0600, false), ERR_DENIED);
	assert_int_equal(io_read_file(path_of("d"), &b), ERR_SYSTEM);
	assert_non_null(strstr(err_text(), "/d: Is a directory"));
	assert_int_equal(entries(top), 1);
}

static void a_missing_file_or_folder_is_absent(void **state)
{
	(void)state;
	BUF(b, 64);

	assert_int_equal(io_read_file(path_of("none"), &b), ERR_ABSENT);
	assert_non_null(strstr(err_text(), "/none: No such file"));
	assert_int_equal(io_write_file(path_of("none/f"), "x", 1, 0600, true), ERR_ABSENT);
	assert_int_equal(io_append_file(path_of("none/f"), "x", 1), ERR_ABSENT);
	assert_int_equal(io_read_file("", &b), ERR_ABSENT);
}

static void a_file_is_read_up_to_the_limit_and_not_beyond(void **state)
{
	(void)state;
	BUF(exact, 5);
	BUF(small, 4);

	assert_int_equal(io_write_file(path_of("f"), "abcd", 4, 0600, true), 0);
	assert_int_equal(io_read_file(path_of("f"), &exact), 0);
	assert_string_equal(buf_text(&exact), "abcd");
	assert_int_equal(io_read_file(path_of("f"), &small), ERR_LIMIT);
	assert_non_null(strstr(err_text(), "/f: larger than 3 bytes"));
}

static void reading_appends(void **state)
{
	(void)state;
	BUF(b, 16);

	assert_int_equal(io_write_file(path_of("f"), "abc", 3, 0600, true), 0);
	buf_puts(&b, "x");
	assert_int_equal(io_read_file(path_of("f"), &b), 0);
	assert_int_equal(io_read_file(path_of("f"), &b), 0);
	assert_string_equal(buf_text(&b), "xabcabc");
}

static void a_pipe_is_read_to_its_end(void **state)
{
	(void)state;
	BUF(b, 16);
	BUF(small, 3);
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(io_write(fds[1], "abc", 3), 0);
	close(fds[1]);
	assert_int_equal(io_read_fd(fds[0], "pipe", &b), 0);
	assert_string_equal(buf_text(&b), "abc");
	close(fds[0]);
	assert_int_equal(io_read_fd(fds[0], "the pipe", &small), ERR_SYSTEM);
	assert_string_equal(err_text(), "the pipe: Bad file descriptor");
}

static void a_writer_without_reader_gets_an_error(void **state)
{
	(void)state;
	int fds[2];

	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(fds), 0);
	close(fds[0]);
	assert_int_equal(io_write(fds[1], "abc", 3), ERR_SYSTEM);
	assert_string_equal(err_text(), "cannot write: Broken pipe");
	close(fds[1]);
	assert_int_equal(io_write(-1, "", 0), 0);
	assert_int_equal(io_write(-1, "x", 1), ERR_SYSTEM);
}

/* Each runs in a child whose files may not grow over two bytes: the disk is full. */
static void on_a_full_disk(int (*write)(void), int expected)
{
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		struct rlimit limit = { 2, 2 };

		signal(SIGXFSZ, SIG_IGN);
		if (setrlimit(RLIMIT_FSIZE, &limit))
			_exit(1);
		_exit(write() == expected ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static int write_new(void)
{
	return io_write_file(path_of("new"), "abcdef", 6, 0600, false);
}

static int write_over(void)
{
	return io_write_file(path_of("f"), "abcdef", 6, 0600, true);
}

static int append(void)
{
	return io_append_file(path_of("g"), "abcdef", 6);
}

static void a_full_disk_leaves_nothing_behind(void **state)
{
	(void)state;
	assert_int_equal(io_write_file(path_of("f"), "old", 3, 0600, true), 0);
	on_a_full_disk(write_new, ERR_SYSTEM);
	on_a_full_disk(write_over, ERR_SYSTEM);
	assert_int_equal(entries(top), 1);
	holds(path_of("f"), "old");
	on_a_full_disk(append, ERR_SYSTEM);
}

static void folders_are_made_with_their_parents(void **state)
{
	(void)state;
	BUF(slashes, 128);

	assert_int_equal(io_make_dir(path_of("a/b/c"), 0700), 0);
	assert_int_equal(mode_of(path_of("a")), 0700);
	assert_int_equal(mode_of(path_of("a/b/c")), 0700);
	assert_int_equal(io_make_dir(path_of("a/b/c"), 0755), 0);
	assert_int_equal(mode_of(path_of("a/b/c")), 0700);
	buf_addf(&slashes, "%s//x//y/", top);
	assert_int_equal(io_make_dir(buf_text(&slashes), 0700), 0);
	assert_int_equal(access(path_of("x/y"), F_OK), 0);
	assert_int_equal(io_make_dir("/", 0700), 0);
}

static void a_file_in_the_way_of_a_folder_is_named(void **state)
{
	(void)state;
	char far[5000];

	assert_int_equal(io_write_file(path_of("f"), "", 0, 0600, true), 0);
	assert_int_equal(io_make_dir(path_of("f"), 0700), ERR_SYSTEM);
	assert_non_null(strstr(err_text(), "/f: is not a directory"));
	assert_int_equal(io_make_dir(path_of("f/g"), 0700), ERR_SYSTEM);
	assert_int_equal(io_make_dir("", 0700), ERR_USAGE);
	memset(far, 'x', sizeof(far) - 1);
	far[sizeof(far) - 1] = 0;
	assert_int_equal(io_make_dir(far, 0700), ERR_LIMIT);
	assert_int_equal(io_write_file(far, "", 0, 0600, true), ERR_SYSTEM);
}

static void appending_creates_a_private_file(void **state)
{
	(void)state;
	assert_int_equal(io_append_file(path_of("log"), "a\n", 2), 0);
	assert_int_equal(io_append_file(path_of("log"), "b\n", 2), 0);
	holds(path_of("log"), "a\nb\n");
	assert_int_equal(mode_of(path_of("log")), 0600);
	assert_int_equal(io_append_file(top, "x", 1), ERR_SYSTEM);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_written_is_read),
		TEST(the_mode_does_not_depend_on_the_umask),
		TEST(replacing_changes_content_and_mode),
		TEST(an_existing_file_is_not_touched),
		TEST(a_symlink_is_replaced_and_not_followed),
		TEST(a_dangling_symlink_counts_as_existing),
		TEST(a_name_without_folder_is_written_here),
		TEST(a_folder_cannot_be_written_or_read),
		TEST(a_missing_file_or_folder_is_absent),
		TEST(a_file_is_read_up_to_the_limit_and_not_beyond),
		TEST(reading_appends),
		TEST(a_pipe_is_read_to_its_end),
		TEST(a_writer_without_reader_gets_an_error),
		TEST(a_full_disk_leaves_nothing_behind),
		TEST(folders_are_made_with_their_parents),
		TEST(a_file_in_the_way_of_a_folder_is_named),
		TEST(appending_creates_a_private_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
