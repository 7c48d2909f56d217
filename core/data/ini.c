/* ini.c - the grammar of ~/.aws/config and ~/.aws/credentials, one line at a time
 *
 * As the AWS SDKs read it ("AWS SDKs and Tools Reference Guide", format of the config file):
 *
 *	[name] # text behind the bracket is ignored
 *	key = value # a comment needs a blank before it
 *	; in the first column: a comment
 *	key =
 *	  subkey = value
 *	key = value
 *	  that goes on, and takes no comment
 *
 * Unlike there, a bad line is reported and spoils nothing else; what stands behind a bad section
 *line belongs to no section.
 */
#include "data/ini.h"

#define KEY_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-/.%@_:+"

struct ini ini_of(struct str text)
{
	struct str bom;

	if (str_starts(text, "\xef\xbb\xbf"))
		(void)str_take(&text, 3, &bom);
	return (struct ini){ .rest = text };
}

static bool comment_mark(char c)
{
	return c == '#' || c == ';';
}

static struct str without_comment(struct str line)
{
	for (size_t i = 1; i < line.n; i++)
		if (comment_mark(line.p[i]) && (line.p[i - 1] == ' ' || line.p[i - 1] == '\t'))
			line.n = i;
	return line;
}

static enum ini_kind bad(struct ini *in, struct str line)
{
	in->key = (struct str){ 0 };
	in->value = line;
	return INI_BAD;
}

static enum ini_kind section(struct ini *in, struct str line)
{
	struct str name, mark;

	(void)str_take(&line, 1, &mark);
	in->section = (struct str){ 0 };
	in->parent_empty = false;
	if (!str_has(line, ']'))
		return bad(in, line);
	(void)str_cut(&line, ']', &name);
	name = str_trim(name);
	if (name.n == 0)
		return bad(in, line);
	in->section = name;
	in->key = in->value = (struct str){ 0 };
	return INI_SECTION;
}

static bool split(struct ini *in, struct str line)
{
	struct str rest = without_comment(line), key;

	if (!str_has(rest, '='))
		return false;
	(void)str_cut(&rest, '=', &key);
	key = str_trim(key);
	if (!str_all(key, KEY_CHARS))
		return false;
	in->key = key;
	in->value = str_trim(rest);
	return true;
}

/* An indented line: part of the entry above, if that can have parts. */
static enum ini_kind indented(struct ini *in, struct str line)
{
	if (in->parent_empty && split(in, line))
		return INI_SUBENTRY;
	return bad(in, line);
}

/* Indented lines behind a value belong to it, line ends included; not behind a comment, which would
 * stand in the middle. */
static void take_continuation(struct ini *in, struct str line)
{
	struct str rest = in->rest, next, text;

	if (in->value.n == 0 || in->value.p + in->value.n != line.p + line.n)
		return;
	while (str_take_line(&rest, &next)) {
		text = str_trim(next);
		if (text.n == 0 || text.p == next.p || comment_mark(text.p[0]))
			return;
		in->value.n = (size_t)(text.p + text.n - in->value.p);
		in->rest = rest;
		in->line++;
	}
}

static enum ini_kind entry(struct ini *in, struct str line)
{
	in->parent_empty = false;
	if (in->section.n == 0 || !split(in, line))
		return bad(in, line);
	in->parent_empty = in->value.n == 0;
	take_continuation(in, line);
	return INI_ENTRY;
}

enum ini_kind ini_next(struct ini *in)
{
	struct str line, text;

	while (str_take_line(&in->rest, &line)) {
		in->line++;
		text = str_trim(line);
		if (text.n == 0 || comment_mark(text.p[0]))
			continue;
		if (text.p != line.p)
			return indented(in, text);
		return text.p[0] == '[' ? section(in, text) : entry(in, text);
	}
	return INI_END;
}
