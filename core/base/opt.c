/* opt.c - one table of options parses the command line and prints the help */
#include "base/opt.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "base/str.h"

/* Where the parser stands. */
struct parse {
	const struct opt_spec *spec;
	int argc;
	char **argv;
	int at;            /* the word that is read */
	int kept;          /* the words that are no options end here */
	uint64_t given[2]; /* a bit a row: its value was given */
};

#define ROWS_MAX 128

static bool is_row(const struct opt *o)
{
	return o->letter || o->name || o->help || o->flag;
}

static char letter_of(const struct opt *o)
{
	return (char)(o->letter & 0xff);
}

static bool is_flag(const struct opt *o)
{
	return !o->arg && !(o->letter & (OPT_LIST | OPT_REFUSED));
}

static const struct opt *by_letter(const struct opt_spec *spec, char letter)
{
	for (const struct opt *o = spec->opts; o && is_row(o); o++)
		if (letter_of(o) == letter)
			return o;
	return NULL;
}

static const struct opt *by_name(const struct opt_spec *spec, struct str name)
{
	for (const struct opt *o = spec->opts; o && is_row(o); o++)
		if (o->name && str_is(name, o->name))
			return o;
	return NULL;
}

/* "-t" or "--type", as it was written */
struct written {
	const char *dashes;
	struct str name;
};

#define WRITTEN "%s%.*s"
#define WRITTEN_ARG(w) (w).dashes, STR_ARG((w).name)

/* Two rows that set the same value are one option. */
static bool first_time(struct parse *p, const struct opt *o)
{
	size_t i = 0;
	uint64_t bit, *word;

	while (p->spec->opts[i].value != o->value)
		i++;
	if (i >= ROWS_MAX)
		return true;
	word = &p->given[i / 64];
	bit = (uint64_t)1 << (i % 64);
	if (*word & bit)
		return false;
	*word |= bit;
	return true;
}

static int set_value(struct parse *p, const struct opt *o, struct written w, const char *value)
{
	if (o->letter & OPT_LIST) {
		if (o->list->n == OPT_LIST_MAX)
			return err(ERR_USAGE, "option " WRITTEN ": given more than %d times",
				WRITTEN_ARG(w), OPT_LIST_MAX);
		o->list->value[o->list->n++] = value;
		return 0;
	}
	if (!first_time(p, o))
		return err(ERR_USAGE, "option " WRITTEN ": given twice", WRITTEN_ARG(w));
	*o->value = value;
	return 0;
}

/* value is what stands behind the option in the same word, or NULL. */
static int apply(struct parse *p, const struct opt *o, struct written w, const char *value)
{
	if (o->letter & OPT_REFUSED)
		return err(ERR_USAGE, "option " WRITTEN ": %s", WRITTEN_ARG(w), o->refused);
	if (is_flag(o)) {
		if (value)
			return err(ERR_USAGE, "option " WRITTEN ": takes no value", WRITTEN_ARG(w));
		*o->flag = true;
		return 0;
	}
	if (!value) {
		if (p->at + 1 >= p->argc)
			return err(ERR_USAGE, "option " WRITTEN ": %s is missing", WRITTEN_ARG(w),
				o->arg ? o->arg : "its value");
		value = p->argv[++p->at];
	}
	return set_value(p, o, w, value);
}

static int parse_long(struct parse *p, const char *word)
{
	struct str rest = str_of(word + 2), name;
	const char *equals = strchr(word, '=');
	const struct opt *o;

	if (!str_cut(&rest, '=', &name))
		return ERR_BUG;
	o = by_name(p->spec, name);
	if (o)
		return apply(p, o, (struct written){ "--", name }, equals ? equals + 1 : NULL);
	if (str_is(name, "help") && !equals)
		return OPT_HELP;
	return err(ERR_USAGE, "no option --%.*s", STR_ARG(name));
}

