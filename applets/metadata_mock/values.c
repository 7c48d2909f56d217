/* values.c - what the metadata tree says of an instance besides its texts
 *
 * Sources: "Instance metadata categories", "Instance identity documents" and "Spot Instance
 * interruption notices" in the EC2 user guide. */
#include "values.h"

#include <string.h>

#include "base/clock.h"
#include "base/err.h"

#include "fill.h"

enum { HOUR = 3600 };

/* An object whose parts are texts of the instance, or these pairs. */
static void add_object(
	struct imds_view *v, const struct pair *pairs, size_t n, const char *text, struct buf *out)
{
	const struct fill f = { world_lists[LIST_INSTANCES].members, v->in, pairs, n };

	fill_object(out, &f, text);
}

/* --- who the instance is --- */

static int add_credentials(struct imds_view *v, bool role, struct buf *out)
{
	static struct temporary t;
	struct session s;
	BUF(issued, 32);
	BUF(expiry, 32);
	int r = creds_of_instance(v->m, v->in, role, v->now, &s, &t);
	const struct pair pairs[] = { { "issued", issued_storage }, { "expiry", expiry_storage },
		{ "key", t.id }, { "secret", t.secret }, { "token", t.token } };

	if (r < 0)
		return r;
	clock_iso(&issued, s.issued);
	clock_iso(&expiry, s.expiry);
	add_object(v, pairs, 5,
		"Code=Success|LastUpdated={issued}|Type=AWS-HMAC|AccessKeyId={key}|"
		"SecretAccessKey={secret}|Token={token}|Expiration={expiry}",
		out);
	return 0;
}

static int add_info(struct imds_view *v, const char *text, struct buf *out)
{
	const struct principal *role = world_principal(
		&v->m->world, v->in->account->id, STR("role"), str_of(v->in->role));
	BUF(hour, 32);
	const struct pair pairs[] = { { "hour", hour_storage },
		{ "partition", v->in->account->partition },
		{ "roleId", role ? role->unique_id + (role->unique_id[0] ? 4 : 0) : NULL } };

	clock_iso(&hour, v->now - v->now % HOUR);
	add_object(v, pairs, 3, text, out);
	return 0;
}

static void add_document(struct imds_view *v, struct buf *out)
{
	add_object(v, NULL, 0,
		"accountId={account}|architecture={architecture}|availabilityZone={zone}|"
		"billingProducts={}|devpayProductCodes={}|marketplaceProductCodes={}|"
		"imageId={image}|instanceId={id}|instanceType={type}|kernelId={kernel}|"
		"pendingTime={launched}|privateIp={privateIp}|ramdiskId={ramdisk}|"
		"region={region}|version=2017-09-30",
		out);
}

static int add_signature(struct imds_view *v, enum document_signature kind, struct buf *out)
{
	BUF(document, 2048);

	add_document(v, &document);
	return signer_document(v->m->signer, kind, buf_view(&document), out);
}

/* --- lists --- */

static void add_groups(struct imds_view *v, bool ids, struct buf *out)
{
	for (size_t i = 0; i < v->in->security_groups.n; i++) {
		buf_puts(out, i > 0 ? "\n" : "");
		if (ids)
			instance_group_id(v->in, i, out);
		else
			buf_puts(out, v->in->security_groups.at[i]);
	}
}

static int add_pair(const struct pairs *list, struct str name, struct buf *out)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_is(name, list->at[i].name)) {
			buf_puts(out, list->at[i].value);
			return 0;
		}
	return ERR_ABSENT;
}

/* name is its number: "0" of "0=name" */
static int add_public_key(struct imds_view *v, struct buf *out)
{
	uint64_t i;

	if (!str_u64(v->arg, 1000, &i) || i >= v->in->public_keys.n)
		return ERR_ABSENT;
	buf_addf(out, "%s\n", v->in->public_keys.at[i].value);
	return 0;
}

/* the /64 that the address lies in */
static void add_ipv6_block(struct imds_view *v, struct buf *out)
{
	struct str s = str_of(v->in->ipv6), part;

	for (int i = 0; i < 4 && str_cut(&s, ':', &part) && (i == 0 || part.n > 0); i++)
		buf_addf(out, "%.*s:", STR_ARG(part));
	buf_puts(out, ":/64");
}

