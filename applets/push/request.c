/* request.c - what is sent for one instance, and how the answer is shown */
#include "applets/push/push.h"
#include "data/json.h"

#define TOKENS_MAX 64

const char *push_operation(const struct push *p)
{
	return p->options.serial ? "SendSerialConsoleSSHPublicKey" : "SendSSHPublicKey";
}

int push_body(const struct push *p, struct str instance, struct buf *out)
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

static void show_json(struct json id, struct str text, bool success, struct buf *out)
{
	struct json_out o = json_out(out, 4);

	json_open(&o, '{');
	if (json_type(id) == JSON_STRING) {
		json_name(&o, "RequestId");
		json_add_str(&o, text);
	}
	json_name(&o, "Success");
	json_add_bool(&o, success);
	json_close(&o, '}');
	buf_putc(out, '\n');
}

int push_show(const struct push *p, const struct api_answer *answer, struct buf *out)
{
	struct json_token tokens[TOKENS_MAX];
	struct json_doc doc;
	struct json root, id;
	bool success;
	int r = json_parse(&doc, answer->body, tokens, TOKENS_MAX);
	BUF(text, 256);

	if (r < 0)
		return err(ERR_FORMAT,
			"the endpoint does not answer as EC2 Instance Connect does (not JSON)");
	root = json_root(&doc);
	id = json_get(root, "RequestId");
	if (!json_bool(json_get(root, "Success"), &success) ||
		(json_type(id) == JSON_STRING && json_text(id, &text) < 0))
		return err(ERR_FORMAT, "the endpoint does not answer as EC2 Instance Connect does");
	if (p->text_output)
		buf_addf(out, "%.*s\t%s\n", (int)text.len, text.p, success ? "True" : "False");
	else
		show_json(id, buf_view(&text), success, out);
	return success ? 0 : 1;
}
