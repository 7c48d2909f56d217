/* metadata_mock.c - the metadata service and the EC2 Instance Connect API, offline */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "applet.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"
#include "config.h"
#include "crypto/crypto.h"
#include "metadata_mock/control.h"
#include "metadata_mock/mock.h"

#define NAME "metadata-mock"
/* an option that a build without TLS does not know */
#define TLS(words) (CONFIG_TLS ? (words) : NULL)
#define DEFAULT_LISTEN "127.0.0.1:1338"

enum { IDLE_MS = 15000, CRYPTO_ARENA = 1024 * 1024, BACKLOG = 1024, KEY_TTL_MAX = 86400 };

struct options {
	struct opt_list listen, imds, api, tls, hosts, faults;
	const char *state, *ca_out, *key_ttl, *trail, *trail_dir, *config, *control;
	const char *spot_action, *spot_time, *rebalance_time, *event_code, *event_state;
	const char *not_before, *not_after, *deadline, *delay;
	bool expose, verbose, imdsv2_only, smithy, loose_v1, print_config, asg_termination;
};

static struct mock mock; /* one a process; the signal handlers need it */
static volatile sig_atomic_t reload_wanted;

/* The clock is asked once a round: a request needs the time several times. */
int64_t mock_now(const struct mock *m)
{
	static int64_t round, wall;
	int64_t ms = m->serve ? serve_round_ms(m->serve) : 0;

	if (ms == 0 || ms != round) {
		wall = clock_now();
		round = ms;
	}
	return wall + m->faults.clock_offset;
}

