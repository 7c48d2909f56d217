/* writer.c - keeps an authorized_keys file up to date, for servers that cannot ask a command
 *
 * It looks each second (one request), proves everything anew when the answer is another and at
 * least each minute, and takes each key out at its end, whatever the metadata service says by then.
 * While nobody answers, the keys that were proven stay until their end. */
#include "applets/authkeys/writer.h"

#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

#include "applets/applet.h"
#include "applets/authkeys/keyfile.h"
#include "applets/authkeys/offer.h"
#include "applets/authkeys/say.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/sandbox.h"

#define LOOK_MS 1000
#define ANEW_SECONDS 60

/* A key in the file. */
struct held {
	int64_t expires;
	char line[EIC_HELD_LINE_MAX];
	size_t n;
};

static struct held held[EIC_HELD_MAX];
static size_t n_held;

static struct plan *plan; /* for the signal handler, too */
static struct keyfile file;
static volatile sig_atomic_t stopped;

/* What is waited for in the middle of an answer ends, too. */
static void stop(int signal)
{
	(void)signal;
	stopped = 1;
	plan_again(plan, (struct deadline){ 1 });
}

static void catch_signals(void)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP };
	struct sigaction act = { .sa_handler = stop };

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &act, NULL);
}

static void hold(void *owner, const struct keyblob *block, const struct sshkey *key)
{
	const struct output_options plain = { .restrict_to = NULL };
	struct held *h = &held[n_held];
	struct buf line = buf_of(h->line, sizeof(h->line));

	(void)owner;
	if (n_held == EIC_HELD_MAX) {
		say_note("writer", "more than %d keys: the others are left out", EIC_HELD_MAX);
		return;
	}
	output_add(&line, &plain, block, key);
	if (line.full)
		return;
	h->n = line.len;
	h->expires = block->earliest;
	n_held++;
}

/* Drops the keys whose end has come. True when there was one. */
static bool expire(int64_t now)
{
	size_t kept = 0, had = n_held;

	for (size_t i = 0; i < had; i++)
		if (held[i].expires > now)
			held[kept++] = held[i];
	n_held = kept;
	return kept < had;
}

static int write_held(void)
{
	static char storage[EIC_HELD_MAX * EIC_HELD_LINE_MAX];
	struct buf lines = buf_of(storage, sizeof(storage));

	for (size_t i = 0; i < n_held; i++)
		buf_add(&lines, held[i].line, held[i].n);
	return keyfile_write(&file, buf_view(&lines));
}

/* Says it unless that was said last: a line a second would fill any log. */
static void say_once(char *before, size_t cap, const char *step, const char *words)
{
	if (strcmp(before, words) == 0)
		return;
	if (!str_copy(before, cap, str_of(words)))
		before[0] = 0;
	if (words[0])
		say_note(step, "%s", words);
}

/* One line for whoever looks at the console. what is for when there is no key. */
static void say_state(const char *what)
{
	static char before[ERR_TEXT_MAX];
	BUF(now, sizeof(before));

	if (n_held > 0)
		buf_addf(&now, "%zu key%s for %.*s in %s", n_held, n_held == 1 ? "" : "s",
			STR_ARG(file.user), file.path);
	else
		buf_addf(&now, "%s for %.*s", what, STR_ARG(file.user));
	say_once(before, sizeof(before), "state", buf_text(&now));
}

static void write_and_say(void)
{
	static char before[ERR_TEXT_MAX];
	const char *words = write_held() < 0 ? err_text() : "";

	if (!words[0] && file.held)
		words = "somebody else holds the lock of the folder: it is not waited for";
	say_once(before, sizeof(before), "writer", words);
}

/* What the last look saw. */
struct look {
	unsigned char seen[32]; /* SHA-256 of the keys as the service has them */
	int64_t proven;         /* when everything was proven last */
	unsigned char told[EIC_BLOCKS_MAX];
	struct offer offer;
};

/* Proves everything anew. When the service falls silent meanwhile, what was proven before stays. */
static void prove(struct look *look)
{
	size_t had = n_held;
	enum offer_end end;
	unsigned granted;

	n_held = 0;
	look->offer.now = look->proven = clock_now();
	end = offer_judge(plan, &look->offer, &granted);
	if (end == OFFER_NO_ANSWER || end == OFFER_NO_SIGNER) {
		n_held = had;
		look->proven = 0;
	}
}

/* An answer is not waited for beyond the end of a key: who holds it back would hold the key in. */
static int64_t patience(int64_t timeout_ms)
{
	int64_t seconds = timeout_ms / 1000, now = clock_now();

	for (size_t i = 0; i < n_held; i++)
		if (held[i].expires - now < seconds)
			seconds = held[i].expires - now;
	return seconds * 1000;
}

/* Looks once. The words are what to say when there is no key. */
static const char *look_once(struct look *look, int64_t timeout_ms)
{
	unsigned char now[32];
	bool fresh;
	int r;

	expire(clock_now());
	plan_again(plan, deadline_in(patience(timeout_ms)));
	r = stopped ? ERR_NET : plan_keys(plan);
	if (r < 0 && r != ERR_ABSENT)
		return "waiting for the metadata service: no keys";
	if (r == ERR_ABSENT)
		buf_clear(&plan->keys);
	digest_sha256(now, plan->keys.p, plan->keys.len);
	fresh = !mem_equal(now, look->seen, sizeof(now));
	if (fresh)
		memset(look->told, 0, sizeof(look->told));
	if (r == ERR_ABSENT)
		n_held = 0;
	else if (fresh || clock_now() >= look->proven + ANEW_SECONDS)
		prove(look);
	memcpy(look->seen, now, sizeof(now));
	return "no keys";
}

/* Until the next look; no key stays longer than that behind its end. */
static void wait_a_while(void)
{
	if (!stopped)
		(void)poll(NULL, 0, LOOK_MS);
}

static void keep_up_to_date(struct look *look, int64_t timeout_ms)
{
	while (!stopped) {
		const char *what = look_once(look, timeout_ms);

		expire(clock_now());
		write_and_say();
		say_state(what);
		wait_a_while();
	}
}

/* Nothing but the folder of the file may be written to from here on. */
static void confine(const char *path)
{
	static char folder[PATH_MAX];
	struct buf name = buf_of(folder, sizeof(folder));

	buf_add(&name, path, (size_t)(strrchr(path, '/') - path) + 1);
	authkeys_confine(&(struct sandbox){ .folder = folder });
}

int writer_run(
	const char *name, const struct authkeys_options *o, struct plan *p, struct str instance_id)
{
	static struct look look;
	int r = keyfile_open(&file, o->output_file, o->user);

	plan = p;
	/* first of all, what an earlier run may have left when it was killed */
	if (r == 0)
		r = write_held();
	if (r < 0) {
		say_note("writer", "%s", err_text());
		return applet_fail(name, r);
	}
	confine(o->output_file);
	look.offer = (struct offer){ .instance_id = instance_id, .grant = hold, .told = look.told };
	catch_signals();
	keep_up_to_date(&look, o->timeout_ms);
	n_held = 0;
	r = write_held();
	say_note("state", "stopped: %s", r < 0 ? err_text() : "no key is left in the file");
	keyfile_close(&file);
	return r < 0 ? EXIT_FAILED : EXIT_DONE;
}
