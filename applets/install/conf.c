/* conf.c - who has the slot of AuthorizedKeysCommand, read from sshd_config as sshd reads it */
#include "applets/install/conf.h"

#include <errno.h>
#include <string.h>

#include "applets/install/criteria.h"
#include "applets/install/listing.h"
#include "base/glob.h"

#define TEXT_MAX (256 * 1024) /* of all files that include one another, and names of folders */
#define DEPTH_MAX 17          /* sshd's own limit, the main file included */
#define FILES_MAX 1024        /* read in all; one that is included twice counts twice */
#define FOLDER "/etc/ssh/"    /* what patterns are relative to */
#define BLANKS " \t\r\n"

/* How far the lines at hand are heeded. */
enum scope { EVERY, ALL, SOME };

/* One run over the files. */
struct reading {
	struct conf *c;
	const struct root *root;
	const char *dropin;
	struct buf text; /* a stack: each file lies behind the one that includes it */
	unsigned depth, files;
	/* of the first Port and the first ListenAddress; "" when none is said */
	char port[CONF_PORT_MAX], listen[CONF_PORT_MAX];
	bool listens;        /* there is a ListenAddress */
	const char *reached; /* where connections come to, as far as that is known */
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

bool conf_is_none(const struct conf_place *p)
{
	return str_ieq(str_of(p->value), STR("none"));
}

const struct conf_place *conf_user(const struct conf *c)
{
	return c->all_user.file[0] ? &c->all_user : &c->user;
}

const struct conf_place *conf_no_keys(const struct conf *c)
{
	const struct conf_place *p = c->all_keys.file[0] ? &c->all_keys : &c->keys;

	return str_ieq(str_of(p->value), STR("no")) ? p : NULL;
}

/* Silence would pass for nothing. */
static void copy_or_say(char *to, size_t cap, struct str s)
{
	if (!str_copy(to, cap, s))
		(void)str_copy(to, cap, STR(CONF_TOO_LONG));
}

void conf_set(struct conf_place *p, const char *file, unsigned line, struct str value)
{
	if (p->file[0])
		return;
	copy_or_say(p->file, sizeof(p->file), str_of(file));
	p->line = line;
	copy_or_say(p->value, sizeof(p->value), value);
}

static void skip(struct str *s, const char *set)
{
	struct str c;

	while (s->n > 0 && str_has(str_of(set), s->p[0]))
		(void)str_take(s, 1, &c);
}

bool conf_take_name(struct str *rest, struct str *name)
{
	struct str quoted = *rest, c;
	size_t n = 0;

	if (rest->n == 0)
		return false;
	if (rest->p[0] == '"') {
		(void)str_take(&quoted, 1, &c);
		if (!str_has(quoted, '"'))
			return false;
		(void)str_cut(&quoted, '"', name);
		*rest = quoted;
		skip(rest, BLANKS);
		return true;
	}
	while (n < rest->n && !str_has(STR(BLANKS "="), rest->p[n]))
		n++;
	(void)str_take(rest, n, name);
	skip(rest, BLANKS);
	if (str_starts(*rest, "="))
		(void)str_take(rest, 1, &c);
	skip(rest, BLANKS);
	return true;
}

bool conf_split(struct str line, struct str *keyword, struct str *value)
{
	while (line.n > 0 && str_has(STR(BLANKS "\f"), line.p[line.n - 1]))
		line.n--;
	if (!conf_take_name(&line, keyword))
		return false;
	if (keyword->n == 0 && !conf_take_name(&line, keyword)) /* blanks in front of it */
		return false;
	*value = line;
	return keyword->n > 0 && keyword->p[0] != '#';
}

int conf_take_word(struct str *rest, struct buf *word)
{
	char quote = 0;

	skip(rest, " \t");
	if (rest->n == 0 || rest->p[0] == '#')
		return 0;
	while (rest->n > 0 && (quote || !str_has(STR(" \t"), rest->p[0]))) {
		char c = rest->p[0], next = rest->n > 1 ? rest->p[1] : 0;
		bool escape = c == '\\' && str_has(quote ? STR("'\"\\") : STR("'\"\\ "), next);
		struct str gone;

		(void)str_take(rest, escape ? 2 : 1, &gone);
		if (escape)
			buf_putc(word, next);
		else if (quote ? c == quote : c == '"' || c == '\'')
			quote = quote ? 0 : c;
		else
			buf_putc(word, c);
	}
	if (quote)
		return err(ERR_FORMAT, "a quotation has no end");
	return word->full ? buf_check(word, "a word") : 1;
}

static void note_some(struct reading *g, const struct source *s, struct str value)
{
	BUF(words, CONF_VALUE_MAX);

	if (g->c->some_count++ >= CONF_NOTES_MAX)
		return;
	buf_addf(&words, "Match %.*s: %.*s", STR_ARG(s->criteria), STR_ARG(value));
	conf_set(&g->c->some[g->c->some_count - 1], s->file, s->line, buf_view(&words));
}

static void take_value(
	const struct source *s, struct conf_place *first, struct conf_place *all, struct str value)
{
	if (s->scope == SOME)
		return;
	conf_set(first, s->file, s->line, value);
	if (s->scope == ALL)
		conf_set(all, s->file, s->line, value);
}

static int take_word(
	const struct source *s, struct conf_place *first, struct conf_place *all, struct str value)
{
	BUF(word, CONF_VALUE_MAX);
	int r = conf_take_word(&value, &word);

	if (r < 0)
		return err_in(r, "%s:%u", s->file, s->line);
	take_value(s, first, all, buf_view(&word));
	return 0;
}

/* Within a block that some meet, an inner one is met by no more. */
static void enter_match(
	const struct reading *g, struct source *s, enum scope outer, struct str criteria)
{
	s->criteria = criteria;
	s->scope = outer == SOME || !criteria_met(criteria, g->reached) ? SOME : ALL;
}

/* A bare address of IPv6 has no port, but colons. */
struct str conf_port(struct str address)
{
	size_t at = address.n;
	struct str host;