void mock_uuid(char out[static UUID_TEXT])
{
	unsigned char r[16];
	struct buf b = buf_of(out, UUID_TEXT);

	crypto_random(r, sizeof(r));
	r[6] = (unsigned char)((r[6] & 0x0f) | 0x40);
	r[8] = (unsigned char)((r[8] & 0x3f) | 0x80);
	for (size_t i = 0; i < sizeof(r); i++)
		buf_addf(&b, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", r[i]);
}

/* --- requests --- */

/* A page in a browser can make a name of its own mean our address; it cannot make it an address. */
static bool host_ok(const struct mock *m, struct str host)
{
	struct str name = host, port;
	struct sock_address a;

	if (host.n > 0 && host.p[0] == '[')
		return sock_parse(&a, host) >= 0 ||
			(str_ends(host, "]") && host.n > 2 &&
				sock_literal(&a, (struct str){ host.p + 1, host.n - 2 }, 1) >= 0);
	port = host;
	(void)str_cut(&port, ':', &name);
	if (str_ieq(name, STR("localhost")) || sock_literal(&a, name, 1) >= 0)
		return true;
	for (size_t i = 0; i < m->hosts->n; i++)
		if (str_ieq(name, str_of(m->hosts->value[i])))
			return true;
	return false;
}

static void refuse(struct serve_answer *a, int status, const char *words)
{
	a->status = status;
	buf_puts(a->headers, "Content-Type: text/plain\r\n");
	buf_puts(a->body, words);
}

static void route(struct mock *m, const struct serve_request *rq, struct serve_answer *a)
{
	const struct listener *l = &m->listeners[rq->listener];
	const struct instance *in = l->instance ? l->instance : &m->world.instances.at[0];
	struct str host = http_header(rq->head, "host");
	bool api = str_is(rq->head->method, "POST") && str_is(rq->head->target, "/");

	if (rq->local->storage.ss_family == AF_INET6 && !in->imds_ipv6 && !api)
		a->drop = true; /* nobody listens there */
	else if (host.p && !host_ok(m, host))
		refuse(a, 403, "This host name is not served here: see --host\n");
	else if (api && (l->serves & SERVES_API))
		service_handle(m, rq, a);
	else if (l->serves & SERVES_IMDS) {
		imds_handle(m, in, rq, a);
		faults_apply(faults_take(&m->faults, rq->head->target, false), a);
	} else
		refuse(a, 404, "");
}

static void handle(void *owner, const struct serve_request *rq, struct serve_answer *a)
{
	struct mock *m = owner;

	keys_expire(&m->keys, mock_now(m));
	route(m, rq, a);
	if (m->verbose) {
		BUF(peer, 64);

		sock_add_text(&peer, rq->peer);
		log_info("%s \"%.*s %.*s\" %d %zu", buf_text(&peer), STR_ARG(rq->head->method),
			STR_ARG(rq->head->target), a->status, a->body->len);
	}
}

static int64_t date(void *owner)
{
	return mock_now(owner);
}

/* --- the world --- */

static void *map(size_t n)
{
	void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		-1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static int read_world(struct world *w, const char *path, int64_t now)
{
	struct buf text;
	void *p;
	int r;

	if (!path)
		return world_read(w, "default world", str_of(world_default), now);
	p = map(WORLD_TEXT_MAX + 1);
	if (!p)
		return err_errno("%s: memory", path);
	text = buf_of(p, WORLD_TEXT_MAX + 1);
	r = io_read_file(path, &text);
	if (r >= 0)
		r = world_read(w, path, buf_view(&text), now);
	munmap(p, WORLD_TEXT_MAX + 1);
	return r;
}

/* --- listening --- */

static int listen_at(struct mock *m, const char *text, int serves, const struct instance *in,
	bool expose, struct buf *urls)
{
	struct sock_address a;
	int fd, i, r = sock_parse(&a, str_of(text));

	if (r < 0)
		return err_in(ERR_USAGE, "listen");
	if (!expose && !sock_is_loopback(&a))
		return err(ERR_USAGE,
			"listen: %s: not a loopback address; whoever reaches it gets keys and "
			"credentials: give --expose",
			text);
	fd = sock_listen(&a, BACKLOG);
	if (fd < 0)
		return fd;
	i = serve_listen(m->serve, fd);
	r = i < 0 ? i : sock_local(fd, &a);
	if (r < 0) {
		close(fd);
		return r;
	}
	m->listeners[i] = (struct listener){ serves, in };
	buf_addf(urls, "%s%s://", urls->len > 0 ? " " : "", serves & SERVES_TLS ? "https" : "http");
	sock_add_text(urls, &a);
	return 0;
}

static int listen_list(
	struct mock *m, const struct opt_list *list, int serves, bool expose, struct buf *urls)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < list->n; i++)
		r = listen_at(m, list->value[i], serves, NULL, expose, urls);
	return r;
}

/* Is the instance served at its own address already? */
static bool is_served(const struct mock *m, const struct instance *in)
{
	for (size_t i = 0; i < SERVE_LISTENERS_MAX; i++)
		if (m->listeners[i].instance == in)
			return true;
	return false;
}

/* Instances with an address of their own; so many that their URLs are only in the world. */
static int listen_instances(struct mock *m)
{
	BUF(ignored, 64);
	int r = 0;

	for (size_t i = 0; r >= 0 && i < m->world.instances.n; i++) {
		const struct instance *in = &m->world.instances.at[i];

		buf_clear(&ignored);
		if (in->imds && !is_served(m, in))
			r = listen_at(m, in->imds, SERVES_IMDS, in, m->expose, &ignored);
	}
	return r;
}

static int listen_all(struct mock *m, const struct options *o, struct buf *urls)
{
	bool given = o->listen.n + o->imds.n + o->api.n + o->tls.n > 0;
	int r = given
		? 0
		: listen_at(m, DEFAULT_LISTEN, SERVES_IMDS | SERVES_API, NULL, o->expose, urls);

	if (r >= 0)
		r = listen_list(m, &o->listen, SERVES_IMDS | SERVES_API, o->expose, urls);
	if (r >= 0)
		r = listen_list(m, &o->imds, SERVES_IMDS, o->expose, urls);
	if (r >= 0)
		r = listen_list(m, &o->api, SERVES_API, o->expose, urls);
	if (r >= 0 && o->tls.n > 0)
		r = tls_listener_open(m);
	if (r >= 0)
		r = listen_list(m, &o->tls, SERVES_API | SERVES_TLS, o->expose, urls);
	return r < 0 ? r : listen_instances(m);
}

