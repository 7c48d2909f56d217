/* unit.c - what systemd starts sshd with: options in ExecStart win over every file
 *
 * systemd.unit(5): of the same name, the file in the first folder counts; drop-ins of all folders
 * in the order of their names. systemd.service(5): an empty ExecStart= takes back earlier ones;
 * "%%" is a percent sign; $NAME is replaced by words from the environment. systemd.exec(5): of the
 * files of EnvironmentFile= the last one that has a name counts, and an empty one takes back
 * earlier ones. systemd.syntax(7): a backslash at the end of a line joins the next one; comments
 * between them do not count. */
#include "applets/install/unit.h"

#include <string.h>

#include "applets/install/listing.h"
#include "base/proc.h"

#define NAMES_MAX 32
#define WORDS_MAX 64
#define ENVIRONMENTS_MAX 4
#define COMMAND_MAX 4096

static const char *const folders[] = { "/etc/systemd/system", "/run/systemd/system",
	"/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system" };
static const char *const units[] = { "ssh.service", "sshd.service", "ssh@.service",
	"sshd@.service" };

#define FOLDERS (sizeof(folders) / sizeof(*folders))
#define UNITS (sizeof(units) / sizeof(*units))

/* The letters of sshd that an argument follows, in the same word or the next. */
#define WITH_ARGUMENT "bcCEfghkopu"

/* What one unit comes down to. */
struct reading {
	const struct root *root;
	struct unit mine;
	char environments[ENVIRONMENTS_MAX][256];
	size_t environment_count;
	char start[COMMAND_MAX], start_file[256]; /* the ExecStart that counts, and where it is */
	unsigned start_line;
};

/* The rows of a text, which is changed. */
struct rows {
	struct buf *text;
	size_t at;
	unsigned line, first; /* the last line that was read, and the first of the row */
};

/* An odd number of backslashes. */
static bool goes_on(const char *from, const char *end)
{
	bool odd = false;

	while (end > from && *--end == '\\')
		odd = !odd;
	return odd;
}

/* The next row; what joined its lines, and comments between them, has become blanks. */
static bool next_row(struct rows *t, struct str *row)
{
	char *from = NULL, *all = t->text->p + t->text->len;

	while (t->at < t->text->len) {
		char *line = t->text->p + t->at, *end = memchr(line, '\n', (size_t)(all - line));
		size_t n = (size_t)((end ? end : all) - line);
		struct str bare = str_trim((struct str){ line, n });
		bool comment = bare.n > 0 && (bare.p[0] == '#' || bare.p[0] == ';');

		t->at += n + (end != NULL);
		t->line++;
		if (comment) {
			memset(line, ' ', n + (end != NULL));
			continue;
		}
		if (!from)
			t->first = t->line;
		from = from ? from : line;
		*row = (struct str){ from, (size_t)(line + n - from) };
		if (!goes_on(line, line + n))
			return true;
		line[n - 1] = ' ';
		if (end)
			*end = ' ';
	}
	return from != NULL;
}

static int take_words(
	struct reading *g, const char *file, unsigned line, struct str text, int depth);

/* "Name value" or "Name=value" of -o */
static int take_option(struct reading *g, const char *file, unsigned line, const char *option)
{
	struct str keyword, value;
	BUF(user, CONF_VALUE_MAX);
	int r = 0;

	if (!conf_split(str_of(option), &keyword, &value))
		return 0;
	if (str_ieq(keyword, STR("AuthorizedKeysCommand")))
		conf_set(&g->mine.command, file, line, value);
	if (str_ieq(keyword, STR("AuthorizedKeysCommandUser"))) {
		r = conf_take_word(&value, &user);
		conf_set(&g->mine.user, file, line, buf_view(&user));
	}
	return r < 0 ? err_in(r, "%s:%u", file, line) : 0;
}

static struct str unquote(struct str s)
{
	bool quoted = s.n > 1 && (s.p[0] == '"' || s.p[0] == '\'') && s.p[s.n - 1] == s.p[0];

	return quoted ? (struct str){ s.p + 1, s.n - 2 } : s;
}

/* $NAME: what the last file that has it says it is */
static int take_variable(struct reading *g, const char *word, int depth)
{
	struct str name = str_of(word + 1);

	if (str_starts(name, "{") && str_ends(name, "}"))
		name = (struct str){ name.p + 1, name.n - 2 };
	for (size_t i = g->environment_count; i > 0; i--) {
		const char *file = g->environments[i - 1];
		BUF(text, 16384);
		struct rows rows = { .text = &text };
		struct str row, key, value = { 0 };
		unsigned line = 0;

		if (root_read(g->root, file, &text) < 0)
			continue;
		while (next_row(&rows, &row)) {
			row = str_trim(row);
			if (str_cut(&row, '=', &key) && str_eq(key, name)) {
				value = row;
				line = rows.first;
			}
		}
		if (line > 0)
			return take_words(g, file, line, unquote(value), depth + 1);
	}
	return 0;
}

static void percents(char *s)
{
	char *to = s;

	for (; *s; s++) {
		*to++ = *s;
		if (s[0] == '%' && s[1] == '%')
			s++;
	}
	*to = 0;
}

