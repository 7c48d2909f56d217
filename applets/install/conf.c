/* conf.c - who has the slot of AuthorizedKeysCommand, read from sshd_config as sshd reads it */
#include "applets/install/conf.h"

#include <string.h>

#include "applets/install/listing.h"
#include "base/glob.h"
#include "base/proc.h"

#define TEXT_MAX (256 * 1024) /* of all files that include one another, and names of folders */
#define DEPTH_MAX 16          /* sshd's own limit */
#define FOLDER "/etc/ssh/"    /* what patterns are relative to */

/* How far the lines at hand are heeded. */
enum scope { EVERY, ALL, SOME };

/* One run over the files. */
struct reading {
	struct conf *c;
	const struct root *root;
	const char *dropin;
	struct buf text; /* a stack: each file lies behind the one that includes it */
	unsigned depth;
};

/* The file that is read. */
struct source {
	const char *file;
	unsigned line;
	enum scope scope;
	struct str criteria; /* of the Match block */
};

const struct conf_place *conf_command(const struct conf *c)
{
	return c->all_command.file[0] ? &c->all_command : &c->command;
}

const struct conf_place *conf_user(const struct conf *c)
{
	return c->all_user.file[0] ? &c->all_user : &c->user;
}

void conf_set(struct conf_place *p, const char *file, unsigned line, struct str value)
{
	if (p->file[0])
		return;
	(void)str_copy(p->file, sizeof(p->file), str_of(file));
	p->line = line;
	if (!str_copy(p->value, sizeof(p->value), value))
		(void)str_copy(p->value, sizeof(p->value), STR("(too long)"));
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\f';
}

bool conf_split(struct str line, struct str *keyword, struct str *value)
{
	size_t n = 0;

	line = str_trim(line);
	if (line.n == 0 || line.p[0] == '#')
		return false;
	while (n < line.n && !blank(line.p[n]) && line.p[n] != '=')
		n++;
	*keyword = (struct str){ line.p, n };
	while (n < line.n && blank(line.p[n]))
		n++;
	if (n < line.n && line.p[n] == '=')
		n++;
	*value = str_trim((struct str){ line.p + n, line.n - n });
	if (keyword->n > 1 && keyword->p[0] == '"') /* "Keyword" */
		*keyword = (struct str){ keyword->p + 1, keyword->n - 2 };
	return true;
}

static void note_some(struct reading *g, const struct source *s, struct str value)
{
	BUF(words, CONF_VALUE_MAX);

	if (g->c->some_count++ >= CONF_NOTES_MAX)
		return;
	buf_addf(&words, "Match %.*s: %.*s", STR_ARG(s->criteria), STR_ARG(value));
	conf_set(&g->c->some[g->c->some_count - 1], s->file, s->line, buf_view(&words));
}

static void take_value(struct reading *g, const struct source *s, bool command, struct str value)
{
	struct conf_place *first = command ? &g->c->command : &g->c->user;
	struct conf_place *all = command ? &g->c->all_command : &g->c->all_user;

	if (s->scope == SOME && command)
		note_some(g, s, value);
	if (s->scope == SOME)
		return;
	conf_set(first, s->file, s->line, value);
	if (s->scope == ALL)
		conf_set(all, s->file, s->line, value);
}

/* Within a block that some meet, an inner "Match all" is met by no more. */
static void enter_match(struct source *s, enum scope outer, struct str criteria)
{
	struct str word, rest = criteria;
	bool all = str_take_word(&rest, &word) && str_ieq(word, STR("all"));

	s->criteria = criteria;
	s->scope = outer == SOME || !all ? SOME : ALL;
}

static int read_file(struct reading *g, const char *file, const struct source *from);

static int read_names(
	struct reading *g, const char *folder, struct str names, const struct source *from)
{
	int r = 0;