/* --- managed-ssh-keys --- */

static void add_users(struct imds_view *v, struct buf *out)
{
	const struct live_key *k = NULL;

	while ((k = keys_next(&v->m->keys, k, v->in, STR(""))) != NULL) {
		const struct live_key *earlier = NULL;

		/* each user once: only where nobody before has that name */
		while ((earlier = keys_next(&v->m->keys, earlier, v->in, str_of(k->user))) != k &&
			earlier)
			break;
		if (earlier == k)
			buf_addf(out, "%s\n", k->user);
	}
}

static int add_active_keys(struct imds_view *v, struct buf *out)
{
	struct live_key *k = NULL;
	int r = ERR_ABSENT;

	while ((k = (struct live_key *)(uintptr_t)keys_next(&v->m->keys, k, v->in, v->arg)) !=
		NULL) {
		r = signer_block(v->m->signer, k, out);
		if (r < 0)
			return r;
	}
	return r;
}

static int add_signer_cert(struct imds_view *v, struct buf *out)
{
	struct str pem;
	int r = signer_chain(v->m->signer, v->in, v->now, &pem);

	if (r >= 0)
		buf_str(out, pem);
	return r;
}

/* --- what happens to the instance --- */

bool has_value(const struct imds_view *v, enum value which)
{
	const struct events *e = &v->m->events;
	bool shown = v->now >= e->visible_at;

	switch (which) {
	case VALUE_IPV6_BLOCK: return v->in->ipv6 != NULL;
	case VALUE_REBALANCE: return shown && e->rebalance_time != 0;
	case VALUE_SPOT_ACTION: return shown && e->spot_action;
	case VALUE_SPOT_TIME:
		return shown && e->spot_action && strcmp(e->spot_action, "terminate") == 0;
	case VALUE_TARGET_STATE: return e->asg_state != NULL;
	case VALUE_IAM_INFO: return v->in->role != NULL;
	case VALUE_USER_DATA: return v->in->user_data.n > 0;
	default: return true;
	}
}

/* 21 Jan 2019 09:00:43 GMT: the date of HTTP without its day of the week */
static const char *event_time(struct buf *b, int64_t t)
{
	clock_http(b, t);
	return b->len > 5 ? buf_text(b) + 5 : "";
}

static void add_maintenance(struct imds_view *v, bool past, struct buf *out)
{
	const struct events *e = &v->m->events;
	BUF(before, 64);
	BUF(after, 64);
	BUF(deadline, 64);
	bool completed = e->event_code && strcmp(e->event_state, "completed") == 0;
	bool active = e->event_code && strcmp(e->event_state, "active") == 0;
	const struct pair pairs[] = { { "before", event_time(&before, e->not_before) },
		{ "after", event_time(&after, e->not_after) },
		{ "deadline", event_time(&deadline, e->deadline) }, { "code", e->event_code },
		{ "over",
			active              ? ""
				: completed ? "[Completed] "
					    : "[Canceled] " },
		{ "state", e->event_state } };

	if (!e->event_code || v->now < e->visible_at || past == active) {
		buf_puts(out, "[]");
		return;
	}
	buf_puts(out, "[ ");
	add_object(v, pairs, sizeof(pairs) / sizeof(pairs[0]),
		"NotBefore={before}|Code={code}|"
		"Description={over}The instance is scheduled for {code}|"
		"EventId=instance-event-{#id}|NotAfter={after}|NotBeforeDeadline={deadline}|"
		"State={state}",
		out);
	buf_puts(out, " ]");
}

static void add_notice(const char *action, const char *name, int64_t t, struct buf *out)
{
	buf_addf(out, "{%s\"%s\": \"", action, name);
	clock_iso(out, t);
	buf_puts(out, "\"}");
}

/* --- all --- */

static void add_spot_action(const struct events *e, struct buf *out)
{
	BUF(action, 64);

	buf_addf(&action, "\"action\": \"%s\", ", e->spot_action);
	add_notice(buf_text(&action), "time", e->spot_time, out);
}

