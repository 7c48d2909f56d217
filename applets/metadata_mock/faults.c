/* faults.c - what goes wrong on purpose, and the language in which that is asked for
 *
 *	on PREFIX WORD...  for a path of the metadata service that begins with PREFIX
 *	                   ("/latest/..."), or an action of an API; the longest prefix counts;
 *	                   every=N spares all but each Nth request
 *	off PREFIX         that rule goes
 *	NAME VALUE         one of the settings below
 *	show, clear        all of them
 *
 * What would change nothing is refused. */
#include <string.h>

#include "base/err.h"
#include "config.h"

#include "call.h"
#include "control.h"

#define RULE_WORDS "status=N error=NAME delay=MS cut=BYTES times=N every=N drop garbage"

const struct fault_rule *faults_take(struct faults *f, struct str path, bool api)
{
	for (size_t i = 0; i < f->n_rules; i++) {
		struct fault_rule *rule = &f->rules[i];

		/* of the APIs an action's name, of the metadata service a path */
		if (rule->times == 0 || (rule->prefix[0] == '/') == api ||
			!str_starts(path, rule->prefix))
			continue;
		if (rule->every > 0 && ++rule->seen % rule->every != 0)
			continue;
		if (rule->times > 0)
			rule->times--;
		return rule;
	}
	return NULL;
}

void faults_apply(const struct fault_rule *rule, struct serve_answer *a)
{
	if (!rule)
		return;
	a->delay_ms = rule->delay_ms;
	a->drop = rule->drop;
	a->cut = rule->cut;
	if (rule->status != 0) {
		a->status = rule->status;
		if (!rule->error[0])
			buf_clear(a->body);
	}
	if (rule->garbage)
		for (size_t i = 0; i < a->body->len; i++)
			a->body->p[i] = (char)(a->body->p[i] ^ 0x55);
}

/* --- settings --- */

static const char *const staple_names[] = { "good", "revoked", "unknown", "missing", "stale" };
static const char *const switch_names[] = { "off", "on" };

enum setting_kind { SWITCH, STAPLE, NAME, SECONDS, RATE };

static const struct setting {
	const char *name;
	enum setting_kind kind;
	size_t offset;
} settings[] = {
	{ "wrong-salt", SWITCH, offsetof(struct faults, wrong_salt) },
	{ "wrong-signer", SWITCH, offsetof(struct faults, wrong_signer) },
	{ "expired-leaf", SWITCH, offsetof(struct faults, expired_leaf) },
	{ "leaf-name", NAME, offsetof(struct faults, leaf_name) },
	{ "staple", STAPLE, offsetof(struct faults, staple) },
	{ "sha256-names", SWITCH, offsetof(struct faults, sha256_names) },
	{ "local-zone", SWITCH, offsetof(struct faults, local_zone) },
	{ "clock", SECONDS, offsetof(struct faults, clock_offset) },
	{ "throttle", RATE, offsetof(struct faults, throttle) },
};

static int choose(const char *const *names, size_t n, struct str word)
{
	for (size_t i = 0; i < n; i++)
		if (str_is(word, names[i]))
			return (int)i;
	return -1;
}

static bool read_seconds(struct str word, int64_t *out)
{
	bool minus = str_starts(word, "-");
	uint64_t n;

	if (minus || str_starts(word, "+")) {
		word.p++;
		word.n--;
	}
	if (!str_u64(word, 3650L * 86400, &n))
		return false;
	*out = minus ? -(int64_t)n : (int64_t)n;
	return true;
}

static bool set(const struct setting *s, struct faults *f, struct str word)
{
	void *to = (char *)f + s->offset;
	int chosen = -1;
	uint64_t n;

	switch (s->kind) {
	case SWITCH:
		chosen = choose(switch_names, 2, word);
		if (chosen >= 0)
			*(bool *)to = chosen == 1;
		return chosen >= 0;
	case STAPLE:
		chosen = choose(staple_names, sizeof(staple_names) / sizeof(staple_names[0]), word);
		if (chosen >= 0)
			f->staple = (unsigned)chosen;
		return chosen >= 0;
	case NAME:
		return word.n > 0 &&
			str_copy(to, sizeof(f->leaf_name), str_is(word, "right") ? STR("") : word);
	case SECONDS: return read_seconds(word, to);
	case RATE:
		if (!str_u64(word, 1000000, &n))
			return false;
		*(unsigned *)to = (unsigned)n;
		return true;
	}
	return false;
}

static void show_setting(const struct setting *s, const struct faults *f, struct buf *out)
{
	const void *at = (const char *)f + s->offset;

	buf_addf(out, "%s ", s->name);
	if (s->kind == SWITCH)
		buf_puts(out, switch_names[*(const bool *)at]);
	else if (s->kind == STAPLE)
		buf_puts(out, staple_names[f->staple]);
	else if (s->kind == NAME)
		buf_puts(out, f->leaf_name[0] ? f->leaf_name : "right");
	else if (s->kind == SECONDS)
		buf_addf(out, "%lld", (long long)f->clock_offset);
	else
		buf_addf(out, "%u", f->throttle);
	buf_putc(out, '\n');
}

/* --- rules --- */

static void show_rule(const struct fault_rule *rule, struct buf *out)
{
	buf_addf(out, "on %s", rule->prefix);
	if (rule->status)
		buf_addf(out, " status=%d", rule->status);
	if (rule->error[0])
		buf_addf(out, " error=%s", rule->error);
	if (rule->delay_ms)
		buf_addf(out, " delay=%lld", (long long)rule->delay_ms);
	if (rule->cut)
		buf_addf(out, " cut=%zu", rule->cut);
	if (rule->times >= 0)
		buf_addf(out, " times=%ld", rule->times);
	if (rule->every > 0)
		buf_addf(out, " every=%lu", rule->every);
	buf_addf(out, "%s%s\n", rule->drop ? " drop" : "", rule->garbage ? " garbage" : "");
}

