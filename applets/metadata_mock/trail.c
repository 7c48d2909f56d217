/* trail.c - CloudTrail: one JSON record a call, in the shape of a real event
 *
 * Source: "CloudTrail record contents" and "CloudTrail userIdentity element" in the CloudTrail user
 * guide. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "base/log.h"
#include "data/json.h"

#include "call.h"

enum { RECORD_MAX = 24 * 1024 };

static void add_time(struct json_out *o, const char *name, int64_t t)
{
	BUF(time, 64);

	clock_iso(&time, t);
	json_member(o, name, buf_text(&time));
}

static void add_session(struct json_out *o, const struct identity *w)
{
	json_name(o, "sessionContext");
	json_open(o, '{');
	json_name(o, "sessionIssuer");
	json_open(o, '{');
	if (w->principal) {
		json_member(o, "type", "Role");
		json_member(o, "principalId", w->principal->unique_id);
		json_member(o, "arn", w->principal->arn);
		json_member(o, "accountId", w->account->id);
		json_member(o, "userName", w->principal->name);
	}
	json_close(o, '}');
	json_name(o, "webIdFederationData");
	json_open(o, '{');
	json_close(o, '}');
	json_name(o, "attributes");
	json_open(o, '{');
	add_time(o, "creationDate", w->session.issued);
	json_member(o, "mfaAuthenticated", "false");
	json_close(o, '}');
	if (w->session.kind == SESSION_INSTANCE_ROLE)
		json_member(o, "ec2RoleDelivery", "2.0");
	json_close(o, '}');
}

static const char *identity_type(const struct identity *w)
{
	if (w->provider)
		return "WebIdentityUser";
	if (w->temporary)
		return "AssumedRole";
	return w->principal->kind == PRINCIPAL_ROOT ? "Root" : "IAMUser";
}

static void add_identity(struct json_out *o, const struct identity *w)
{
	json_name(o, "userIdentity");
	json_open(o, '{');
	json_member(o, "type", identity_type(w));
	json_member(o, "principalId", w->id);
	if (w->provider) {
		json_member(o, "userName", w->subject);
		json_member(o, "identityProvider", w->provider);
		json_close(o, '}');
		return;
	}
	json_member(o, "arn", w->arn);
	json_member(o, "accountId", w->account->id);
	json_member(o, "accessKeyId", w->key_id);
	if (w->temporary)
		add_session(o, w);
	else if (w->principal->kind == PRINCIPAL_USER)
		json_member(o, "userName", w->principal->name);
	json_close(o, '}');
}

/* What CloudTrail writes differs from what the client sees. */
static void add_failure(struct json_out *o, const struct call *c)
{
	BUF(code, 128);

	if (call_protocol(c) == PROTOCOL_EC2)
		buf_puts(&code, c->a->status < 500 ? "Client." : "Server.");
	if (c->failed == FAIL_DENIED && call_protocol(c) != PROTOCOL_EC2)
		buf_puts(&code, "AccessDenied");
	else
		buf_puts(&code, call_failure_name(c));
	json_member(o, "errorCode", buf_text(&code));
	json_member(o, "errorMessage", c->words);
}

static void add_record(struct buf *out, const struct call *c)
{
	struct json_out o = json_out(out, 0);
	char id[UUID_TEXT];
	BUF(source, 128);

	mock_uuid(id);
	buf_addf(&source, "%s.amazonaws.com", c->action->prefix);
	json_open(&o, '{');
	json_member(&o, "eventVersion", "1.08");
	add_identity(&o, &c->who);
	add_time(&o, "eventTime", c->now);
	json_member(&o, "eventSource", buf_text(&source));
	json_member(&o, "eventName", c->action->name);
	json_member(&o, "awsRegion", c->region);
	json_member(&o, "sourceIPAddress", c->source);
	json_name(&o, "userAgent");
	json_add_str(&o, c->user_agent);
	if (c->failed != FAIL_NONE)
		add_failure(&o, c);
	json_name(&o, "requestParameters");
	json_add_raw(&o,
		c->parameters.len > 0 && !c->parameters.full ? buf_view(&c->parameters)
							     : STR("null"));
	json_member(&o, "responseElements", NULL);
	json_member(&o, "requestID", c->request_id);
	json_member(&o, "eventID", id);
	json_name(&o, "readOnly");
	json_add_bool(&o, c->action->reads);
	json_member(&o, "eventType", "AwsApiCall");
	json_name(&o, "managementEvent");
	json_add_bool(&o, true);
	json_member(&o, "recipientAccountId", c->who.account->id);
	json_member(&o, "eventCategory", "Management");
	json_close(&o, '}');
}

/* DIR/AWSLogs/ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/ACCOUNT_CloudTrail_REGION_TIME_RANDOM.json */
static int write_log_file(const char *dir, const struct call *c, const struct buf *record)
{
	BUF(path, 1024);
	BUF(time, 32);
	static char text[RECORD_MAX + 32];
	struct buf file = buf_of(text, sizeof(text));
	char id[UUID_TEXT];
	int r;

	mock_uuid(id);
	clock_basic(&time, c->now);
	buf_addf(&path, "%s/AWSLogs/%s/CloudTrail/%s/%.4s/%.2s/%.2s", dir, c->who.account->id,
		c->region, time.p, time.p + 4, time.p + 6);
	r = io_make_dir(buf_text(&path), 0700);
	if (r < 0)
		return r;
	/* the name has minutes, not seconds */
	buf_addf(&path, "/%s_CloudTrail_%s_%.13sZ_%.8s%.4s%.4s.json", c->who.account->id, c->region,
		time.p, id, id + 9, id + 14);
	buf_puts(&file, "{\"Records\":[");
	buf_str(&file, buf_view(record));
	buf_puts(&file, "]}");
	r = buf_check(&path, dir);
	return r < 0 ? r : io_write_file(buf_text(&path), file.p, file.len, 0600, false);
}

int trail_check(const struct trail *t)
{
	int r = t->dir ? io_make_dir(t->dir, 0700) : 0;

	if (r < 0)
		return err_in(r, "option --cloudtrail-dir");
	if (t->dir && access(t->dir, W_OK | X_OK) < 0)
		return err_errno("option --cloudtrail-dir: %s", t->dir);
	r = t->file ? io_append_file(t->file, "", 0) : 0;
	return r < 0 ? err_in(r, "option --cloudtrail") : 0;
}

void trail_record(const struct trail *t, const struct call *c)
{
	static char text[RECORD_MAX];
	struct buf record = buf_of(text, sizeof(text));
	int r = 0;

	if (!t->file && !t->dir)
		return;
	add_record(&record, c);
	if (t->dir)
		r = write_log_file(t->dir, c, &record);
	buf_putc(&record, '\n');
	if (r >= 0 && t->file)
		r = io_append_file(t->file, record.p, record.len);
	if (r < 0 || record.full)
		log_warn("trail: %s", r < 0 ? err_text() : "record too long");
}
