/* say.c - what a run tells: the log, and with -v or --json every step on stderr
 *
 * The lines of JSON are made here and not with data/json.h: they are ASCII by the same rule as the
 * log, and the smallest builds have no other use for it. */
#include "applets/authkeys/say.h"

#include <stdarg.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"

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

/* A string member; the first opens the object. Nothing for an empty value. */
static void add_member(struct buf *line, const char *name, struct str value)
{
	if (value.n == 0)
		return;
	buf_addf(line, "%c\"%s\":\"", line->len ? ',' : '{', name);
	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];

		if (c == '"' || c == '\\')
			buf_putc(line, '\\');
		buf_putc(line, c < ' ' || c > '~' ? '?' : c);
	}
	buf_putc(line, '"');
}

/* Half a line would be no JSON: one that does not fit is left out. */
static void put_line(struct buf *line)
{
	buf_puts(line, "}\n");
	if (!line->full && io_write(2, line->p, line->len) < 0)
		json = false;
}

static void put_words(const char *step, struct str words)
{
	BUF(line, JSON_LINE_MAX);

	if (!json)
		return;
	add_member(&line, "step", str_of(step));
	add_member(&line, "words", words);
	put_line(&line);
}

void say_step(const char *step, const char *fmt, ...)
{
	BUF(words, ERR_TEXT_MAX);
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&words, fmt, ap);
	va_end(ap);
	log_debug("%s: %s", step, buf_text(&words));
	put_words(step, buf_view(&words));
}

void say_note(const char *step, const char *fmt, ...)
{
	BUF(words, ERR_TEXT_MAX);
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&words, fmt, ap);
	va_end(ap);
	log_info("%s", buf_text(&words));
	put_words(step, buf_view(&words));
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

static void json_key(const struct say_key *key)
{
	BUF(line, JSON_LINE_MAX);
	BUF(expires, 32);

	if (key->expires > 0)
		clock_iso(&expires, key->expires);
	add_member(&line, "step", STR("key"));
	buf_addf(&line, ",\"granted\":%s", key->reason ? "false" : "true");
	add_member(&line, "reason", str_of(key->reason));
	add_member(&line, "fingerprint", key->fingerprint);
	add_member(&line, "request", key->request);
	add_member(&line, "caller", key->caller);
	add_member(&line, "expires", buf_view(&expires));
	put_line(&line);
}

void say_key(const struct say_key *key)
{
	log_key(key);
	if (json)
		json_key(key);
}

void say_end(const struct say_end *end)
{
	BUF(line, JSON_LINE_MAX);

	log_debug("end: status %d, %u keys, %u requests on %u connections in %u rounds, %lld ms",
		end->status, end->keys, end->requests, end->connections, end->rounds,
		(long long)end->ms);
	if (!json)
		return;
	buf_addf(&line,
		"{\"step\":\"end\",\"status\":%d,\"keys\":%u,\"requests\":%u,"
		"\"connections\":%u,\"rounds\":%u,\"ms\":%lld",
		end->status, end->keys, end->requests, end->connections, end->rounds,
		(long long)end->ms);
	put_line(&line);
}
