/* config.c - settings of the AWS CLI's files and environment variables */
#include "aws/config.h"

#include <string.h>

#include "base/io.h"
#include "base/log.h"
#include "data/ini.h"
#include "eic/limits.h"

#define NONE ((struct str){ NULL, 0 })
#define NAME_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-/.%@_:+"

struct str config_env_get(const struct config *c, const char *name)
{
	const char *value = c->env(name);

	return value && value[0] ? str_of(value) : NONE;
}

bool config_is_true(struct str value)
{
	return str_ieq(value, STR("true"));
}

static void add_variable(const struct config *c, struct str *rest, struct buf *out)
{
	struct str name = *rest;
	char text[128];
	size_t n = 0, skip = 0;

	if (str_starts(*rest, "{") && str_has(*rest, '}')) {
		name.p++;
		while (name.p[n] != '}')
			n++;
		skip = 2;
	} else {
		while (n < rest->n &&
			str_all((struct str){ rest->p + n, 1 },
				"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"))
			n++;
	}
	name.n = n;
	/* what is not set stays as it is written */
	if (n > 0 && str_copy(text, sizeof(text), name) && config_env_get(c, text).p)
		buf_str(out, config_env_get(c, text));
	else
		buf_addf(out, "$%.*s", (int)(n + skip), rest->p);
	rest->p += n + skip;
	rest->n -= n + skip;
}

int config_expand(const struct config *c, struct str path, struct buf *out)
{
	struct str ignored;

	if (str_is(path, "~") || str_starts(path, "~/")) {
		struct str home = config_env_get(c, "HOME");

		if (!home.p)
			return err(ERR_ABSENT, "%.*s: HOME is not set", STR_ARG(path));
		buf_str(out, home);
		(void)str_take(&path, 1, &ignored);
	}
	while (path.n > 0) {
		if (path.p[0] != '$') {
			buf_putc(out, path.p[0]);
			(void)str_take(&path, 1, &ignored);
			continue;
		}
		(void)str_take(&path, 1, &ignored);
		add_variable(c, &path, out);
	}
	return buf_check(out, "path");
}

/* Is this the section "kind name"? The name can be quoted. */
static bool is_section(struct str section, const char *kind, struct str name)
{
	struct str word, rest = section;

	if (!str_take_word(&rest, &word) || !str_is(word, kind))
		return false;
	rest = str_trim(rest);
	if (rest.n >= 2 && (rest.p[0] == '"' || rest.p[0] == '\'') &&
		rest.p[rest.n - 1] == rest.p[0])
		rest = (struct str){ rest.p + 1, rest.n - 2 };
	else if (!str_all(rest, NAME_CHARS))
		return false;
	return rest.n > 0 && str_eq(rest, name);
}

static bool is_config_profile(const struct config *c, struct str section, struct str profile)
{
	if (str_is(section, "default"))
		return !c->prefixed_default && str_is(profile, "default");
	return is_section(section, "profile", profile);
}

/* One file and what is wanted of it. kind NULL: a profile. */
struct query {
	const struct config *c;
	struct str text;
	bool credentials;
	const char *kind;
	struct str name;
	const char *group, *key; /* key NULL: only whether the section is there */
};

static bool wanted_section(const struct query *q, struct str section)
{
	if (q->kind)
		return is_section(section, q->kind, q->name);
	if (q->credentials)
		return str_eq(section, q->name);
	return is_config_profile(q->c, section, q->name);
}

static bool wanted_entry(
	const struct query *q, const struct ini *in, enum ini_kind kind, struct str group)
{
	if (!q->key || !str_ieq(in->key, str_of(q->key)))
		return false;
	if (q->group)
		return kind == INI_SUBENTRY && str_ieq(group, str_of(q->group));
	return kind == INI_ENTRY;
}

/* The last value that fits; seen tells whether the section is there at all. */
static struct str look_up(const struct query *q, bool *seen)
{
	struct ini in = ini_of(q->text);
	struct str found = NONE, group = NONE;
	enum ini_kind kind;
	bool inside = false;

	while ((kind = ini_next(&in)) != INI_END) {
		if (kind == INI_SECTION) {
			inside = wanted_section(q, in.section);
			*seen = *seen || inside;
		}
		if (kind == INI_BAD && in.section.n == 0)
			inside = false;
		if (inside && wanted_entry(q, &in, kind, group))
			found = in.value;
		if (kind == INI_ENTRY)
			group = in.key;
	}
	return found;
}

static struct str look_in(
	const struct config *c, bool credentials, struct str profile, const char *key, bool *seen)
{
	struct query q = { .c = c, .credentials = credentials, .name = profile, .key = key };

	q.text = buf_view(credentials ? &c->credentials : &c->file);
	return look_up(&q, seen);
}