static int parse_letters(struct parse *p, const char *word)
{
	for (const char *at = word + 1; *at; at++) {
		const struct opt *o = by_letter(p->spec, *at);
		struct written w = { "-", { at, 1 } };
		bool ends = o && !is_flag(o);
		int r;

		if (!o && *at == 'h')
			return OPT_HELP;
		if (!o)
			return err(ERR_USAGE, "no option -%c", *at);
		r = apply(p, o, w, ends && at[1] ? at + 1 : NULL);
		if (r != 0 || ends)
			return r;
	}
	return 0;
}

static void keep(struct parse *p, int from)
{
	while (from < p->argc)
		p->argv[p->kept++] = p->argv[from++];
}

int opt_parse(const struct opt_spec *spec, int *argc, char **argv)
{
	struct parse p = { .spec = spec, .argc = *argc, .argv = argv, .at = 1, .kept = 1 };

	if (*argc < 1)
		return 0;
	for (; p.at < p.argc; p.at++) {
		char *word = argv[p.at];
		bool option = word[0] == '-' && word[1];
		int r;

		if (option && strcmp(word, "--") == 0) {
			keep(&p, p.at + 1);
			break;
		}
		if (!option && spec->no_permute) {
			keep(&p, p.at);
			break;
		}
		if (!option) {
			argv[p.kept++] = word;
			continue;
		}
		r = word[1] == '-' ? parse_long(&p, word) : parse_letters(&p, word);
		if (r != 0)
			return r;
	}
	argv[p.kept] = NULL;
	*argc = p.kept;
	return OPT_DONE;
}

#define COLUMN_MAX 30 /* a longer option has its help on the next line */

static void add_option(struct buf *b, const struct opt *o)
{
	if (letter_of(o))
		buf_addf(b, "  -%c", letter_of(o));
	else
		buf_puts(b, "    ");
	if (o->name)
		buf_addf(b, "%s--%s", letter_of(o) ? ", " : "  ", o->name);
	if (o->arg)
		buf_addf(b, " %s", o->arg);
}

static size_t width_of(const struct opt *o)
{
	BUF(left, 128);

	add_option(&left, o);
	return left.len;
}

static const struct opt help_row = { 'h', "help", .help = "print this help" };

static size_t column_of(const struct opt *opts)
{
	size_t column = width_of(&help_row);

	for (const struct opt *o = opts; o && is_row(o); o++) {
		size_t width = width_of(o);

		if (o->help && width > column && width <= COLUMN_MAX)
			column = width;
	}
	return column + 2;
}

static void add_row(struct buf *out, const struct opt *o, size_t column)
{
	size_t width = width_of(o);

	if (!o->help)
		return;
	add_option(out, o);
	if (width + 2 > column) {
		buf_putc(out, '\n');
		width = 0;
	}
	buf_addf(out, "%*s%s\n", (int)(column - width), "", o->help);
}

void opt_help(struct buf *out, const char *applet, const struct opt_spec *spec)
{
	size_t column = column_of(spec->opts);

	buf_addf(out, "Usage: %s [options]%s%s\n\n%s\n\n", applet, *spec->args ? " " : "",
		spec->args, spec->summary);
	for (const struct opt *o = spec->opts; o && is_row(o); o++)
		add_row(out, o, column);
	if (!by_name(spec, STR("help")))
		add_row(out, &help_row, column);
	if (spec->more)
		buf_addf(out, "\n%s%s", spec->more, str_ends(str_of(spec->more), "\n") ? "" : "\n");
}

int opt_number(const char *name, const char *value, long min, long max, long *out)
{
	struct str s = str_of(value), sign;
	bool negative = str_starts(s, "-") && str_take(&s, 1, &sign);
	bool fits;
	uint64_t v;
	long n;

	/* LONG_MIN itself is out of reach: nobody needs it */
	if (!str_all(s, "0123456789"))
		return err(ERR_USAGE, "option %s: \"%s\" is not a whole number", name, value);
	fits = str_u64(s, LONG_MAX, &v);
	n = !fits ? 0 : negative ? -(long)v : (long)v;
	if (!fits || n < min || n > max)
		return err(ERR_USAGE, "option %s: %s is not between %ld and %ld", name, value, min,
			max);
	*out = n;
	return 0;
}
