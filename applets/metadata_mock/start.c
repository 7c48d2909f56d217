/* start.c - from options to a running mock, and to its end */
#define _GNU_SOURCE 1 /* prlimit */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "applets/applet.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"
#include "config.h"
#include "crypto/crypto.h"

#include "control.h"
#include "options.h"

enum { IDLE_MS = 15000, CRYPTO_ARENA = 1024 * 1024, KEY_TTL_MAX = 86400 };

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

static int64_t date(void *owner)
{
	return mock_now(owner);
}

/* A world that cannot be had as a whole leaves the old one running as a whole. */
static void reload(struct mock *m)
{
	struct world fresh = { 0 };

	if (world_open(&fresh, m->config, mock_now(m)) < 0 || listeners_plan(m, &fresh) < 0) {
		log_warn("reload: %s; the old world goes on", err_text());
		world_close(&fresh);
		return;
	}
	if (listeners_move(m) < 0)
		log_warn("reload: %s", err_text());
	keys_move(&m->keys, &fresh);
	imds_forget();
	world_close(&m->world);
	m->world = fresh;
	log_info("reload: %zu instances", fresh.instances.n);
}

static int write_root(const struct mock *m)
{
	const struct authority *a = &m->authority;

	return m->ca_out ? io_write_file(m->ca_out, a->pem, a->pem_n, 0644, true) : 0;
}

void mock_refresh(struct mock *m)
{
	int64_t now = mock_now(m);
	int r = authority_renew(&m->authority, m->state, now);

	keys_expire(&m->keys, now);
	if (r < 0)
		log_warn("certificates: %s", err_text());
	if (r != 0 && write_root(m) < 0)
		log_warn("certificates: %s", err_text());
}

static void tick(void *owner)
{
	struct mock *m = owner;

	mock_refresh(m);
	if (reload_wanted) {
		reload_wanted = 0;
		reload(m);
	}
}

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
	struct serve_config config = { .handle = mock_handle,
		.tick = tick,
		.now = date,
		.owner = m,
		.connections = MOCK_CONNECTIONS,
		.carrier = CONFIG_TLS ? &tls_carrier : NULL,
		.idle_ms = IDLE_MS };
	void *storage = world_map(serve_size(&config));
	struct live_key *keys = world_map(KEYS_MAX * sizeof(*keys));
	void *arena = world_map(CRYPTO_ARENA);

	m->signer = world_map(signer_size());
	if (!storage || !keys || !arena || !m->signer)
		return err_errno("memory");
	keys_open(&m->keys, keys);
	crypto_init(arena, CRYPTO_ARENA);
	crypto_random(m->secret, sizeof(m->secret));
	m->serve = serve_open(storage, &config);
	return m->serve ? 0 : ERR_SYSTEM;
}

static int take_faults(struct faults *f, const struct opt_list *lines)
{
	BUF(said, CONTROL_REPLY_MAX);
	int r = 0;

	for (size_t i = 0; r >= 0 && i < lines->n; i++) {
		r = faults_command(f, str_of(lines->value[i]), &said);
		if (r >= 0 && said.len > 0)
			r = err(ERR_USAGE, "\"%s\" is for --control", lines->value[i]);
	}
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
	m->state = o->state;
	m->ca_out = o->ca_out;
	m->trail = (struct trail){ o->trail, o->trail_dir };
	return r;
}

static const struct access_key *usable_key(const struct world *w)
{
	for (size_t i = 0; i < w->principals.n; i++)
		for (size_t k = 0; k < w->principals.at[i].keys.n; k++)
			if (!w->principals.at[i].keys.at[k].inactive)
				return &w->principals.at[i].keys.at[k];
	return NULL;
}

/* What a person needs to go on by copy and paste: the first key, and where everything is. */
static int say_ready(const struct mock *m, const struct buf *urls)
{
	const struct access_key *key = usable_key(&m->world);
	const char *region = m->world.instances.at[0].region;
	BUF(line, 8192);

	buf_addf(&line, NAME ": ready at %s for %s in %s\n", buf_text(urls),
		m->world.instances.at[0].id, region);
	if (key)
		buf_addf(&line,
			"export AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s AWS_REGION=%s "
			"AWS_DEFAULT_REGION=%s\n",
			key->id, key->secret, region, region); /* boto3 reads only the last */
	if (m->api_url[0])
		buf_addf(&line, "export AWS_ENDPOINT_URL=%s\n", m->api_url);
	if (m->ca_out && str_starts(str_of(m->api_url), "https"))
		buf_addf(&line, "export AWS_CA_BUNDLE='%s'\n", m->ca_out);
	if (m->imds_url[0])
		buf_addf(&line, "export AWS_EC2_METADATA_SERVICE_ENDPOINT=%s/\n", m->imds_url);
	return applet_print(NAME, buf_view(&line));
}

static int open_all(struct mock *m, const struct options *o, struct buf *urls)
{
	int64_t now = mock_now(m);
	int r = take_memory(m);

	if (r >= 0)
		r = world_open(&m->world, o->config, now);
	if (r >= 0)
		r = authority_open(&m->authority, m->state, now);
	if (r >= 0)
		signer_open(m->signer, &m->authority, &m->faults);
	if (r >= 0)
		r = write_root(m);
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

int mock_run(const struct options *o)
{
	struct mock *m = &mock;
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
