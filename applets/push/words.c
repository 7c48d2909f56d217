/* words.c - what to do about a refusal of AWS */
#include "applets/applet.h"
#include "applets/push/push.h"
#include "aws/region.h"
#include "base/io.h"

#define ARN_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:/+=,.@_-"

/* Who and where, for the words. */
struct place {
	const struct push *p;
	struct str instance;
	const struct api_answer *answer;
};

/* The message from that word on; empty where it does not occur. */
static struct str from(const char *message, const char *word)
{
	struct str text = str_of(message), skipped;
	size_t at;

	if (!str_find(text, word, &at) || !str_take(&text, at, &skipped))
		return (struct str){ 0 };
	return text;
}

/* The account in the first ARN of AWS's words: arn:PARTITION:SERVICE:REGION:ACCOUNT:... */
static struct str account_of(const char *message)
{
	struct str rest = from(message, "arn:"), part = { 0 };

	for (int i = 0; i < 5; i++)
		if (!str_cut(&rest, ':', &part))
			return (struct str){ 0 };
	return str_all(part, "0123456789") ? part : (struct str){ 0 };
}

static struct str principal_of(const char *message)
{
	struct str rest = from(message, "User: arn:"), word = { 0 };

	(void)str_take_word(&rest, &word);
	/* it becomes a word of a command line that people copy: nothing in it may be of the shell's
	 */
	return str_take_word(&rest, &word) && str_all(word, ARN_CHARACTERS) ? word
									    : (struct str){ 0 };
}

static void denied(struct buf *out, const struct place *w)
{
	const struct push *p = w->p;
	struct str account = account_of(w->answer->message), who = principal_of(w->answer->message);

	buf_addf(out, "needed is ec2-instance-connect:%s on arn:%s:ec2:%.*s:%.*s:instance/%.*s",
		push_operation(p), region_partition(p->region)->name, STR_ARG(p->region),
		account.n ? (int)account.n : 7, account.n ? account.p : "ACCOUNT",
		STR_ARG(w->instance));
	if (!p->options.serial)
		buf_addf(out, " with ec2:osuser %s", p->options.user);
	buf_addf(out,
		"\nto see why: eicbox policy-check --policy FILE --principal %.*s --instance %.*s "
		"--region %.*s",
		who.n ? (int)who.n : 3, who.n ? who.p : "ARN", STR_ARG(w->instance),
		STR_ARG(p->region));
	if (account.n > 0)
		buf_addf(out, " --account %.*s", STR_ARG(account));
	if (p->options.serial)
		buf_puts(out, " --action serial --explain");
	else
		buf_addf(out, " --os-user %s --explain", p->options.user);
}

static void not_found(struct buf *out, const struct place *w)
{
	buf_addf(out,
		"looked in region %.*s, in the account of key id %.*s (%s): are --region and "
		"--profile right?",
		STR_ARG(w->p->region), STR_ARG(w->p->creds.id), buf_text(&w->p->creds.source));
	if (w->p->send_zone)
		buf_addf(out, " And the zone %s?", w->p->options.zone);
}

static void expired(struct buf *out, const struct place *w)
{
	buf_addf(out, "the credentials (%s) have expired: get new ones",
		buf_text(&w->p->creds.source));
}

static void unknown_key(struct buf *out, const struct place *w)
{
	const struct creds *c = &w->p->creds;
	bool temporary = str_starts(c->id, "ASIA");

	buf_addf(out, "key id %.*s (%s): ", STR_ARG(c->id), buf_text(&c->source));
	if (temporary && c->token.n == 0)
		buf_puts(out, "a temporary one, whose session token is missing");
	else if (str_starts(c->id, "AKIA") && c->token.n > 0)
		buf_puts(out, "has no session token, but one is set: of other keys?");
	else
		buf_addf(out,
			"mistyped, deactivated or deleted%s; or of another partition than %s; or "
			"its account has not enabled %.*s",
			c->token.n > 0 ? ", or its session token is old or of other keys" : "",
			region_partition(w->p->region)->name, STR_ARG(w->p->region));
}

/* A clock that is off was already allowed for when it was tried again. */
static void signature(struct buf *out, const struct place *w)
{
	int64_t off = w->answer->date ? w->answer->date - clock_now() - w->p->retry.skew : 0;

	if (off > RETRY_SKEW_MIN || off < -RETRY_SKEW_MIN)
		buf_addf(out, "this machine's clock is %lld seconds %s AWS's: set it",
			(long long)(off < 0 ? -off : off), off > 0 ? "behind" : "ahead of");
	else
		buf_addf(out,
			"the secret key does not belong to key id %.*s (%s), or a proxy changes "
			"requests",
			STR_ARG(w->p->creds.id), buf_text(&w->p->creds.source));
}

/* Those of AWS's codes that begin so. */
static const struct {
	const char *code;
	void (*advise)(struct buf *out, const struct place *w);
	const char *words;
} table[] = {
	{ "AccessDenied", denied, NULL },
	{ "AuthException", denied, NULL },
	{ "UnauthorizedOperation", denied, NULL },
	{ "EC2InstanceNotFoundException", not_found, NULL },
	{ "EC2InstanceStateInvalidException", NULL, "the instance does not run: start it first" },
	{ "EC2InstanceUnavailableException", NULL, "it may still be booting: wait a minute" },
	{ "EC2InstanceTypeInvalidException", NULL,
		"only instances on Nitro have a serial console" },
	{ "SerialConsoleAccessDisabledException", NULL,
		"the account has to allow it: aws ec2 enable-serial-console-access" },
	{ "SerialConsoleSessionLimitExceededException", NULL,
		"somebody is on it; a session that has ended counts for 30 seconds more" },
	{ "SerialConsoleSessionUnsupportedException", NULL, "reboot the instance, then try again" },
	{ "ThrottlingException", NULL, "AWS wants fewer requests: wait, or lower --jobs" },
	{ "RequestLimitExceeded", NULL, "AWS wants fewer requests: wait, or lower --jobs" },
	{ "ExpiredToken", expired, NULL },
	{ "UnrecognizedClientException", unknown_key, NULL },
	{ "InvalidClientTokenId", unknown_key, NULL },
	{ "InvalidSignatureException", signature, NULL },
	{ "SignatureDoesNotMatch", signature, NULL },
	{ "RequestExpired", signature, NULL },
	{ "InvalidArgsException", NULL,
		"EC2 Instance Connect takes ssh-ed25519, and ssh-rsa of 2048 or 4096 bits" },
	{ "HTTP 4", NULL, "AWS would have named a reason: a proxy or another server answers" },
};

static void advise(struct buf *out, const struct place *w)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (!str_starts(str_of(w->answer->error), table[i].code))
			continue;
		if (table[i].advise)
			table[i].advise(out, w);
		else
			buf_puts(out, table[i].words);
		buf_putc(out, '\n');
	}
}

int push_refuse(const struct push *p, struct str instance, const struct api_answer *answer)
{
	struct place w = { p, instance, answer };
	BUF(advice, 1024);
	int status = applet_fail(PUSH_NAME,
		err(ERR_DENIED, "%.*s: %s: %s", STR_ARG(instance), answer->error, answer->message));

	advise(&advice, &w);
	if (io_write(2, advice.p, advice.len) < 0)
		return EXIT_FAILED;
	return status;
}
