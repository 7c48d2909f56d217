/* main.c - chooses the applet by the name of the program or by its first argument */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "applets/applet.h"
#include "base/io.h"
#include "config.h"
#include "version.h"

#define PROGRAM "eicbox"

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool answers_to(const struct applet *a, const char *name)
{
	if (strcmp(a->name, name) == 0)
		return true;
	for (size_t i = 0; i < APPLET_ALIASES_MAX && a->aliases[i]; i++)
		if (strcmp(a->aliases[i], name) == 0)
			return true;
	return strncmp(name, "eic-", 4) == 0 && strcmp(a->name, name + 4) == 0;
}

static const struct applet *find(const char *name)
{
	for (size_t i = 0; i < applet_count; i++)
		if (answers_to(applet_table[i], name))
			return applet_table[i];
	return NULL;
}

static void add_names(struct buf *b)
{
	for (size_t i = 0; i < applet_count; i++)
		buf_addf(b, "%s\n", applet_table[i]->name);
}

static int print_list(void)
{
	BUF(out, 1024);

	add_names(&out);
	return applet_print(PROGRAM, buf_view(&out));
}

static int print_version(void)
{
	return applet_print(PROGRAM,
		str_of(PROGRAM " " EICBOX_VERSION ", profile " CONFIG_PROFILE "\n" EICBOX_LIBRARIES
			       "\n"));
}

static void add_help(struct buf *b)
{
	buf_puts(b,
		"Usage: " PROGRAM " APPLET [options] ...\n"
		"       " PROGRAM " --list | --version | --help\n\n"
		"EC2 Instance Connect in one file. APPLET --help explains an applet. A link to "
		"this file whose\n"
		"name is APPLET or eic-APPLET runs that applet.\n\n");
	for (size_t i = 0; i < applet_count; i++)
		buf_addf(b, "  %s%*s%s\n", applet_table[i]->name,
			16 - (int)strlen(applet_table[i]->name), "", applet_table[i]->summary);
}

static int print_help(void)
{
	BUF(out, 4096);

	add_help(&out);
	return applet_print(PROGRAM, buf_view(&out));
}

static int unknown(const char *what, const char *name)
{
	BUF(out, 4096);

	buf_addf(&out, PROGRAM ": %s %s; these are the applets:\n", what, name);
	add_names(&out);
	(void)!io_write(2, out.p, out.len);
	return EXIT_USAGE;
}

static const struct {
	const char *name;
	int (*print)(void);
} own_options[] = {
	{ "--help", print_help },
	{ "-h", print_help },
	{ "--list", print_list },
	{ "--version", print_version },
	{ "-V", print_version },
};

/* "eicbox help APPLET" is "eicbox APPLET --help" */
static int help(int argc, char **argv)
{
	static char option[] = "--help";
	const struct applet *a = argc > 2 ? find(argv[2]) : NULL;
	char *words[] = { argc > 2 ? argv[2] : NULL, option, NULL };

	if (argc <= 2)
		return print_help();
	return a ? a->main(2, words) : unknown("no applet", argv[2]);
}

static int first_argument(int argc, char **argv)
{
	const struct applet *a;

	if (argc < 2)
		return unknown("which applet?", "none was named");
	for (size_t i = 0; i < sizeof(own_options) / sizeof(own_options[0]); i++)
		if (strcmp(argv[1], own_options[i].name) == 0)
			return own_options[i].print();
	if (strcmp(argv[1], "help") == 0)
		return help(argc, argv);
	a = find(argv[1]);
	if (a)
		return a->main(argc - 1, argv + 1);
	return unknown(argv[1][0] == '-' ? "no option" : "no applet", argv[1]);
}

/* A file that we open must never become standard output or error. The stand-ins refuse what is
 * closed: nothing can be read from 0 or written to 1 and 2. */
static void fill_descriptors(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (dup2(fd, fd) < 0)
			(void)open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
}

int main(int argc, char **argv)
{
	const struct applet *a;

	fill_descriptors();
	/* a reader that went away and a full quota are errors of write(2), to be reported */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	if (argc < 1)
		return unknown("which applet?", "none was named");
	a = find(base_name(argv[0]));
	if (!a)
		return first_argument(argc, argv);
	argv[0] += base_name(argv[0]) - argv[0];
	return a->main(argc, argv);
}
