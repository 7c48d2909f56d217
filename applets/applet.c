/* applet.c - the few things that all applets do alike */
#include "applets/applet.h"

#include <stdarg.h>

#include "base/io.h"

#define HELP_MAX 16384

void applet_clean(struct buf *line, size_t from)
{
	for (size_t i = from; i < line->len; i++)
		if ((unsigned char)line->p[i] < 0x20 || line->p[i] == 0x7f)
			line->p[i] = '?';
}

/* Words repeat what files and services said: no control character in them may reach a terminal, and
 * no newline may make two lines of one error. A failed write to stderr has nobody left to tell. */
static void complain(const char *name, const char *words, const char *advice)
{
	BUF(line, ERR_TEXT_MAX + 256);

	buf_addf(&line, "%s: %s", name, words);
	applet_clean(&line, 0);
	buf_addf(&line, "\n%s", advice);
	if (io_write(2, line.p, line.len) < 0)
		return;
}

int applet_fail(const char *name, int code)
{
	complain(name, err_text(), "");
	return code == ERR_USAGE ? EXIT_USAGE : EXIT_FAILED;
}

static int point_to_help(const char *name)
{
	BUF(advice, 256);

	buf_addf(&advice, "Try '%s --help'.\n", name);
	complain(name, err_text(), buf_text(&advice));
	return EXIT_USAGE;
}

int applet_usage(const char *name, const char *fmt, ...)
{
	BUF(words, ERR_TEXT_MAX);
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&words, fmt, ap);
	va_end(ap);
	(void)err(ERR_USAGE, "%s", buf_text(&words));
	return point_to_help(name);
}

int applet_print(const char *name, struct str text)
{
	if (io_write(1, text.p, text.n) == 0)
		return EXIT_DONE;
	return applet_fail(name, err_in(ERR_SYSTEM, "standard output"));
}

int applet_options(const char *name, const struct opt_spec *spec, int *argc, char **argv)
{
	BUF(help, HELP_MAX);
	int r = opt_parse(spec, argc, argv);

	if (r == OPT_DONE)
		return -1;
	if (r < 0)
		return point_to_help(name);
	opt_help(&help, name, spec);
	return applet_print(name, buf_view(&help));
}
