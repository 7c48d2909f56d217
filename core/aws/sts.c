/* sts.c - credentials of a role, from STS
 *
 *	Action=AssumeRole&Version=2011-06-15&RoleArn=...&RoleSessionName=...[&...]
 *	-> <AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>...
 *
 * STS API reference, 2011-06-15. */
#include "aws/provider.h"
#include "base/io.h"
#include "base/mem.h"
#include "data/enc.h"
#include "data/xml.h"

#define FORM "application/x-www-form-urlencoded; charset=utf-8"
#define SESSION_NAME_MAX 64
#define WEB_TOKEN_MAX 20000
#define MFA_MAX 16
#define ARGUMENTS_MAX 8192
#define DURATION_MIN 900
#define DURATION_MAX 43200

static void add_field(struct buf *form, const char *name, struct str value)
{
	buf_addf(form, "%s%s=", form->len > 0 ? "&" : "", name);
	percent_add(form, value, "");
}

static void start_form(struct buf *form, const char *action)
{
	buf_clear(form);
	add_field(form, "Action", str_of(action));
	add_field(form, "Version", STR("2011-06-15"));
}

/* The session name that is given, else one with the time in it. */
static void add_session_name(struct buf *form, const struct creds_world *w, struct str name)
{
	BUF(made, SESSION_NAME_MAX);

	buf_addf(&made, "eicbox-session-%lld", (long long)w->now);
	add_field(form, "RoleSessionName", name.n > 0 ? name : buf_view(&made));
}

static int add_expiry(struct creds *c, struct xml root, const char *path)
{
	BUF(text, 64);
	int r = xml_get(root, path, &text);

	if (r < 0)
		return r;
	if (!clock_read(buf_view(&text), &c->expires))
		return err(ERR_FORMAT, "Expiration '%s' is not a time", buf_text(&text));
	return 0;
}

/* What STS answers to both actions, below RESULT/Credentials. */
static int read_credentials(struct creds *c, struct str body, const char *result)
{
	static const char *const names[] = { "AccessKeyId", "SecretAccessKey", "SessionToken",
		"Expiration" };
	char paths[4][64];
	struct xml root;
	BUF(id, 256);
	BUF(secret, 512);
	BUF(token, CREDS_TOKEN_MAX);
	int r = xml_parse(&root, body);

	for (size_t i = 0; i < 4; i++) {
		struct buf path = buf_of(paths[i], sizeof(paths[i]));

		buf_addf(&path, "%s/Credentials/%s", result, names[i]);
	}
	if (r == 0)
		r = xml_get(root, paths[0], &id);
	if (r == 0)
		r = xml_get(root, paths[1], &secret);
	if (r == 0)
		r = xml_get(root, paths[2], &token);
	if (r == 0)
		r = creds_set(c, buf_view(&id), buf_view(&secret), buf_view(&token));
	if (r == 0)
		r = add_expiry(c, root, paths[3]);
	buf_wipe(&secret);
	buf_wipe(&token);
	return r < 0 ? err_in(r, "the answer of STS") : 0;
}

static int call_sts(struct creds *c, struct creds_world *w, bool with_keys, const char *result)
{
	BUF(endpoint, 1024);
	struct api_call call = {
		.content_type = FORM,
		.body = buf_view(&w->work),
		.creds = with_keys ? c : NULL,
		.region = w->region,
		.service = STR("sts"),
	};
	struct api_answer answer;
	int r = buf_check(&w->work, "the request to STS");

	if (r == 0)
		r = endpoint_find(
			&call.endpoint, &endpoint, w->config, &endpoint_sts, NULL, w->region);
	if (r == 0)
		r = provider_call(w, &call, &answer);
	if (r == 0)
		r = read_credentials(c, answer.body, result);
	buf_wipe(&w->work);
	buf_wipe(&w->storage);
	return r;
}

/* The code that the device mfa_serial shows now. */
static int add_mfa(struct buf *form, const struct creds_world *w, struct str serial)
{
	BUF(question, 512);
	BUF(code, MFA_MAX);
	int r;

	if (serial.n == 0)
		return 0;
	if (!w->ask)
		return err(ERR_DENIED,
			"a code of the MFA device %.*s is needed, and nobody is there to ask",
			STR_ARG(serial));
	buf_addf(&question, "Enter MFA code for %.*s: ", STR_ARG(serial));
	r = w->ask(&code, buf_text(&question));
	add_field(form, "TokenCode", str_trim(buf_view(&code)));
	buf_wipe(&code);
	return r;
}

/* The parameters of AssumeRole that a profile sets, in the order of their names. */
enum { ROLE_DURATION, ROLE_EXTERNAL, ROLE_ARN, ROLE_SESSION, ROLE_MFA, ROLE_FIELDS };

static const struct {
	const char *name, *key;
} role_fields[ROLE_FIELDS] = {
	[ROLE_DURATION] = { "DurationSeconds", "duration_seconds" },
	[ROLE_EXTERNAL] = { "ExternalId", "external_id" },
	[ROLE_ARN] = { "RoleArn", "role_arn" },
	[ROLE_SESSION] = { "RoleSessionName", "role_session_name" },
	[ROLE_MFA] = { "SerialNumber", "mfa_serial" },
};

