/* unit.c - what systemd starts sshd with: options in ExecStart win over every file
 *
 * systemd.unit(5): of the same name, the file in the first folder counts; drop-ins of all folders
 * in the order of their names, with those for the unit's other names. systemd.service(5): an empty
 * ExecStart= takes back earlier ones; so do empty EnvironmentFile= and Environment=; "%%" is a
 * percent sign. */
#include "applets/install/unit.h"

#include <string.h>

#include "applets/install/command.h"
#include "applets/install/listing.h"
#include "applets/install/rows.h"

static const char *const folders[] = { "/etc/systemd/system", "/run/systemd/system",
	"/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system" };
static const char *const units[] = { "ssh.service", "sshd.service", "ssh@.service",
	"sshd@.service" };

#define FOLDERS (sizeof(folders) / sizeof(*folders))
#define UNITS (sizeof(units) / sizeof(*units))

/* What one unit comes down to. */
struct reading {
	const struct root *root;
	struct command command;
	struct buf text; /* holds what the settings point to */
};

/* "%%" is a percent sign, "%E" the folder of configuration. The others are no matter here. */
static int keep(
	struct reading *g, struct setting *s, const char *file, unsigned line, struct str value)
{
	*s = (struct setting){ .file = buf_tail(&g->text), .line = line };
	buf_add(&g->text, file, strlen(file) + 1);
	s->text = buf_tail(&g->text);
	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i], next = i + 1 < value.n ? value.p[i + 1] : 0;

		i += c == '%' && (next == '%' || next == 'E');
		if (c == '%' && next == 'E')
			buf_puts(&g->text, "/etc");
		else
			buf_putc(&g->text, c);
	}
	buf_putc(&g->text, 0);
	return g->text.full ? err(ERR_LIMIT, "%s:%u: too long", file, line) : 0;
}

/* An empty one takes back those before. */
static int keep_more(
	struct reading *g, struct settings *l, const char *file, unsigned line, struct str value)
{
	if (value.n == 0) {
		l->n = 0;
		return 0;
	}
	if (l->n == COMMAND_SETTINGS_MAX)
		return err(ERR_LIMIT, "%s:%u: one setting too many", file, line);
	return keep(g, &l->at[l->n++], file, line, value);
}

static int take_row(struct reading *g, const char *file, unsigned line, struct str row)
{
	struct str key, value = row;

	if (!str_cut(&value, '=', &key))
		return 0;
	key = str_trim(key);
	value = str_trim(value);
	if (str_is(key, "ExecStart"))
		return keep(g, &g->command.start, file, line, value);
	if (str_is(key, "Environment"))
		return keep_more(g, &g->command.variables, file, line, value);
	if (!str_is(key, "EnvironmentFile"))
		return 0;
	if (str_starts(value, "-"))
		value = (struct str){ value.p + 1, value.n - 1 };
	return keep_more(g, &g->command.files, file, line, value);
}

static int take_file(struct reading *g, const char *file)
{
	static char storage[64 * 1024];
	struct buf text = buf_of(storage, sizeof(storage));
	struct rows rows = { .text = &text };
	struct str row;
	int r = root_read(g->root, file, &text);

	while (r >= 0 && rows_next(&rows, &row))
		r = take_row(g, file, rows.first, row);
	return r;
}

/* The names that drop-ins are for: the unit's own first, then its other one, then all services. */
struct names {
	const char *at[3];
	size_t n;
};

static int list_dropins(const struct root *r, const struct names *of, struct buf *names)
{
	int code = 0;

	for (size_t i = 0; i < FOLDERS * of->n && code == 0; i++) {
		BUF(path, PATH_MAX);

		buf_addf(&path, "%s/%s.d", folders[i / of->n], of->at[i % of->n]);
		code = listing_read(r, buf_text(&path), "*.conf", names);
	}
	return code;
}

/* The file of this name in the first folder that has it: 1, or 0 for nowhere. */
static int find_file(const struct root *r, struct buf *path, const char *folder, const char *name)
{
	int code = 0;

	for (size_t i = 0; i < FOLDERS && code == 0; i++) {
		buf_clear(path);
		buf_addf(path, "%s/%s%s", folders[i], folder, name);
		code = listing_has(r, buf_text(path));
	}
	return code;
}

static int read_dropin(struct reading *g, const struct names *of, const char *name)
{
	BUF(path, PATH_MAX);
	int r = 0;

	for (size_t i = 0; i < of->n && r == 0; i++) {
		BUF(folder, 64);

		buf_addf(&folder, "%s.d/", of->at[i]);
		r = find_file(g->root, &path, buf_text(&folder), name);
	}
	return r > 0 ? take_file(g, buf_text(&path)) : r;
}

static int read_dropins(struct reading *g, const struct names *of)
{
	BUF(names, 4096);
	int r = list_dropins(g->root, of, &names);

	for (const char *name = listing_next(buf_view(&names), NULL); name && r == 0;
		name = listing_next(buf_view(&names), name))
		r = read_dropin(g, of, name);
	return r;
}

/* Units of which one is a link to the other, as Alias= makes it, are one. */
static int find_names(const struct root *r, const char *unit, const char *path, struct names *of)
{
	int found = 0;

	of->at[of->n++] = unit;
	for (size_t i = 0; i < UNITS && found >= 0; i++) {
		BUF(other, PATH_MAX);

		if (strcmp(units[i], unit) == 0)
			continue;
		found = find_file(r, &other, "", units[i]);
		if (found > 0 && of->n < 2 && root_same(r, path, buf_text(&other)))
			of->at[of->n++] = units[i];
	}
	of->at[of->n++] = "service";
	return found;
}

/* 1: there is such a unit */
static int read_unit(struct reading *g, const char *unit)
{
	BUF(path, PATH_MAX);
	struct names names = { .n = 0 };
	int found = find_file(g->root, &path, "", unit), r = found;

	if (found > 0)
		r = take_file(g, buf_text(&path));
	if (found > 0 && r == 0)
		r = find_names(g->root, unit, buf_text(&path), &names);
	if (found > 0 && r >= 0)
		r = read_dropins(g, &names);
	return r < 0 ? r : found;
}

/* The first one that says something counts. */
static void add_unit(struct unit *u, const struct unit *more)
{
	struct conf_place script = u->script.file[0] ? u->script : more->script;
	char port[CONF_PORT_MAX];

	memcpy(port, *u->port ? u->port : more->port, sizeof(port));
	if (!u->command.file[0] && !u->user.file[0] && !u->config[0])
		*u = *more;
	u->script = script;
	memcpy(u->port, port, sizeof(port));
}

int unit_read(struct unit *u, const struct root *r)
{
	static char storage[64 * 1024];
	static struct reading g;
	static struct unit mine;
	int code = 0;

	*u = (struct unit){ .config = "" };
	for (size_t i = 0; i < UNITS && code == 0; i++) {
		g = (struct reading){ .root = r, .text = buf_of(storage, sizeof(storage)) };
		mine = (struct unit){ .config = "" };
		code = read_unit(&g, units[i]);
		if (code > 0)
			code = command_read(&mine, r, &g.command, &g.text);
		add_unit(u, &mine);
	}
	return code;
}