struct str config_get_from(
	const struct config *c, enum config_where where, struct str profile, const char *key)
{
	struct str value = NONE;
	bool seen = false;

	if (where != CONFIG_FILE)
		value = look_in(c, true, profile, key, &seen);
	if (!value.p && where != CONFIG_CREDENTIALS)
		value = look_in(c, false, profile, key, &seen);
	return value;
}

struct str config_get(const struct config *c, const char *key)
{
	return config_get_from(c, CONFIG_BOTH, str_of(c->profile), key);
}

bool config_has_profile(const struct config *c, struct str profile)
{
	bool seen = false;

	(void)look_in(c, true, profile, NULL, &seen);
	(void)look_in(c, false, profile, NULL, &seen);
	return seen;
}

struct str config_get_section(const struct config *c, const char *kind, struct str name,
	const char *group, const char *key)
{
	struct query q = { .c = c,
		.text = buf_view(&c->file),
		.kind = kind,
		.name = name,
		.group = group,
		.key = key };
	bool seen = false;

	return look_up(&q, &seen);
}

bool config_has_section(const struct config *c, const char *kind, struct str name)
{
	struct query q = { .c = c, .text = buf_view(&c->file), .kind = kind, .name = name };
	bool seen = false;

	(void)look_up(&q, &seen);
	return seen;
}

struct str config_setting(const struct config *c, const char *env_name, const char *key)
{
	struct str value = env_name ? config_env_get(c, env_name) : NONE;

	if (value.p)
		return value;
	value = config_get(c, key);
	return value.n > 0 ? value : NONE;
}

static int read_one(const struct config *c, const char *variable, const char *usual, char *path,
	struct buf *text)
{
	struct buf name = buf_of(path, CONFIG_PATH_MAX);
	struct str given = config_env_get(c, variable);
	struct ini in;
	enum ini_kind kind;
	int r;

	buf_clear(text);
	if (!given.p && !config_env_get(c, "HOME").p)
		return 0;
	r = config_expand(c, given.p ? given : str_of(usual), &name);
	if (r == 0)
		r = io_read_file(path, text);
	if (r == ERR_ABSENT)
		return 0;
	in = ini_of(buf_view(text));
	while (r == 0 && (kind = ini_next(&in)) != INI_END)
		if (kind == INI_BAD)
			log_warn("%s: line %zu: not understood, passed over", path, in.line);
	return r;
}

static const char *choose_profile(const struct config *c, const char *given)
{
	static const char *const variables[] = { "AWS_PROFILE", "AWS_DEFAULT_PROFILE" };

	if (given)
		return given;
	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
		if (config_env_get(c, variables[i]).p)
			return config_env_get(c, variables[i]).p;
	return "default";
}

int config_open(struct config *c, config_env *env, const char *profile)
{
	struct query q = { .c = c, .kind = "profile", .name = STR("default") };
	int r;

	c->env = env;
	c->profile = choose_profile(c, profile);
	c->profile_explicit = profile != NULL;
	c->profile_known = c->prefixed_default = false;
	c->file_path[0] = c->credentials_path[0] = 0;
	r = read_one(c, "AWS_CONFIG_FILE", "~/.aws/config", c->file_path, &c->file);
	if (r == 0)
		r = read_one(c, "AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials",
			c->credentials_path, &c->credentials);
	if (r < 0)
		return r;
	q.text = buf_view(&c->file);
	(void)look_up(&q, &c->prefixed_default);
	c->profile_known = config_has_profile(c, str_of(c->profile));
	if (!c->profile_known && strcmp(c->profile, "default") != 0)
		return err(ERR_USAGE, "profile '%s': not in %s and not in %s", c->profile,
			c->file_path[0] ? c->file_path : "~/.aws/config",
			c->credentials_path[0] ? c->credentials_path : "~/.aws/credentials");
	return 0;
}

void config_close(struct config *c)
{
	buf_wipe(&c->file);
	buf_wipe(&c->credentials);
}

int config_region(const struct config *c, const char *given, struct str *region)
{
	*region = given ? str_of(given) : config_env_get(c, "AWS_REGION");
	if (!region->p)
		*region = config_setting(c, "AWS_DEFAULT_REGION", "region");
	if (!region->p)
		return err(ERR_ABSENT,
			"no region: give --region, AWS_REGION, or 'region = ...' in profile %s",
			c->profile);
	if (!eic_region_ok(*region))
		return err(ERR_USAGE, "region '%.*s': not a region such as us-east-1",
			STR_ARG(*region));
	return 0;
}