	while (at > 0 && address.p[at - 1] != ':')
		at--;
	if (at == 0 || !str_take(&address, at, &host))
		return STR("");
	host.n--;
	return str_has(host, ':') && !str_ends(host, "]") ? STR("") : address;
}

static void take_port(struct reading *g, struct str value)
{
	BUF(word, CONF_PORT_MAX);

	if (!g->port[0] && conf_take_word(&value, &word) > 0)
		(void)str_copy(g->port, sizeof(g->port), buf_view(&word));
}

static void take_listen(struct reading *g, struct str value)
{
	BUF(word, CONF_VALUE_MAX);

	if (!g->listens && conf_take_word(&value, &word) > 0)
		(void)str_copy(g->listen, sizeof(g->listen), conf_port(buf_view(&word)));
	g->listens = true;
}

/* The drop-in, which would be read now, takes effect when nobody was first, with a user neither. */
static void look_for_dropin(struct reading *g, const struct source *from)
{
	if (from->scope == EVERY && !g->c->command.file[0] && !conf_is_none(&g->c->user))
		g->c->reads_dropin = true;
}

static int read_file(struct reading *g, const char *file, const struct source *from);

/* dropin: what the drop-in is called among them, or "". */
static int read_files(
	struct reading *g, struct str files, const char *dropin, const struct source *from)
{
	const char *file = NULL;
	int r = 0;