int add_value(struct imds_view *v, enum value which, struct buf *out)
{
	const struct instance *in = v->in;
	const struct events *e = &v->m->events;

	switch (which) {
	case VALUE_TEXT: return ERR_ABSENT;
	case VALUE_MONITORING: buf_puts(out, "disabled"); break;
	case VALUE_DOCUMENT: add_document(v, out); break;
	case VALUE_PKCS7: return add_signature(v, DOCUMENT_PKCS7, out);
	case VALUE_SIGNATURE: return add_signature(v, DOCUMENT_PLAIN, out);
	case VALUE_LAUNCH_INDEX: buf_addf(out, "%lld", (long long)in->launch_index); break;
	case VALUE_DEVICE: return add_pair(&in->block_devices, v->arg, out);
	case VALUE_HISTORY: add_maintenance(v, true, out); break;
	case VALUE_SCHEDULED: add_maintenance(v, false, out); break;
	case VALUE_IAM_INFO:
		return add_info(v,
			"Code=Success|LastUpdated={hour}|InstanceProfileArn="
			"arn:{partition}:iam::{account}:instance-profile/{role}|"
			"InstanceProfileId=AIPA{roleId}",
			out);
	case VALUE_ROLE_CREDENTIALS: return add_credentials(v, true, out);
	case VALUE_IDENTITY_INFO:
		return add_info(v, "Code=Success|LastUpdated={hour}|AccountId={account}", out);
	case VALUE_INSTANCE_CREDENTIALS: return add_credentials(v, false, out);
	case VALUE_ACTIVE_KEYS: return add_active_keys(v, out);
	case VALUE_SIGNER_CERT: return add_signer_cert(v, out);
	case VALUE_STAPLE: return signer_staple(v->m->signer, in, v->now, v->arg, out);
	case VALUE_GROUPS: add_groups(v, false, out); break;
	case VALUE_GROUP_IDS: add_groups(v, true, out); break;
	case VALUE_ZONE:
		buf_addf(out, "%s%s", v->m->faults.local_zone ? in->region : in->zone,
			v->m->faults.local_zone ? "-lax-1a" : "");
		break;
	case VALUE_PUBLIC_KEY: return add_public_key(v, out);
	case VALUE_HYPERVISOR: buf_puts(out, in->nitro ? "nitro" : "xen-hvm"); break;
	case VALUE_TAG: return add_pair(&in->tags, v->arg, out);
	case VALUE_USER_DATA: buf_str(out, in->user_data); break;
	case VALUE_IPV6_BLOCK: add_ipv6_block(v, out); break;
	case VALUE_REBALANCE: add_notice("", "noticeTime", e->rebalance_time, out); break;
	case VALUE_SPOT_ACTION: add_spot_action(e, out); break;
	case VALUE_SPOT_TIME: clock_iso(out, e->spot_time); break;
	case VALUE_TARGET_STATE:
		buf_puts(out, v->now >= e->visible_at ? e->asg_state : "InService");
		break;
	}
	return 0;
}

static void add_line(struct buf *out, const char *text)
{
	if (text)
		buf_addf(out, "%s\n", text);
}

void add_names(struct imds_view *v, enum names which, struct buf *out)
{
	const struct instance *in = v->in;
	const struct pairs *list = which == NAMES_DEVICES  ? &in->block_devices
		: which == NAMES_TAGS && in->metadata_tags ? &in->tags
		: which == NAMES_PUBLIC_KEYS               ? &in->public_keys
							   : NULL;

	for (size_t i = 0; list && i < list->n; i++) {
		if (which == NAMES_PUBLIC_KEYS)
			buf_addf(out, "%zu=", i);
		add_line(out, list->at[i].name);
	}
	if (which == NAMES_ROLE)
		add_line(out, in->role);
	else if (which == NAMES_MACS)
		add_line(out, in->mac);
	else if (which == NAMES_PUBLIC_IPS)
		add_line(out, in->public_ip);
	else if (which == NAMES_USERS)
		add_users(v, out);
	else if (which == NAMES_STAPLES && signer_names(v->m->signer, v->in, v->now, out) < 0)
		buf_clear(out);
}