/* The letters of one word; the last of them may take the next word as well. */
static int take_letters(
	struct reading *g, const char *file, unsigned line, char *const *words, int *i)
{
	for (const char *c = words[*i] + 1; *c; c++) {
		const char *value = c[1] ? c + 1 : words[*i + 1];

		if (!str_has(STR(WITH_ARGUMENT), *c))
			continue;
		*i += !c[1];
		if (*c == 'f' && value && !str_copy(g->mine.config, PATH_MAX, str_of(value)))
			return err(ERR_LIMIT, "%s:%u: -f: name too long", file, line);
		return *c == 'o' && value ? take_option(g, file, line, value) : 0;
	}
	return 0;
}

/* The first word of ExecStart is the program, which may have a dash in front. */
static int take_words(
	struct reading *g, const char *file, unsigned line, struct str text, int depth)
{
	char *words[WORDS_MAX];
	BUF(storage, COMMAND_MAX);
	int n = str_trim(text).n > 0 ? proc_split(words, WORDS_MAX, &storage, text) : 0, r = 0;

	if (n < 0)
		return err_in(n, "%s:%u", file, line);
	for (int i = 0; i < n && depth == 0; i++)
		percents(words[i]);
	for (int i = depth == 0; i < n && r >= 0; i++) {
		if (words[i][0] == '$' && depth == 0)
			r = take_variable(g, words[i], depth);
		else if (words[i][0] == '-')
			r = take_letters(g, file, line, words, &i);
	}
	return r;
}

static int take_environment(struct reading *g, const char *file, unsigned line, struct str value)
{
	if (str_starts(value, "-"))
		value = (struct str){ value.p + 1, value.n - 1 };
	if (value.n == 0) {
		g->environment_count = 0;
		return 0;
	}
	if (g->environment_count == ENVIRONMENTS_MAX ||
		!str_copy(g->environments[g->environment_count], 256, value))
		return err(ERR_LIMIT, "%s:%u: EnvironmentFile: too many, or too long", file, line);
	g->environment_count++;
	return 0;
}

static int take_row(struct reading *g, const char *file, unsigned line, struct str row)
{
	struct str key, value = str_trim(row);

	if (!str_cut(&value, '=', &key))
		return 0;
	key = str_trim(key);
	value = str_trim(value);
	if (str_is(key, "EnvironmentFile"))
		return take_environment(g, file, line, value);
	if (!str_is(key, "ExecStart"))
		return 0;
	g->start_line = line;
	if (!str_copy(g->start_file, sizeof(g->start_file), str_of(file)) ||
		!str_copy(g->start, sizeof(g->start), value))
		return err(ERR_LIMIT, "%s:%u: ExecStart: too long", file, line);
	return 0;
}

static int take_file(struct reading *g, const char *file)
{
	static char storage[64 * 1024];
	struct buf text = buf_of(storage, sizeof(storage));
	struct rows rows = { .text = &text };
	struct str row;
	int r = root_read(g->root, file, &text);

	while (r >= 0 && next_row(&rows, &row))
		r = take_row(g, file, rows.first, row);
	return r;
}

static int list_dropins(const struct root *r, const char *unit, struct buf *names)
{
	int code = 0;

	for (size_t i = 0; i < FOLDERS && code == 0; i++) {
		BUF(path, PATH_MAX);

		buf_addf(&path, "%s/%s.d", folders[i], unit);
		code = listing_read(r, buf_text(&path), "*.conf", names);
	}
	return code;
}

/* The file of this name in the first folder that has it. False: nowhere. */
static bool find_file(const struct root *r, struct buf *path, const char *folder, const char *name)
{
	for (size_t i = 0; i < FOLDERS; i++) {
		buf_clear(path);
		buf_addf(path, "%s/%s%s", folders[i], folder, name);
		if (root_has(r, buf_text(path)))
			return true;
	}
	return false;
}

static int read_dropins(struct reading *g, const char *unit)
{
	BUF(names, 4096);
	BUF(folder, 64);
	BUF(path, PATH_MAX);
	int r = list_dropins(g->root, unit, &names);

	buf_addf(&folder, "%s.d/", unit);
	for (const char *name = listing_next(buf_view(&names), NULL); name && r >= 0;
		name = listing_next(buf_view(&names), name))
		if (find_file(g->root, &path, buf_text(&folder), name))
			r = take_file(g, buf_text(&path));
	return r;
}

int unit_read(struct unit *u, const struct root *r)
{
	int code = 0;

	*u = (struct unit){ .config = "" };
	for (size_t i = 0; i < UNITS && code == 0; i++) {
		struct reading g = { .root = r };
		BUF(path, PATH_MAX);

		if (!find_file(r, &path, "", units[i]))
			continue;
		code = take_file(&g, buf_text(&path));
		if (code == 0)
			code = read_dropins(&g, units[i]);
		if (code == 0)
			code = take_words(&g, g.start_file, g.start_line, str_of(g.start), 0);
		if (!u->command.file[0] && !u->config[0])
			*u = g.mine;
	}
	return code;
}