/* Empty where there is none, or one that the AWS CLI passes over. */
static struct str role_value(const struct creds_world *w, struct str profile, size_t i)
{
	struct str value = provider_key(w, profile, role_fields[i].key);
	uint64_t seconds;

	/* what is no number is passed over, as the AWS CLI does */
	if (i == ROLE_DURATION &&
		(!str_u64(value, DURATION_MAX, &seconds) || seconds < DURATION_MIN))
		return (struct str){ NULL, 0 };
	return value;
}

static void add_role(struct buf *form, const struct creds_world *w, struct str profile)
{
	for (size_t i = 0; i < ROLE_FIELDS; i++) {
		struct str value = role_value(w, profile, i);

		if (i == ROLE_SESSION)
			add_session_name(form, w, value);
		else if (value.n > 0)
			add_field(form, role_fields[i].name, value);
	}
}

/* What names a role in the cache: with a blank behind ':' and ','; a session name that was made up
 * is not among them. */
static int add_arguments(struct buf *out, const struct creds_world *w, struct str profile)
{
	buf_putc(out, '{');
	for (size_t i = 0; i < ROLE_FIELDS; i++) {
		struct json_out o = json_out(out, 0);
		struct str value = role_value(w, profile, i);

		if (value.n == 0)
			continue;
		buf_addf(out, "%s\"%s\": ", out->len > 1 ? ", " : "", role_fields[i].name);
		if (i == ROLE_DURATION)
			buf_str(out, value);
		else
			json_add_str(&o, value);
	}
	buf_putc(out, '}');
	return buf_check(out, "role");
}

bool provider_assumed(struct creds *c, struct creds_world *w, struct str profile)
{
	BUF(arguments, ARGUMENTS_MAX);

	return add_arguments(&arguments, w, profile) == 0 &&
		role_cache_read(c, w, buf_view(&arguments), role_value(w, profile, ROLE_ARN));
}

int provider_assume(struct creds *c, struct creds_world *w, struct str profile)
{
	struct str role = role_value(w, profile, ROLE_ARN);
	struct buf *form = &w->work;
	BUF(arguments, ARGUMENTS_MAX);
	int r;

	start_form(form, "AssumeRole");
	add_role(form, w, profile);
	r = add_mfa(form, w, role_value(w, profile, ROLE_MFA));
	if (r == 0)
		r = call_sts(c, w, true, "AssumeRoleResult");
	if (r < 0)
		return err_in(r, "profile %.*s: role %.*s", STR_ARG(profile), STR_ARG(role));
	buf_addf(&c->source, ", role %.*s", STR_ARG(role));
	if (add_arguments(&arguments, w, profile) == 0)
		role_cache_write(c, w, buf_view(&arguments), (struct str){ 0 });
	return 0;
}

/* The three settings of a web identity: all from the environment, or all from the profile. */
struct web {
	struct str file, role, session;
};

static struct web web_settings(const struct creds_world *w, struct str profile)
{
	struct web e = { .file = config_env_get(w->config, "AWS_WEB_IDENTITY_TOKEN_FILE") };

	if (e.file.p && !w->config->profile_explicit) {
		e.role = config_env_get(w->config, "AWS_ROLE_ARN");
		e.session = config_env_get(w->config, "AWS_ROLE_SESSION_NAME");
		return e;
	}
	return (struct web){ provider_key(w, profile, "web_identity_token_file"),
		provider_key(w, profile, "role_arn"),
		provider_key(w, profile, "role_session_name") };
}

static int add_token(struct buf *form, const struct creds_world *w, struct str file)
{
	BUF(path, CONFIG_PATH_MAX);
	BUF(token, WEB_TOKEN_MAX);
	int r = config_expand(w->config, file, &path);

	if (r == 0)
		r = io_read_file(buf_text(&path), &token);
	if (r == 0)
		add_field(form, "WebIdentityToken", str_trim(buf_view(&token)));
	buf_wipe(&token);
	return r;
}

int provider_web_identity(struct creds *c, struct creds_world *w, struct str profile)
{
	struct web web = web_settings(w, profile);
	int r;

	if (!web.file.p)
		return 0;
	if (!web.role.p)
		return err(ERR_USAGE, "web identity: there is a token file, but no role_arn");
	start_form(&w->work, "AssumeRoleWithWebIdentity");
	add_field(&w->work, "RoleArn", web.role);
	add_session_name(&w->work, w, web.session);
	r = add_token(&w->work, w, web.file);
	if (r == 0)
		r = call_sts(c, w, false, "AssumeRoleWithWebIdentityResult");
	if (r < 0)
		return err_in(r, "web identity: role %.*s", STR_ARG(web.role));
	buf_addf(&c->source, "web identity, role %.*s", STR_ARG(web.role));
	return 1;
}