static bool read_word(struct fault_rule *rule, struct str word)
{
	struct str value = word, name;
	uint64_t n = 0;
	bool number;

	if (str_is(word, "drop"))
		return rule->drop = true;
	if (str_is(word, "garbage"))
		return rule->garbage = true;
	if (!str_has(word, '=') || !str_cut(&value, '=', &name))
		return false;
	if (str_is(name, "error"))
		return failure_named(value) != FAIL_NONE &&
			str_copy(rule->error, sizeof(rule->error), value);
	number = str_u64(value, 86400000, &n);
	if (str_is(name, "status"))
		rule->status = (int)n;
	else if (str_is(name, "delay"))
		rule->delay_ms = (int64_t)n;
	else if (str_is(name, "cut"))
		rule->cut = (size_t)n;
	else if (str_is(name, "times"))
		rule->times = (long)n;
	else if (str_is(name, "every"))
		rule->every = (unsigned long)n;
	else
		return false;
	return number && (!str_is(name, "status") || (n >= 200 && n <= 599));
}

/* False: there is none. */
static bool remove_rule(struct faults *f, struct str prefix)
{
	for (size_t i = 0; i < f->n_rules; i++)
		if (str_is(prefix, f->rules[i].prefix)) {
			f->n_rules--;
			memmove(&f->rules[i], &f->rules[i + 1],
				(f->n_rules - i) * sizeof(f->rules[0]));
			return true;
		}
	return false;
}

/* Longer prefixes stand first, so that what is said of a part counts there. */
static void insert_rule(struct faults *f, const struct fault_rule *rule)
{
	size_t i = f->n_rules++;

	for (; i > 0 && strlen(f->rules[i - 1].prefix) < strlen(rule->prefix); i--)
		f->rules[i] = f->rules[i - 1];
	f->rules[i] = *rule;
}

static bool begins_action(const struct action *table, const char *prefix)
{
	while (table->name && !str_starts(str_of(table->name), prefix))
		table++;
	return table->name != NULL;
}

/* A rule that could never take effect is a misspelled one. */
static int check_rule(const struct fault_rule *rule)
{
	if (rule->times == 0 ||
		!(rule->status || rule->error[0] || rule->delay_ms || rule->cut || rule->drop ||
			rule->garbage))
		return err(ERR_USAGE, "fault: %s: this changes nothing; give " RULE_WORDS,
			rule->prefix);
	if (rule->prefix[0] == '/')
		return rule->error[0] ? err(ERR_USAGE, "fault: a path has no error=, only a status")
				      : 0;
	if (begins_action(connect_actions, rule->prefix) ||
		(CONFIG_MOCK_QUERY &&
			(begins_action(ec2_actions, rule->prefix) ||
				begins_action(sts_actions, rule->prefix))))
		return 0;
	return err(ERR_USAGE, "fault: \"%s\" begins neither a path nor the name of an action",
		rule->prefix);
}

static int add_rule(struct faults *f, struct str line)
{
	struct fault_rule rule = { .times = -1 };
	struct str word;

	if (!str_take_word(&line, &word) || !str_copy(rule.prefix, sizeof(rule.prefix), word))
		return err(ERR_USAGE, "fault: on what? A path, or the name of an action");
	while (str_take_word(&line, &word))
		if (!read_word(&rule, word))
			return err(
				ERR_USAGE, "fault: \"%.*s\" is none of " RULE_WORDS, STR_ARG(word));
	if (check_rule(&rule) < 0)
		return ERR_USAGE;
	(void)remove_rule(f, str_of(rule.prefix));
	if (f->n_rules == FAULT_RULES_MAX)
		return err(ERR_LIMIT, "fault: more than %d rules", FAULT_RULES_MAX);
	insert_rule(f, &rule);
	return 0;
}

static int change(struct faults *f, struct str name, struct str line)
{
	struct str word = str_trim(line); /* one word, or it fits nowhere */

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		if (!str_is(name, settings[i].name))
			continue;
		if (!set(&settings[i], f, word))
			return err(ERR_USAGE, "fault: %s cannot be \"%.*s\"", settings[i].name,
				STR_ARG(word));
		return 0;
	}
	return err(ERR_USAGE,
		"fault: \"%.*s\" is not known; there are on, off, show, clear, wrong-salt, "
		"wrong-signer, expired-leaf, "
		"leaf-name, staple, sha256-names, local-zone, clock, throttle",
		STR_ARG(name));
}

static void show(const struct faults *f, struct buf *out)
{
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		show_setting(&settings[i], f, out);
	for (size_t i = 0; i < f->n_rules; i++)
		show_rule(&f->rules[i], out);
}

int faults_command(struct faults *f, struct str line, struct buf *reply)
{
	unsigned generation = f->generation + 1;
	struct str word, rest = line;
	int r = 0;

	if (!str_take_word(&rest, &word))
		return err(ERR_USAGE, "fault: which? \"show\" lists all");
	rest = str_trim(rest);
	if (str_is(word, "show") && rest.n == 0) {
		show(f, reply);
		return 0;
	}
	if (str_is(word, "on"))
		r = add_rule(f, rest);
	else if (str_is(word, "off"))
		r = remove_rule(f, rest)
			? 0
			: err(ERR_ABSENT, "fault: there is none on \"%.*s\"", STR_ARG(rest));
	else if (str_is(word, "clear") && rest.n == 0)
		*f = (struct faults){ 0 };
	else
		r = change(f, word, rest);
	if (r >= 0)
		f->generation = generation;
	return r;
}