	do {
		file = listing_next(files, file);
		if (*dropin && (!file || strcmp(file, dropin) >= 0)) {
			look_for_dropin(g, from);
			dropin = "";
		}
		if (file)
			r = read_file(g, file, from);
		if (r == ERR_ABSENT) /* a symlink into what the image does not have yet */
			r = 0;
	} while (file && r == 0);
	return r;
}

static struct str since(const struct reading *g, size_t keep)
{
	return (struct str){ g->text.p + keep, g->text.len - keep };
}

/* Appends what the drop-in, existing or not, is called by a pattern that matches it. */
static int name_dropin(struct reading *g, struct buf *out, const char *pattern)
{
	const char *name = strrchr(g->dropin, '/') + 1, *last = strrchr(pattern, '/') + 1;
	const char *found = NULL;
	size_t keep = g->text.len;
	BUF(its, PATH_MAX);
	BUF(folder, PATH_MAX);
	int r = 0;

	if (!glob_match(last, name))
		return 0;
	buf_add(&its, g->dropin, (size_t)(name - g->dropin - 1));
	buf_add(&folder, pattern, (size_t)(last - pattern - 1));
	if (listing_is_pattern(buf_view(&folder)))
		r = listing_glob(g->root, buf_text(&folder), &g->text);
	else /* it need not exist either */
		buf_add(&g->text, folder.p, folder.len + 1);
	while (r == 0 && out->len == 0 && (found = listing_next(since(g, keep), found)) != NULL)
		if (root_same(g->root, buf_text(&its), found))
			buf_addf(out, "%s/%s", found, name);
	g->text.len = keep;
	return r;
}

static int include_pattern(struct reading *g, const char *pattern, const struct source *from)
{
	size_t keep = g->text.len;
	BUF(dropin, PATH_MAX);
	int r = name_dropin(g, &dropin, pattern);

	if (r == 0)
		r = listing_glob(g->root, pattern, &g->text);
	if (r == 0)
		r = read_files(g, since(g, keep), buf_text(&dropin), from);
	g->text.len = keep;
	return r;
}

static int include(struct reading *g, const struct source *from, struct str patterns)
{
	for (;;) {
		BUF(word, PATH_MAX);
		BUF(pattern, PATH_MAX);
		int r = conf_take_word(&patterns, &word);

		if (r == 0)
			return 0;
		buf_puts(&pattern, str_starts(buf_view(&word), "/") ? "" : FOLDER);
		buf_str(&pattern, buf_view(&word));
		if (r > 0)
			r = buf_check(&pattern, "a pattern");
		if (r < 0)
			return err_in(r, "%s:%u", from->file, from->line);
		r = include_pattern(g, buf_text(&pattern), from);
		if (r < 0)
			return r;
	}
}

static int take_line(struct reading *g, struct source *s, enum scope outer, struct str line)
{
	struct str keyword, value;

	if (!conf_split(line, &keyword, &value))
		return 0;
	if (str_ieq(keyword, STR("AuthorizedKeysCommand"))) {
		if (s->scope == SOME)
			note_some(g, s, value);
		take_value(s, &g->c->command, &g->c->all_command, value);
	} else if (str_ieq(keyword, STR("AuthorizedKeysCommandUser")))
		return take_word(s, &g->c->user, &g->c->all_user, value);
	else if (str_ieq(keyword, STR("PubkeyAuthentication")))
		return take_word(s, &g->c->keys, &g->c->all_keys, value);
	else if (str_ieq(keyword, STR("Match")))
		enter_match(g, s, outer, value);
	else if (str_ieq(keyword, STR("Port")))
		take_port(g, value);
	else if (str_ieq(keyword, STR("ListenAddress")))
		take_listen(g, value);
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
	if (++g->files > FILES_MAX)
		return err(ERR_LIMIT, "%s: more than %d files included", file, FILES_MAX);
	r = root_read(g->root, file, &g->text);
	if (r == ERR_SYSTEM && errno == EISDIR) /* nothing to sshd, too */
		r = 0;
	rest = since(g, keep);
	while (r == 0 && str_take_line(&rest, &line)) {
		s.line++;
		r = take_line(g, &s, outer, line);
	}
	g->text.len = keep;
	g->depth--;
	return r;
}

static int read_all(struct reading *g, const char *file, const char *reached)
{
	static char storage[TEXT_MAX];

	*g->c = (struct conf){ .some_count = 0 };
	g->text = buf_of(storage, sizeof(storage));
	g->files = 0;
	g->reached = reached;
	return read_file(g, file, NULL);
}

/* Which port is listened at may be said behind the blocks that ask for it. */
int conf_read(struct conf *c, const struct root *r, const char *file, const char *dropin,
	const char *port)
{
	struct reading g = { .c = c, .root = r, .dropin = dropin };
	int code = read_all(&g, file, port);

	if (!*port)
		port = g.listen[0] ? g.listen : g.port[0] ? g.port : CRITERIA_PORT;
	return code < 0 ? code : read_all(&g, file, port);
}
