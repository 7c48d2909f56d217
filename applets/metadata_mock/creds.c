/* creds.c - temporary credentials, which nobody has to remember: the token says everything, and is
 *sealed
 *
 *	token  = base64("1" LF kind LF account LF role LF session name LF issued LF expiry LF
 *policy, then 32 bytes of HMAC) secret and access key id are derived from the token by the same
 *key. */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "crypto/crypto.h"
#include "data/enc.h"
#include "mock.h"

enum { SEAL = 32, LIFE = 6 * 3600, ROTATION = 3600 };

static void seal(
	const struct mock *m, const char *purpose, struct str text, unsigned char out[static 32])
{
	unsigned char key[32];

	hmac_sha256(
		key, (struct str){ (const char *)m->secret, sizeof(m->secret) }, str_of(purpose));
	hmac_sha256(out, (struct str){ (const char *)key, sizeof(key) }, text);
	mem_wipe(key, sizeof(key));
}

/* ASIA and 16 of A-Z2-7; 40 characters of base64 */
static void derive(const struct mock *m, struct str text, struct temporary *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	unsigned char sum[32];
	struct buf id = buf_of(out->id, sizeof(out->id)),
		   secret = buf_of(out->secret, sizeof(out->secret));

	seal(m, "id", text, sum);
	buf_puts(&id, "ASIA");
	for (size_t i = 0; i < 16; i++)
		buf_putc(&id, digits[sum[i] & 31]);
	seal(m, "secret", text, sum);
	base64_add(&secret, sum, 30);
}

int creds_make(const struct mock *m, const struct session *s, struct temporary *out)
{
	struct buf text = buf_of(out->text, sizeof(out->text)),
		   token = buf_of(out->token, sizeof(out->token));
	unsigned char sum[SEAL];

	if (s->policy.n > SESSION_POLICY_MAX)
		return err(ERR_LIMIT, "session policy: longer than %d bytes", SESSION_POLICY_MAX);
	buf_addf(&text, "1\n%c\n%s\n%s\n%s\n%lld\n%lld\n", (char)s->kind, s->account, s->role,
		s->name, (long long)s->issued, (long long)s->expiry);
	buf_str(&text, s->policy);
	derive(m, buf_view(&text), out);
	seal(m, "token", buf_view(&text), sum);
	buf_add(&text, sum, sizeof(sum));
	base64_add(&token, text.p, text.len);
	if (buf_check(&text, "token") < 0)
		return ERR_LIMIT;
	return buf_check(&token, "token");
}

static bool take_time(struct str *text, int64_t *out)
{
	struct str line;
	uint64_t n;

	if (!str_take_line(text, &line) || !str_u64(line, INT64_MAX, &n))
		return false;
	*out = (int64_t)n;
	return true;
}

static bool take_session(struct str text, struct session *s)
{
	struct str version, kind, account, role, name;

	if (!str_take_line(&text, &version) || !str_is(version, "1") ||
		!str_take_line(&text, &kind) || kind.n != 1 || !str_take_line(&text, &account) ||
		!str_take_line(&text, &role) || !str_take_line(&text, &name) ||
		!take_time(&text, &s->issued) || !take_time(&text, &s->expiry))
		return false;
	s->kind = (enum session_kind)kind.p[0];
	s->policy = text;
	return str_copy(s->account, sizeof(s->account), account) &&
		str_copy(s->role, sizeof(s->role), role) &&
		str_copy(s->name, sizeof(s->name), name);
}

int creds_read(const struct mock *m, struct str token, struct session *s, struct temporary *out)
{
	struct buf text = buf_of(out->text, sizeof(out->text));
	unsigned char sum[SEAL];
	struct str body;

	if (base64_read(token, false, &text) < 0 || text.len < SEAL)
		return err(ERR_DENIED, "token: not one of ours");
	body = (struct str){ text.p, text.len - SEAL };
	seal(m, "token", body, sum);
	if (!mem_equal(sum, body.p + body.n, SEAL) || !take_session(body, s))
		return err(ERR_DENIED, "token: not one of ours");
	derive(m, body, out);
	return 0;
}

int creds_of_instance(const struct mock *m, const struct instance *in, bool role, int64_t now,
	struct session *s, struct temporary *out)
{
	*s = (struct session){ .kind = role ? SESSION_INSTANCE_ROLE : SESSION_INSTANCE };
	s->issued = now - now % ROTATION;
	s->expiry = s->issued + LIFE;
	if (!str_copy(s->account, sizeof(s->account), str_of(in->account->id)) ||
		!str_copy(s->role, sizeof(s->role), str_of(role ? in->role : "aws:ec2-instance")) ||
		!str_copy(s->name, sizeof(s->name), str_of(in->id)))
		return err(ERR_LIMIT, "%s: names too long", in->id);
	return creds_make(m, s, out);
}