/* --- another world --- */

/* Who is still there, at the same address, keeps its listener. */
static void move_listeners(struct mock *m, const struct world *to)
{
	for (size_t i = 0; i < SERVE_LISTENERS_MAX; i++) {
		const struct instance *old = m->listeners[i].instance, *in;

		if (!old)
			continue;
		in = world_instance(to, str_of(old->id));
		if (in && in->imds && strcmp(in->imds, old->imds) == 0) {
			m->listeners[i].instance = in;
			continue;
		}
		serve_unlisten(m->serve, (int)i);
		m->listeners[i] = (struct listener){ 0 };
	}
}

/* A bad file leaves the old world running. */
static void reload(struct mock *m, const char *path)
{
	struct world fresh = { 0 };

	if (read_world(&fresh, path, mock_now(m)) < 0) {
		log_warn("reload: %s", err_text());
		return;
	}
	move_listeners(m, &fresh);
	keys_move(&m->keys, &fresh);
	imds_forget();
	world_close(&m->world);
	m->world = fresh;
	if (listen_instances(m) < 0)
		log_warn("reload: %s", err_text());
	log_info("reload: %zu instances", fresh.instances.n);
}

static void tick(void *owner)
{
	struct mock *m = owner;

	keys_expire(&m->keys, mock_now(m));
	if (reload_wanted) {
		reload_wanted = 0;
		reload(m, m->config);
	}
}

/* --- start and end --- */

static void on_stop(int sig)
{
	(void)sig;
	serve_stop(mock.serve);
}

static void on_reload(int sig)
{
	(void)sig;
	reload_wanted = 1;
}

static void catch_signals(void)
{
	struct sigaction stop = { .sa_handler = on_stop }, hup = { .sa_handler = on_reload };
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGHUP, &hup, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
}

/* A fleet and a full table of connections need more descriptors than the usual 1,024. */
static void raise_limit(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) < 0)
		return;
	l.rlim_cur = l.rlim_max < 8192 ? l.rlim_max : 8192;
	(void)prlimit(0, RLIMIT_NOFILE, &l, NULL); /* libc's setrlimit brings 1 KB for threads */
}

static int take_memory(struct mock *m)
{
	struct serve_config config = { .handle = handle,
		.tick = tick,
		.now = date,
		.owner = m,
		.connections = MOCK_CONNECTIONS,
		.carrier = CONFIG_TLS ? &tls_carrier : NULL,
		.idle_ms = IDLE_MS };
	void *storage = map(serve_size(&config));
	struct live_key *keys = map(KEYS_MAX * sizeof(*keys));
	void *arena = map(CRYPTO_ARENA);

	m->signer = map(signer_size());
	if (!storage || !keys || !arena || !m->signer)
		return err_errno("memory");
	keys_open(&m->keys, keys);
	crypto_init(arena, CRYPTO_ARENA);
	crypto_random(m->secret, sizeof(m->secret));
	m->serve = serve_open(storage, &config);
	return m->serve ? 0 : ERR_SYSTEM;
}

static int take_time(const char *name, const char *value, int64_t fallback, int64_t *out)
{
	*out = fallback;
	if (value && !clock_read(str_of(value), out))
		return err(ERR_USAGE,
			"option --%s: \"%s\" is not a time such as 2024-01-01T00:00:00Z", name,
			value);
	return 0;
}

static int take_choice(const char *name, const char *value, const char *const *choices)
{
	if (!value)
		return 0;
	for (; *choices; choices++)
		if (strcmp(value, *choices) == 0)
			return 0;
	return err(ERR_USAGE, "option --%s: \"%s\" is none of its values", name, value);
}

