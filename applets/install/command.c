/* command.c - what a command of systemd's tells sshd, with the environment that it names */
#include "applets/install/command.h"

#include <string.h>

#include "applets/install/rows.h"
#include "base/proc.h"

#define WORDS_MAX 128 /* in all */
#define SPLITS_MAX 4  /* of words within words */

/* The letters of sshd that an argument follows, in the same word or the next. */
#define WITH_ARGUMENT "bcCEfghkopu"

struct reading {
	struct unit *unit;
	const struct root *root;
	const struct command *command;
	struct buf *text;                /* what words point to */
	struct setting words[WORDS_MAX]; /* with the place that each comes from */
	size_t words_count, words_met, names_met;
	bool has_sshd; /* one of them is the program */
};

static void take_port(struct reading *g, struct str value)
{
	if (!g->unit->port[0])
		(void)str_copy(g->unit->port, sizeof(g->unit->port), value);
}

/* "Name value" or "Name=value" of -o */
static int take_option(struct reading *g, const struct setting *option)
{
	struct str keyword, value;
	BUF(user, CONF_VALUE_MAX);
	int r = 0;

	if (!conf_split(str_of(option->text), &keyword, &value))
		return 0;
	if (str_ieq(keyword, STR("AuthorizedKeysCommand")))
		conf_set(&g->unit->command, option->file, option->line, value);
	if (str_ieq(keyword, STR("AuthorizedKeysCommandUser"))) {
		r = conf_take_word(&value, &user);
		conf_set(&g->unit->user, option->file, option->line, buf_view(&user));
	}
	if (str_ieq(keyword, STR("Port")))
		take_port(g, value);
	return r < 0 ? err_in(r, "%s:%u", option->file, option->line) : 0;
}

/* The letters of one word; the last of them may take the next word as well. */
static int take_letters(struct reading *g, size_t *i)
{
	for (const char *c = g->words[*i].text + 1; *c; c++) {
		struct setting value = g->words[*i];

		if (!str_has(STR(WITH_ARGUMENT), *c))
			continue;
		value.text = c + 1;
		if (!c[1] && ++*i < g->words_count)
			value = g->words[*i];
		if (*c == 'f' && !str_copy(g->unit->config, PATH_MAX, str_of(value.text)))
			return err(ERR_LIMIT, "%s:%u: -f: name too long", value.file, value.line);
		if (*c == 'p')
			take_port(g, str_of(value.text));
		return *c == 'o' ? take_option(g, &value) : 0;
	}
	return 0;
}

/* The value of a line as systemd takes it out of quotes and backslashes. */
static void unquote(struct buf *out, struct str s)
{
	bool bare = false; /* quotes are nothing special any more */
	char quote = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i], next = i + 1 < s.n ? s.p[i + 1] : 0;

		if (quote ? c == quote : !bare && (c == '"' || c == '\''))
			quote = quote ? 0 : c;
		else if (c == '\\' && next && quote != '\'' &&
			(!quote || str_has(STR("\"\\`$"), next)))
			buf_putc(out, s.p[++i]);
		else {
			bare |= !quote && c != ' ' && c != '\t';
			buf_putc(out, c);
		}
	}
}

/* The last line of a file that has the name. */
static int find_in_file(
	struct reading *g, struct setting *found, const struct setting *file, struct str name)
{
	static char storage[64 * 1024];
	struct buf text = buf_of(storage, sizeof(storage));
	struct rows rows = { .text = &text };
	struct str row, key;
	int r = root_read(g->root, file->text, &text);

	if (r < 0)
		return r == ERR_ABSENT ? 0 : r;
	while (rows_next(&rows, &row)) {
		row = str_trim(row);
		if (!str_has(row, '=') || !str_cut(&row, '=', &key) || !str_eq(str_trim(key), name))
			continue;
		*found = (struct setting){ buf_tail(g->text), file->text, rows.first };
		unquote(g->text, str_trim(row));
		buf_putc(g->text, 0);
	}
	return 0;
}

/* The last word of Environment= that has the name. */
static int find_in_words(
	struct reading *g, struct setting *found, const struct setting *row, struct str name)
{
	char *words[WORDS_MAX];
	int n = proc_split(words, WORDS_MAX, g->text, str_of(row->text));

	if (n < 0)
		return err_in(n, "%s:%u", row->file, row->line);
	for (int i = 0; i < n; i++) {
		struct str value = str_of(words[i]), key;

		if (str_has(value, '=') && str_cut(&value, '=', &key) && str_eq(key, name))
			*found = (struct setting){ words[i] + key.n + 1, row->file, row->line };
	}
	return 0;
}

