/* unit.c - what systemd starts sshd with: options in ExecStart win over every file
 *
 * systemd.unit(5): of the same name, the file in the first folder counts; drop-ins of all folders
 * in the order of their names. systemd.service(5): an empty ExecStart= takes back earlier ones;
 * "%%" is a percent sign; $NAME is replaced by words from the environment. */
#include "applets/install/unit.h"

#include <string.h>

#include "applets/install/listing.h"
#include "base/proc.h"

#define NAMES_MAX 32
#define WORDS_MAX 64
#define ENVIRONMENTS_MAX 4

static const char *const folders[] = { "/etc/systemd/system", "/run/systemd/system",
	"/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system" };
static const char *const units[] = { "ssh.service", "sshd.service", "ssh@.service",
	"sshd@.service" };

#define FOLDERS (sizeof(folders) / sizeof(*folders))
#define UNITS (sizeof(units) / sizeof(*units))

/* What one unit comes down to. */
struct reading {
	const struct root *root;
	struct unit mine;
	char environments[ENVIRONMENTS_MAX][256];
	size_t environment_count;
};

static int take_words(
	struct reading *g, const char *file, unsigned line, struct str text, int depth);

/* "Name value" or "Name=value" of -o */
static void take_option(struct reading *g, const char *file, unsigned line, const char *option)
{
	struct str keyword, value;

	if (!conf_split(str_of(option), &keyword, &value))
		return;
	if (str_ieq(keyword, STR("AuthorizedKeysCommand")))
		conf_set(&g->mine.command, file, line, value);
	if (str_ieq(keyword, STR("AuthorizedKeysCommandUser")))
		conf_set(&g->mine.user, file, line, value);
}

/* $NAME: what a file of EnvironmentFile says it is */
static int take_variable(struct reading *g, const char *word, int depth)
{
	struct str name = str_trim(str_of(word + 1));
	int r = 0;

	if (str_starts(name, "{") && str_ends(name, "}"))
		name = (struct str){ name.p + 1, name.n - 2 };
	for (size_t i = 0; i < g->environment_count && r >= 0; i++) {
		BUF(text, 16384);
		struct str rest, row, key, value;

		if (root_read(g->root, g->environments[i], &text) < 0)
			continue;
		rest = buf_view(&text);
		for (unsigned n = 1; r >= 0 && str_take_line(&rest, &row); n++) {
			value = str_trim(row);
			if (!str_cut(&value, '=', &key) || !str_eq(key, name) || value.n == 0)
				continue;
			if (value.n > 1 && (value.p[0] == '"' || value.p[0] == '\''))
				value = (struct str){ value.p + 1, value.n - 2 };
			r = take_words(g, g->environments[i], n, value, depth + 1);
		}
	}
	return r;
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

/* The word behind a letter, in the same word or the next. */
static const char *argument(char **words, int *i, char letter)
{
	if (words[*i][0] != '-' || words[*i][1] != letter)
		return NULL;
	return words[*i][2] ? words[*i] + 2 : words[*i + 1] ? words[++*i] : NULL;
}

static int take_words(
	struct reading *g, const char *file, unsigned line, struct str text, int depth)
{
	char *words[WORDS_MAX];
	BUF(storage, 4096);
	struct buf config = buf_of(g->mine.config, sizeof(g->mine.config));
	int n = text.n > 0 ? proc_split(words, WORDS_MAX, &storage, text) : 0, r = 0;

	if (n < 0)
		return err_in(n, "%s:%u", file, line);
	for (int i = 0; i < n && depth == 0; i++)
		percents(words[i]);
	for (int i = 0; i < n && r >= 0; i++) {
		const char *value;

		if (words[i][0] == '$' && depth == 0)
			r = take_variable(g, words[i], depth);
		else if ((value = argument(words, &i, 'o')))
			take_option(g, file, line, value);
		else if ((value = argument(words, &i, 'f')))
			buf_puts(&config, value);
	}
	return r;
}

static void take_environment(struct reading *g, struct str value)
{
	if (str_starts(value, "-"))
		value = (struct str){ value.p + 1, value.n - 1 };
	if (g->environment_count < ENVIRONMENTS_MAX &&
		str_copy(g->environments[g->environment_count], 256, value))
		g->environment_count++;
}

static int take_row(struct reading *g, const char *file, unsigned line, struct str row)
{
	struct str key, value = str_trim(row);

	if (value.n == 0 || str_has(STR("#;["), value.p[0]) || !str_cut(&value, '=', &key))
		return 0;
	key = str_trim(key);
	value = str_trim(value);
	if (str_is(key, "EnvironmentFile"))
		take_environment(g, value);
	if (!str_is(key, "ExecStart"))
		return 0;
	g->mine = (struct unit){ .config = "" };
	return take_words(g, file, line, value, 0);
}

/* A backslash at the end of a line becomes a blank, and the next one belongs to it. */
static int take_file(struct reading *g, const char *file)
{
	static char storage[64 * 1024];
	struct buf text = buf_of(storage, sizeof(storage));
	struct str rest, row;
	int r = root_read(g->root, file, &text);

	for (size_t i = 0; i + 1 < text.len; i++)
		if (text.p[i] == '\\' && text.p[i + 1] == '\n')
			text.p[i] = text.p[i + 1] = ' ';
	rest = buf_view(&text);
	for (unsigned n = 1; r >= 0 && str_take_line(&rest, &row); n++)
		r = take_row(g, file, n, row);
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
		if (!u->command.file[0] && !u->config[0])
			*u = g.mine;
	}
	return code;
}