/* What the well-known mock of the metadata service calls spot, events and asglifecycle. */
static int take_events(struct events *e, const struct options *o, int64_t now)
{
	static const char *const actions[] = { "terminate", "stop", "hibernate", NULL };
	static const char *const codes[] = { "instance-reboot", "system-reboot",
		"system-maintenance", "instance-retirement", "instance-stop", NULL };
	static const char *const states[] = { "active", "completed", "canceled", NULL };
	long delay = 0;
	int r = o->delay ? opt_number("--delay", o->delay, 0, KEY_TTL_MAX, &delay) : 0;

	*e = (struct events){ o->spot_action, o->event_code,
		o->event_state ? o->event_state : "active",
		o->asg_termination ? "Terminated" : NULL, 0, 0, 0, 0, 0, now + delay };
	if (r >= 0)
		r = take_choice("spot-action", o->spot_action, actions);
	if (r >= 0)
		r = take_choice("event-code", o->event_code, codes);
	if (r >= 0)
		r = take_choice("event-state", o->event_state, states);
	if (r >= 0)
		r = take_time("spot-time", o->spot_time, e->visible_at + 120, &e->spot_time);
	if (r >= 0)
		r = take_time("rebalance-time", o->rebalance_time,
			o->spot_action ? e->visible_at : 0, &e->rebalance_time);
	if (r >= 0)
		r = take_time("event-not-before", o->not_before, now, &e->not_before);
	if (r >= 0)
		r = take_time("event-not-after", o->not_after, now + 7 * 86400, &e->not_after);
	if (r >= 0)
		r = take_time("event-deadline", o->deadline, now + 9 * 86400, &e->deadline);
	return r;
}

static int take_faults(struct faults *f, const struct opt_list *lines)
{
	BUF(ignored, CONTROL_REPLY_MAX);
	int r = 0;

	for (size_t i = 0; r >= 0 && i < lines->n; i++)
		r = faults_command(f, str_of(lines->value[i]), &ignored);
	return r < 0 ? err_in(ERR_USAGE, "option --fault") : 0;
}

static int take_options(struct mock *m, const struct options *o)
{
	long ttl = EIC_KEY_LIFE;
	int r = o->key_ttl ? opt_number("--key-ttl", o->key_ttl, 1, KEY_TTL_MAX, &ttl) : 0;

	if (r >= 0)
		r = take_faults(&m->faults, &o->faults);
	if (r >= 0)
		r = take_events(&m->events, o, mock_now(m));
	m->key_ttl = ttl;
	m->tokens_required = o->imdsv2_only;
	m->smithy_statuses = o->smithy;
	m->loose_v1 = o->loose_v1;
	m->verbose = o->verbose;
	m->expose = o->expose;
	m->hosts = &o->hosts;
	m->config = o->config;
	m->trail = (struct trail){ o->trail, o->trail_dir };
	return r;
}

/* An access key of the first user, so that a person can go on by copy and paste. */
static void add_exports(const struct mock *m, struct buf *out)
{
	for (size_t i = 0; i < m->world.principals.n; i++) {
		const struct principal *p = &m->world.principals.at[i];

		if (p->keys.n == 0)
			continue;
		buf_addf(out,
			"export AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s AWS_REGION=%s\n",
			p->keys.at[0].id, p->keys.at[0].secret, m->world.instances.at[0].region);
		return;
	}
}

static int say_ready(const struct mock *m, const struct buf *urls)
{
	BUF(line, 4096);

	buf_addf(&line, NAME ": ready at %s for %s in %s\n", buf_text(urls),
		m->world.instances.at[0].id, m->world.instances.at[0].region);
	add_exports(m, &line);
	return applet_print(NAME, buf_view(&line));
}