/* From the environment; the files win. Empty when nothing has the name. */
static int find_variable(struct reading *g, struct setting *found, struct str name)
{
	int r = 0;

	*found = (struct setting){ "", "", 0 };
	if (g->names_met++ == WORDS_MAX)
		return err(ERR_LIMIT, "%s: too many names", g->command->start.file);
	for (size_t i = g->command->files.n; i > 0 && r == 0 && !*found->file; i--)
		r = find_in_file(g, found, &g->command->files.at[i - 1], name);
	for (size_t i = g->command->variables.n; i > 0 && r == 0 && !*found->file; i--)
		r = find_in_words(g, found, &g->command->variables.at[i - 1], name);
	return r < 0 ? r : buf_check(g->text, "environment");
}

/* A word in which "${NAME}" and "$$" may stand; a value stays within it. */
static int replace_names(struct reading *g, struct setting *word)
{
	BUF(out, CONF_VALUE_MAX * 2);
	struct str rest = str_of(word->text), part, name;
	struct setting value;

	while (str_cut(&rest, '$', &part)) {
		struct str behind = rest;
		int r;

		buf_str(&out, part);
		if (part.p + part.n == rest.p) /* nothing was cut */
			break;
		if (str_starts(rest, "{") && str_cut(&behind, '}', &name) && behind.p > rest.p &&
			behind.p[-1] == '}') {
			r = find_variable(g, &value, (struct str){ name.p + 1, name.n - 1 });
			if (r < 0)
				return r;
			if (out.len == 0 && *value.file) /* nothing of the word is its own so far */
				*word = (struct setting){ word->text, value.file, value.line };
			buf_puts(&out, value.text);
			rest = behind;
			continue;
		}
		buf_putc(&out, '$');
		if (str_starts(rest, "$"))
			(void)str_take(&rest, 1, &part);
	}
	word->text = buf_tail(g->text);
	buf_add(g->text, buf_text(&out), out.len + 1);
	return buf_check(out.full ? &out : g->text, word->file);
}

static int add_words(struct reading *g, const struct setting *from, int splits);

/* "/usr/sbin/sshd", with systemd's marks in front */
static bool is_sshd(const char *word)
{
	const char *slash = strrchr(word, '/');

	return slash && str_starts(str_of(slash), "/sshd");
}

/* In front of sshd there may be a shell, which is given it all in one word. */
static int add_word(struct reading *g, struct setting word, int splits)
{
	bool plain = splits < SPLITS_MAX;
	struct setting value;
	int r;

	if (g->words_met++ == WORDS_MAX)
		return err(ERR_LIMIT, "%s:%u: too many words", word.file, word.line);
	if (plain && word.text[0] == '$' && word.text[1] != '{' && word.text[1] != '$') {
		r = find_variable(g, &value, str_of(word.text + 1));
		return r < 0 || !*value.file ? r : add_words(g, &value, SPLITS_MAX);
	}
	if (plain && strchr(word.text, '$')) {
		r = replace_names(g, &word);
		if (r < 0)
			return r;
	}
	if (plain && !g->has_sshd && g->words_count > 0 && strpbrk(word.text, " \t\n"))
		return add_words(g, &word, splits + 1);
	if (!g->has_sshd && is_sshd(word.text)) {
		g->has_sshd = true;
		g->words_count = 0;
	}
	g->words[g->words_count++] = word;
	return 0;
}

static int add_words(struct reading *g, const struct setting *from, int splits)
{
	struct str text = str_trim(str_of(from->text));
	char *words[WORDS_MAX];
	int n = text.n > 0 ? proc_split(words, WORDS_MAX, g->text, text) : 0;
	int r = n < 0 ? err_in(n, "%s:%u", from->file, from->line) : 0;

	for (int i = 0; i < n && r == 0; i++)
		r = add_word(g, (struct setting){ words[i], from->file, from->line }, splits);
	return r;
}

int command_read(struct unit *u, const struct root *r, const struct command *c, struct buf *text)
{
	struct reading g = { .unit = u, .root = r, .command = c, .text = text };
	int code = c->start.text ? add_words(&g, &c->start, 0) : 0;

	/* the first word is the program */
	for (size_t i = 1; i < g.words_count && code == 0; i++)
		if (g.words[i].text[0] == '-')
			code = take_letters(&g, &i);
	if (g.words_count > 0 && !g.has_sshd)
		conf_set(&u->script, c->start.file, c->start.line, str_of(g.words[0].text));
	return code;
}
