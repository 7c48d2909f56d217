/* say.c - what a run tells: the log, and with -v or --json every step on stderr */
#include "applets/authkeys/say.h"

#include <stdarg.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"
#include "data/json.h"

#define JSON_LINE_MAX 4096

static bool json;

void say_open(const char *ident, const struct say_options *o)
{
	int targets = o->console ? LOG_TO_KMSG : LOG_TO_SYSLOG;

	json = o->json;
	if (!json && (o->verbose || o->console))
		targets |= LOG_TO_STDERR;
	log_open(ident, targets, o->verbose ? LOGLEVEL_DEBUG : LOGLEVEL_INFO);
}

static struct json_out begin(struct buf *line, const char *step)
{
	struct json_out o = json_out(line, 0);

	json_open(&o, '{');
	json_member(&o, "step", step);
	return o;
}

/* Half a line would be no JSON: one that does not fit is left out. */
static void finish(struct json_out *o)
{
	json_close(o, '}');
	buf_putc(o->b, '\n');
	if (!o->b->full && io_write(2, o->b->p, o->b->len) < 0)
		return;
}

static void json_words(const char *step, struct str words)
{
	BUF(line, JSON_LINE_MAX);
	struct json_out o = begin(&line, step);

	json_name(&o, "words");
	json_add_str(&o, words);
	finish(&o);
}

void say_step(const char *step, const char *fmt, ...)
{
	BUF(words, ERR_TEXT_MAX);
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&words, fmt, ap);
	va_end(ap);
	log_debug("%s: %s", step, buf_text(&words));
	if (json)
		json_words(step, buf_view(&words));
}

void say_note(const char *step, const char *fmt, ...)
{
	BUF(words, ERR_TEXT_MAX);
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&words, fmt, ap);
	va_end(ap);
	log_info("%s", buf_text(&words));
	if (json)
		json_words(step, buf_view(&words));
}

static void add_field(struct buf *line, const char *what, struct str value)
{
	if (value.n > 0)
		buf_addf(line, "%s%.*s", what, STR_ARG(value));
}

/* The line of a granted key reads like the one that the shell agent writes, so that what watches
 * logs for it goes on working. */
static void log_key(const struct say_key *key)
{
	BUF(line, ERR_TEXT_MAX);

	if (key->reason)
		buf_addf(&line, "Refusing ssh key from EC2 Instance Connect: %s", key->reason);
	else
		buf_puts(&line, "Providing ssh key from EC2 Instance Connect");
	add_field(&line, key->reason ? ", fingerprint: " : " with fingerprint: ", key->fingerprint);
	add_field(&line, ", request-id: ", key->request);
	add_field(&line, ", for IAM principal: ", key->caller);
	log_info("%s", buf_text(&line));
}

static void json_field(struct json_out *o, const char *name, struct str value)
{
	if (value.n == 0)
		return;
	json_name(o, name);
	json_add_str(o, value);
}

static void json_key(const struct say_key *key)
{
	BUF(line, JSON_LINE_MAX);
	BUF(expires, 32);
	struct json_out o = begin(&line, "key");

	json_name(&o, "granted");
	json_add_bool(&o, !key->reason);
	if (key->reason)
		json_member(&o, "reason", key->reason);
	json_field(&o, "fingerprint", key->fingerprint);
	json_field(&o, "request", key->request);
	json_field(&o, "caller", key->caller);
	if (key->expires > 0)
		clock_iso(&expires, key->expires);
	json_field(&o, "expires", buf_view(&expires));
	finish(&o);
}

void say_key(const struct say_key *key)
{
	log_key(key);
	if (json)
		json_key(key);
}

static void json_number(struct json_out *o, const char *name, int64_t value)
{
	json_name(o, name);
	json_add_int(o, value);
}

void say_end(const struct say_end *end)
{
	BUF(line, JSON_LINE_MAX);
	struct json_out o;

	log_debug("end: status %d, %u keys, %u requests on %u connections, %lld ms", end->status,
		end->keys, end->requests, end->connections, (long long)end->ms);
	if (!json)
		return;
	o = begin(&line, "end");
	json_number(&o, "status", end->status);
	json_number(&o, "keys", end->keys);
	json_number(&o, "requests", end->requests);
	json_number(&o, "connections", end->connections);
	json_number(&o, "ms", end->ms);
	finish(&o);
}