static int open_all(struct mock *m, const struct options *o, struct buf *urls)
{
	int64_t now = mock_now(m);
	int r = take_memory(m);

	if (r >= 0)
		r = read_world(&m->world, o->config, now);
	if (r >= 0)
		r = authority_open(&m->authority, o->state, now);
	if (r >= 0)
		signer_open(m->signer, &m->authority, &m->faults);
	if (r >= 0 && o->ca_out)
		r = io_write_file(o->ca_out, m->authority.pem, m->authority.pem_n, 0644, true);
	if (r >= 0)
		r = trail_check(&m->trail);
	if (r >= 0)
		r = listen_all(m, o, urls);
	if (r >= 0 && o->control)
		r = control_open(m, o->control);
	return r < 0 ? r : 0;
}

static void close_all(struct mock *m)
{
	control_close(m);
	if (m->serve)
		serve_close(m->serve);
	if (m->signer)
		signer_close(m->signer);
	tls_listener_close();
	authority_close(&m->authority);
	world_close(&m->world);
}

static int print_world(const struct options *o)
{
	size_t room = 64 * 1024 * 1024;
	struct world w = { 0 };
	void *p = map(room);
	struct buf out;
	int r = p ? read_world(&w, o->config, clock_now()) : err_errno("memory");

	if (r < 0)
		return applet_fail(NAME, r);
	out = buf_of(p, room);
	world_print(&w, &out);
	return buf_check(&out, "world") < 0 ? applet_fail(NAME, ERR_LIMIT)
					    : applet_print(NAME, buf_view(&out));
}

static int run(struct mock *m, const struct options *o)
{
	BUF(urls, 2048);
	int r, status = EXIT_DONE;

	raise_limit();
	log_open(NAME, LOG_TO_STDERR, o->verbose ? LOGLEVEL_INFO : LOGLEVEL_WARNING);
	r = take_options(m, o);
	if (r >= 0)
		r = open_all(m, o, &urls);
	if (r >= 0) {
		catch_signals();
		status = say_ready(m, &urls);
		if (status == EXIT_DONE)
			r = serve_run(m->serve);
	}
	if (r == ERR_USAGE)
		status = applet_usage(NAME, "%s", err_text());
	else if (r < 0)
		status = applet_fail(NAME, r);
	close_all(m);
	log_close();
	return status;
}

static int ask(const struct options *o, int argc, char **argv)
{
	BUF(reply, CONTROL_REPLY_MAX);
	int r = control_ask(o->control, argc - 1, argv + 1, &reply);

	return r < 0 ? applet_fail(NAME, r) : applet_print(NAME, buf_view(&reply));
}

