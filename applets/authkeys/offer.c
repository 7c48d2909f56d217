/* offer.c - the keys that the metadata service offers, and which of them are handed out */
#include "applets/authkeys/offer.h"

#include "applets/authkeys/anchors.h"
#include "applets/authkeys/authkeys.h"
#include "applets/authkeys/say.h"
#include "base/clock.h"
#include "eic/trust.h"
#include "version.h"

/* The blocks of the answer that pass the rules which need no crypto. */
struct candidates {
	bool at[EIC_BLOCKS_MAX];
	size_t n;
};

enum { REFUSED = 1, GRANTED };

/* Does the log not have it already that this came of the block? */
static bool is_news(const struct offer *o, size_t i, unsigned char outcome)
{
	bool news = !o->told || o->told[i] != outcome;

	if (o->told)
		o->told[i] = outcome;
	return news;
}

static void refuse(const struct offer *o, size_t i, const struct keyblob *block)
{
	BUF(reason, ERR_TEXT_MAX);
	BUF(fingerprint, SSHKEY_FINGERPRINT_MAX);
	struct sshkey key;
	struct str comment;

	if (!is_news(o, i, REFUSED))
		return;
	buf_puts(&reason, err_text());
	if (sshkey_read_line(&key, block->key, &comment) == 0)
		sshkey_fingerprint(&fingerprint, &key, str_starts(o->fingerprint, "MD5:"));
	say_key(&(struct say_key){ .fingerprint = buf_view(&fingerprint),
		.request = block->request,
		.caller = block->caller,
		.expires = block->earliest,
		.reason = buf_text(&reason) });
}

static void find_candidates(const struct plan *p, const struct offer *o, struct candidates *c)
{
	struct str text = buf_view(&p->keys);
	struct keyblob block;
	struct sshkey key;
	size_t i = 0;
	int r;

	*c = (struct candidates){ .n = 0 };
	for (; i < EIC_BLOCKS_MAX && (r = keyblob_take(&text, &block)) != 0; i++) {
		if (r < 0) {
			say_note("key", "Refusing a block of keys: rule 11: %s", err_text());
			continue;
		}
		if (trust_filter(&block, o->instance_id, o->fingerprint, o->now, &key) < 0) {
			refuse(o, i, &block);
			continue;
		}
		c->at[i] = true;
		c->n++;
	}
	if (i == EIC_BLOCKS_MAX && text.n > 0)
		say_note("key", "more than %d blocks of keys; the others are not looked at",
			EIC_BLOCKS_MAX);
}

static void grant(
	const struct offer *o, size_t i, const struct keyblob *block, const struct sshkey *key)
{
	BUF(fingerprint, SSHKEY_FINGERPRINT_MAX);

	sshkey_fingerprint(&fingerprint, key, str_starts(o->fingerprint, "MD5:"));
	if (is_news(o, i, GRANTED))
		say_key(&(struct say_key){ .fingerprint = buf_view(&fingerprint),
			.request = block->request,
			.caller = block->caller,
			.expires = block->earliest });
	o->grant(o->owner, block, key);
}

/* What came of the candidates. */
struct outcome {
	unsigned granted, forged;
};

static struct outcome grant_candidates(const struct trust *t, const struct plan *p,
	const struct offer *o, const struct candidates *c)
{
	struct str text = buf_view(&p->keys);
	struct outcome out = { 0, 0 };
	struct keyblob block;
	struct sshkey key;
	int r;

	for (size_t i = 0; i < EIC_BLOCKS_MAX && (r = keyblob_take(&text, &block)) != 0; i++) {
		if (r < 0 || !c->at[i])
			continue;
		if (trust_key(t, &block, o->fingerprint, &key) < 0) {
			refuse(o, i, &block);
			/* or else it has expired since it was a candidate */
			out.forged += block.earliest > o->now;
			continue;
		}
		grant(o, i, &block, &key);
		out.granted++;
	}
	return out;
}

static int decide_trust(
	struct plan *p, const struct offer *o, const struct candidates *c, struct outcome *out)
{
	struct trust t = { .proven = false };
	struct trust_facts facts = {
		.now = o->now,
		.build_date = EICBOX_BUILD_EPOCH,
		.instance_id = o->instance_id,
		.region = str_of(p->region),
		.domain = str_of(p->domain),
		.chain_pem = buf_view(&p->chain),
		.n_staples = p->n_staples,
		.anchors = &p->anchors,
		.administrators_anchors = anchors_given(),
	};
	int r;

	for (size_t i = 0; i < p->n_staples; i++)
		facts.staples[i] = p->staples[i];
	r = trust_open(&t, &facts);
	if (r == 0) {
		say_step("trust", "the signer is proven: managed-ssh-signer.%s.%s", p->region,
			p->domain);
		*out = grant_candidates(&t, p, o, c);
	}
	trust_close(&t);
	return r;
}

static int know_instance(struct plan *p, struct offer *o)
{
	int r;

	if (o->instance_id.n > 0)
		return 0;
	r = plan_instance(p);
	if (r < 0)
		return r;
	o->instance_id = str_of(p->instance_id);
	say_note("instance", "the instance id %s is what the metadata service says: sysfs has none",
		p->instance_id);
	return 0;
}

static enum offer_end no_keys(const struct plan *p, int r)
{
	if (r == ERR_ABSENT) {
		say_step("keys", "there are none for %.*s", STR_ARG(p->user));
		return OFFER_NOTHING;
	}
	say_note("keys", "No keys for %.*s: %s", STR_ARG(p->user), err_text());
	return OFFER_NO_ANSWER;
}

enum offer_end offer_judge(struct plan *p, const struct offer *given, unsigned *granted)
{
	struct offer o = *given;
	struct outcome out = { 0, 0 };
	struct candidates c;
	int r;

	*granted = 0;
	r = know_instance(p, &o);
	if (r < 0)
		return no_keys(p, err_in(ERR_NET, "the instance is not known"));
	if (o.fingerprint.n > 0)
		say_note("keys",
			"Querying EC2 Instance Connect keys for matching fingerprint: %.*s",
			STR_ARG(o.fingerprint));
	find_candidates(p, &o, &c);
	if (c.n == 0)
		return OFFER_NOTHING;
	authkeys_start_crypto(o.now);
	r = plan_signer(p);
	o.now = clock_now(); /* asking took its time, and a key may have expired since */
	if (r == 0)
		r = decide_trust(p, &o, &c, &out);
	plan_forget_signer(p);
	if (r < 0)
		say_note("trust", "No keys have been trusted: %s", err_text());
	*granted = out.granted;
	if (r < 0)
		return r == ERR_NET ? OFFER_NO_SIGNER : OFFER_UNTRUSTED;
	if (out.granted == 0)
		return out.forged > 0 ? OFFER_UNTRUSTED : OFFER_NOTHING;
	return OFFER_GRANTED;
}

enum offer_end offer_decide(struct plan *p, const struct offer *o, unsigned *granted)
{
	int r = plan_keys(p);

	*granted = 0;
	return r < 0 ? no_keys(p, r) : offer_judge(p, o, granted);
}