	for (const char *name = listing_next(names, NULL); name && r >= 0;
		name = listing_next(names, name)) {
		BUF(path, PATH_MAX);

		buf_addf(&path, "%s/%s", folder, name);
		r = read_file(g, buf_text(&path), from);
		if (r == ERR_ABSENT) /* a symlink into nothing: sshd passes over it, too */
			r = 0;
	}
	return r;
}

/* The drop-in takes effect when nobody was first. */
static void look_for_dropin(
	struct reading *g, const char *folder, const char *pattern, const struct source *from)
{
	const char *name = strrchr(g->dropin, '/') + 1;
	BUF(its, PATH_MAX);

	buf_add(&its, g->dropin, (size_t)(name - g->dropin - 1));
	if (from->scope == EVERY && !g->c->command.file[0] && glob_match(pattern, name) &&
		root_same(g->root, buf_text(&its), folder))
		g->c->reads_dropin = true;
}

static int include_pattern(struct reading *g, const char *pattern, const struct source *from)
{
	const char *name = strrchr(pattern, '/') + 1;
	size_t keep = g->text.len;
	BUF(folder, PATH_MAX);
	int r;

	buf_add(&folder, pattern, (size_t)(name - pattern - (name - pattern > 1)));
	if (strpbrk(buf_text(&folder), "*?["))
		return err(ERR_FORMAT, "%s:%u: a pattern in the name of a folder is not understood",
			from->file, from->line);
	look_for_dropin(g, buf_text(&folder), name, from);
	r = listing_read(g->root, buf_text(&folder), name, &g->text);
	if (r == 0)
		r = read_names(g, buf_text(&folder),
			(struct str){ g->text.p + keep, g->text.len - keep }, from);
	g->text.len = keep;
	return r;
}

static int include(struct reading *g, const struct source *from, struct str patterns)
{
	char *words[32];
	BUF(text, 4096);
	int n = proc_split(words, 32, &text, patterns), r = 0;

	if (n < 0)
		return err_in(n, "%s:%u", from->file, from->line);
	for (int i = 0; i < n && words[i][0] != '#' && r >= 0; i++) {
		BUF(pattern, PATH_MAX);

		buf_addf(&pattern, "%s%s", words[i][0] == '/' ? "" : FOLDER, words[i]);
		r = include_pattern(g, buf_text(&pattern), from);
	}
	return r;
}

static int take_line(struct reading *g, struct source *s, enum scope outer, struct str line)
{
	struct str keyword, value;

	if (!conf_split(line, &keyword, &value))
		return 0;
	if (str_ieq(keyword, STR("AuthorizedKeysCommand")))
		take_value(g, s, true, value);
	else if (str_ieq(keyword, STR("AuthorizedKeysCommandUser")))
		take_value(g, s, false, value);
	else if (str_ieq(keyword, STR("Match")))
		enter_match(s, outer, value);
	else if (str_ieq(keyword, STR("Include")))
		return include(g, s, value);
	return 0;
}

static int read_file(struct reading *g, const char *file, const struct source *from)
{
	struct source s = { .file = file, .scope = from ? from->scope : EVERY };
	enum scope outer = s.scope;
	size_t keep = g->text.len;
	struct str rest, line;
	int r;

	if (from)
		s.criteria = from->criteria;
	if (++g->depth > DEPTH_MAX)
		return err(ERR_FORMAT, "%s: files that include one another too deep", file);
	r = root_read(g->root, file, &g->text);
	rest = (struct str){ g->text.p + keep, g->text.len - keep };
	while (r == 0 && str_take_line(&rest, &line)) {
		s.line++;
		r = take_line(g, &s, outer, line);
	}
	g->text.len = keep;
	g->depth--;
	return r;
}

int conf_read(struct conf *c, const struct root *r, const char *file, const char *dropin)
{
	static char storage[TEXT_MAX];
	struct reading g = { .c = c, .root = r, .dropin = dropin };

	*c = (struct conf){ .some_count = 0 };
	g.text = buf_of(storage, sizeof(storage));
	return read_file(&g, file, NULL);
}