static int metadata_mock_main(int argc, char **argv)
{
	static struct options o;
	const struct opt opts[] = {
		{ OPT_LIST | 'l', "listen", "ADDR:PORT",
			"where both are served [" DEFAULT_LISTEN "]; port 0: any; several times",
			.list = &o.listen },
		{ OPT_LIST, "imds-listen", "ADDR:PORT", "where only the metadata service is",
			.list = &o.imds },
		{ OPT_LIST, "api-listen", "ADDR:PORT", "where only the APIs are", .list = &o.api },
		{ OPT_LIST, TLS("tls-listen"), "ADDR:PORT",
			TLS("where only the APIs are, over TLS, under the same root"),
			.list = &o.tls },
		{ 0, "expose", NULL, "allow addresses that other machines can reach",
			.flag = &o.expose },
		{ OPT_LIST, "host", "NAME",
			"a name that may stand in Host, besides addresses and localhost",
			.list = &o.hosts },
		{ 'c', "config", "FILE", "the world to play, as JSON; SIGHUP reads it again",
			.value = &o.config },
		{ 0, "print-config", NULL, "print the world with all its defaults, and end",
			.flag = &o.print_config },
		{ 0, "state", "DIR", "keep keys and certificates there [make new ones]",
			.value = &o.state },
		{ 0, "ca-out", "FILE", "write the root certificate there, as PEM",
			.value = &o.ca_out },
		{ 0, "key-ttl", "SECONDS", "how long a pushed key lives [60]",
			.value = &o.key_ttl },
		{ 0, "cloudtrail", "FILE", "append a JSON record for each call",
			.value = &o.trail },
		{ 0, "cloudtrail-dir", "DIR",
			"write log files there, named as CloudTrail names them",
			.value = &o.trail_dir },
		{ 'I', "imdsv2-only", NULL, "refuse metadata requests without a token",
			.flag = &o.imdsv2_only },
		{ 0, "v1-ignores-token", NULL,
			"where tokens are optional, ignore a bad one instead of 401",
			.flag = &o.loose_v1 },
		{ 0, "smithy-statuses", NULL,
			"API errors with the statuses of the Smithy model, not the live ones",
			.flag = &o.smithy },
		{ 0, "spot-action", "ACTION", "this instance is to terminate, stop or hibernate",
			.value = &o.spot_action },
		{ 0, "spot-time", "TIME", "when [in two minutes]", .value = &o.spot_time },
		{ 0, "rebalance-time", "TIME", "when the recommendation to rebalance was given",
			.value = &o.rebalance_time },
		{ 0, "event-code", "CODE", "a scheduled event, such as system-reboot",
			.value = &o.event_code },
		{ 0, "event-state", "STATE", "active (default), completed or canceled",
			.value = &o.event_state },
		{ 0, "event-not-before", "TIME", "[now]", .value = &o.not_before },
		{ 0, "event-not-after", "TIME", "[in a week]", .value = &o.not_after },
		{ 0, "event-deadline", "TIME", "[in nine days]", .value = &o.deadline },
		{ 0, "asg-termination", NULL, "the auto scaling group ends this instance",
			.flag = &o.asg_termination },
		{ 0, "delay", "SECONDS", "when all these begin to show [0]", .value = &o.delay },
		{ OPT_LIST, "fault", "WORDS", "what goes wrong from the start; see below",
			.list = &o.faults },
		{ 0, "control", "SOCK",
			"a socket that takes faults; with words: send them to the mock there",
			.value = &o.control },
		{ 'v', "verbose", NULL, "a line on stderr for each request", .flag = &o.verbose },
		{ 0 },
	};
	const struct opt_spec spec = {
		.args = "",
		.summary = "Plays the metadata service and the EC2 Instance Connect API, offline.",
		.opts = opts,
		.more = "Stops on SIGTERM. Without --config there is one account with one "
			"instance, i-0123456789abcdef0 in\n"
			"us-east-1, the user admin who may do everything and the user operator who "
			"may push keys for ec2-user.\n"
			"\n"
			"Faults, for --fault and --control: show; clear; off PREFIX; on PREFIX "
			"with some of status=N error=NAME\n"
			"delay=MS cut=BYTES times=N every=N drop garbage, where PREFIX is a path "
			"or an "
			"action; wrong-salt, wrong-signer,\n"
			"expired-leaf, sha256-names, local-zone on|off; leaf-name NAME|right; "
			"staple good|revoked|unknown|missing|\n"
			"stale; clock SECONDS; throttle PER-SECOND.\n"
			"\n"
			"Exit status: 0 stopped by a signal, 1 failed, 2 wrong usage.\n"
			"\n"
			"Example: metadata-mock --state /tmp/mock --ca-out /tmp/mock-ca.pem "
			"--cloudtrail /tmp/trail.jsonl\n",
	};
	int status = applet_options(NAME, &spec, &argc, argv);

	if (status >= 0)
		return status;
	if (argc > 1 && o.control)
		return ask(&o, argc, argv);
	if (argc > 1)
		return applet_usage(NAME, "%s: no arguments are taken", argv[1]);
	return o.print_config ? print_world(&o) : run(&mock, &o);
}

const struct applet metadata_mock_applet = {
	.name = NAME,
	.summary = "the metadata service and the EC2 Instance Connect API, offline",
	.main = metadata_mock_main,
};
