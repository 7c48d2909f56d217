/* send.c - what is sent for one instance, and what the answer says */
#include <string.h>

#include "applets/push/push.h"
#include "aws/provider.h"
#include "data/json.h"
#include "version.h"

#define TOKENS_MAX 64
#define NO_ANSWER "not an answer of EC2 Instance Connect"

const char *push_operation(const struct push *p)
{
	return p->options.serial ? "SendSerialConsoleSSHPublicKey" : "SendSSHPublicKey";
}

static int add_body(const struct push *p, struct str instance, struct buf *out)
{
	struct json_out o = json_out(out, 0);

	json_open(&o, '{');
	json_name(&o, "InstanceId");
	json_add_str(&o, instance);
	if (p->options.serial) {
		json_name(&o, "SerialPort");
		json_add_int(&o, 0);
	} else {
		json_member(&o, "InstanceOSUser", p->options.user);
	}
	json_name(&o, "SSHPublicKey");
	json_add_str(&o, buf_view(&p->key));
	if (p->send_zone)
		json_member(&o, "AvailabilityZone", p->options.zone);
	json_close(&o, '}');
	return buf_check(out, "request");
}

static struct deadline patience(const struct client *c)
{
	if (c->connect_ms == 0 || c->read_ms == 0)
		return (struct deadline){ 0 };
	return deadline_in(c->connect_ms + c->read_ms);
}

/* The call for one instance; body and target are the caller's and must live as long. */
static int prepare(struct api_call *call, const struct push *p, struct str instance,
	struct buf *body, struct buf *target)
{
	int r = add_body(p, instance, body);

	buf_addf(target, "AWSEC2InstanceConnectService.%s", push_operation(p));
	*call = (struct api_call){
		.endpoint = p->endpoint,
		.region = p->region,
		.service = STR(PUSH_SERVICE),
		.target = buf_text(target),
		.body = buf_view(body),
		.creds = &p->creds,
		.user_agent = "eicbox/" EICBOX_VERSION,
		.now = clock_now(),
		.deadline = patience(&p->client),
	};
	return r;
}

/* "timed out" alone does not tell whether to wait longer or to look elsewhere. */
static int explain_timeout(int r, int64_t started, unsigned attempts)
{
	long long waited = (long long)(clock_mono_ms() - started + 500) / 1000;

	if (r != ERR_NET || !str_find(str_of(err_text()), "timed out", NULL))
		return r;
	return err(r, "%s: %lld s in %u attempt%s", err_text(), waited, attempts,
		attempts == 1 ? "" : "s");
}

int push_send(struct push *p, struct str instance, struct api_answer *answer)
{
	BUF(body, PUSH_BODY_MAX);
	BUF(target, 128);
	struct api_call call;
	int64_t started = clock_mono_ms();
	unsigned attempts = 0;
	int r = prepare(&call, p, instance, &body, &target);

	memset(answer, 0, sizeof(*answer));
	if (r < 0)
		return r;
	r = retry_call(&p->retry, &p->client, &call, answer, &p->storage, &attempts);
	return explain_timeout(r, started, attempts);
}

int push_dry_run(const struct push *p, struct str instance, struct buf *out)
{
	BUF(body, PUSH_BODY_MAX);
	BUF(target, 128);
	struct api_call call;
	int r = prepare(&call, p, instance, &body, &target);

	if (r < 0)
		return r;
	call.attempt = 1;
	call.attempts = p->retry.attempts;
	r = api_describe(&call, out);
	buf_putc(out, '\n');
	return r < 0 ? r : buf_check(out, "request");
}

int push_read(struct push_result *result, const struct api_answer *answer)
{
	struct json_token tokens[TOKENS_MAX];
	struct json_doc doc;
	struct buf id = buf_of(result->id, sizeof(result->id));

	if (json_parse(&doc, answer->body, tokens, TOKENS_MAX) < 0)
		return err(ERR_FORMAT, NO_ANSWER " (not JSON)");
	if (json_type(json_get(json_root(&doc), "RequestId")) != JSON_STRING)
		return err(ERR_FORMAT, NO_ANSWER " (without RequestId)");
	if (json_text(json_get(json_root(&doc), "RequestId"), &id) < 0)
		return err(ERR_FORMAT, NO_ANSWER " (a bad RequestId)");
	/* --output text shows it as it is */
	if (!provider_visible(buf_view(&id)))
		return err(ERR_FORMAT, NO_ANSWER " (odd characters in RequestId)");
	if (!json_bool(json_get(json_root(&doc), "Success"), &result->success))
		return err(ERR_FORMAT, NO_ANSWER " (without Success)");
	return 0;
}

int push_failed(const struct push_result *result)
{
	return err(ERR_DENIED,
		"AWS answered \"Success\": false without a reason: try again; AWS Support can "
		"tell more of RequestId %s",
		result->id);
}

void push_show(const struct push *p, const struct push_result *result, struct buf *out)
{
	struct json_out o = json_out(out, 4);

	if (p->text_output) {
		buf_addf(out, "%s\t%s\n", result->id, result->success ? "True" : "False");
		return;
	}
	json_open(&o, '{');
	json_member(&o, "RequestId", result->id);
	json_name(&o, "Success");
	json_add_bool(&o, result->success);
	json_close(&o, '}');
	buf_putc(out, '\n');
}
