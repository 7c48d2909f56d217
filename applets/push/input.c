/* input.c - parameters that stand in files: --cli-input-json and --instances */
#include <string.h>

#include "applets/push/push.h"
#include "base/io.h"
#include "data/json.h"
#include "eic/limits.h"

#define INPUT_MAX 16384
#define INPUT_TOKENS 32
#define LIST_MAX (PUSH_INSTANCES_MAX * 64)

static char texts[INPUT_MAX]; /* what the options point to */
static char instances[PUSH_INSTANCES_MAX][PUSH_ID_MAX];
static char list_storage[LIST_MAX];

static bool is_url(const char *given)
{
	return str_starts(str_of(given), PUSH_FILE_SCHEME);
}

int push_read_file(struct buf *text, const struct config *c, const char *given)
{
	BUF(path, CONFIG_PATH_MAX);
	int r;

	if (is_url(given))
		given += sizeof(PUSH_FILE_SCHEME) - 1;
	r = config_expand(c, str_of(given), &path);
	return r < 0 ? r : io_read_file(buf_text(&path), text);
}

/* Sets one option from a member, unless the command line has it. */
static int take_text(struct json value, const char *name, const char **option, struct buf *storage)
{
	const char *start = buf_tail(storage);

	if (json_type(value) != JSON_STRING || json_text(value, storage) < 0)
		return err(ERR_USAGE, "option --cli-input-json: %s: not a text", name);
	buf_putc(storage, 0);
	if (!*option)
		*option = start;
	return storage->full ? err(ERR_USAGE, "option --cli-input-json: too long") : 0;
}

static int take_member(struct push_options *o, struct json name, struct buf *storage)
{
	const char *id = NULL;
	const struct {
		const char *name;
		const char **option;
	} members[] = {
		{ "InstanceId", &id },
		{ "InstanceOSUser", &o->user },
		{ "SSHPublicKey", &o->key },
		{ "AvailabilityZone", &o->zone },
	};
	int64_t port;
	int r;

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		if (!json_is(name, members[i].name))
			continue;
		r = take_text(json_value(name), members[i].name, members[i].option, storage);
		if (r == 0 && id && o->instances.n == 0 && !o->instances_file)
			o->instances.value[o->instances.n++] = id;
		return r;
	}
	if (!json_is(name, "SerialPort"))
		return err(ERR_USAGE, "option --cli-input-json: no parameter %.*s",
			STR_ARG(json_raw(name)));
	if (!json_int(json_value(name), &port) || port != 0)
		return err(ERR_USAGE, "option --cli-input-json: SerialPort can only be 0");
	return 0;
}

int push_input(struct push_options *o, const struct config *c)
{
	struct json_token tokens[INPUT_TOKENS];
	struct json_doc doc;
	struct buf storage = buf_of(texts, sizeof(texts));
	BUF(text, INPUT_MAX);
	int r = 0;

	if (!o->input)
		return 0;
	if (is_url(o->input))
		r = push_read_file(&text, c, o->input);
	else
		buf_puts(&text, o->input);
	if (r == 0)
		r = json_parse(&doc, buf_view(&text), tokens, INPUT_TOKENS);
	if (r < 0)
		return err_in(ERR_USAGE, "option --cli-input-json");
	if (json_type(json_root(&doc)) != JSON_OBJECT)
		return err(ERR_USAGE, "option --cli-input-json: not a JSON object");
	for (struct json i = json_first(json_root(&doc)); r == 0 && json_type(i) != JSON_NONE;
		i = json_next(json_root(&doc), i))
		r = take_member(o, i, &storage);
	return r;
}

static bool is_known(const struct push *p, struct str id)
{
	for (size_t i = 0; i < p->n_instances; i++)
		if (str_is(id, p->instances[i]))
			return true;
	return false;
}

/* Each instance once, however often it is named. */
static int add_instance(struct push *p, struct str id, const char *where)
{
	if (!eic_instance_id_ok(id))
		return err(ERR_USAGE,
			"%s: \"%.*s\" is not an instance id such as i-1234567890abcdef0", where,
			STR_ARG(id));
	if (is_known(p, id))
		return 0;
	if (p->n_instances == PUSH_INSTANCES_MAX)
		return err(ERR_USAGE, "%s: more than %d instances", where, PUSH_INSTANCES_MAX);
	(void)str_copy(p->instances[p->n_instances++], PUSH_ID_MAX, id);
	return 0;
}

/* Mostly one id, but the AWS CLI's text output has many on a line. */
static int add_line(struct push *p, struct str line, size_t number)
{
	struct str word;
	int r = 0;

	while (r == 0 && str_take_word(&line, &word) && !str_starts(word, "#")) {
		BUF(where, 64);

		buf_addf(&where, "option --instances: line %zu", number);
		r = add_instance(p, word, buf_text(&where));
	}
	return r;
}

static int read_list(struct push *p, const char *path)
{
	struct buf text = buf_of(list_storage, sizeof(list_storage));
	struct str rest, line;
	size_t n = 0;
	int r = io_read_file(path, &text);

	if (r < 0)
		return err_in(ERR_USAGE, "option --instances");
	rest = buf_view(&text);
	while (r == 0 && str_take_line(&rest, &line))
		r = add_line(p, str_trim(line), ++n);
	return r;
}

int push_instances(struct push *p)
{
	const struct push_options *o = &p->options;
	int r = 0;

	p->instances = instances;
	for (size_t i = 0; r == 0 && i < o->instances.n; i++)
		r = add_instance(p, str_of(o->instances.value[i]), "option --instance-id");
	if (r == 0 && o->instances_file)
		r = read_list(p, o->instances_file);
	if (r == 0 && p->n_instances == 0)
		r = err(ERR_USAGE,
			o->instances_file ? "option --instances: no instance in it"
					  : "option --instance-id is missing");
	return r;
}
