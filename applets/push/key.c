/* key.c - the public key that --ssh-public-key means */
#include <string.h>

#include "applets/push/push.h"

/* A path can have blanks and a key's text has them: what starts as a key's line or a PEM block is a
 * text. So is what has several lines: as a path it would be repeated when it is not there, and it
 * may be a private key. */
static bool is_text(const char *given)
{
	static const char *const starts[] = { "ssh-", "ecdsa-", "sk-", "-----BEGIN ",
		"---- BEGIN " };
	struct str s = str_trim(str_of(given));

	if (str_has(s, '\n'))
		return true;
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (str_starts(s, starts[i]))
			return str_has(s, ' ');
	return false;
}

static int read_text(struct buf *text, const struct config *c, const char *given)
{
	if (!is_text(given))
		return push_read_file(text, c, given);
	buf_puts(text, given);
	return buf_check(text, "public key");
}

/* EC2 Instance Connect takes RSA and Ed25519; it answers InvalidArgsException for all others. */
static int check_type(const struct sshkey *key)
{
	if (key->type == SSHKEY_ED25519 || key->type == SSHKEY_RSA)
		return 0;
	return err(ERR_DENIED,
		"an %s key: EC2 Instance Connect takes ssh-ed25519 and ssh-rsa; make one with "
		"'keygen'",
		sshkey_name(key->type));
}

static int read_either(struct sshkey *key, struct str text)
{
	if (str_starts(text, "-----BEGIN ") && !str_find(text, "PRIVATE KEY-----", NULL))
		return err(ERR_FORMAT,
			"a key in PEM: 'ssh-keygen -i -m PKCS8 -f FILE' makes it one of SSH");
	return sshkey_is_ssh2(text) ? sshkey_read_ssh2(key, text)
				    : sshkey_read_line(key, text, NULL);
}

static int read_key(struct sshkey *key, const struct config *c, const char *given)
{
	BUF(text, SSHKEY_FILE_MAX);
	int r = read_text(&text, c, given);

	if (r < 0)
		return r;
	if (str_trim(buf_view(&text)).n > SSHKEY_LINE_MAX)
		r = err(ERR_LIMIT, "longer than %d characters", SSHKEY_LINE_MAX);
	if (r == 0)
		r = read_either(key, str_trim(buf_view(&text)));
	if (r == 0)
		r = check_type(key);
	buf_wipe(&text); /* it may be a private key */
	return r < 0 ? err_in(r, "%s", is_text(given) ? "--ssh-public-key" : given) : 0;
}

bool push_key_empty(const char *given)
{
	return !*given || strcmp(given, PUSH_FILE_SCHEME) == 0;
}

int push_key(struct buf *line, const struct config *c, const char *given)
{
	struct sshkey key;

	if (read_key(&key, c, given) < 0)
		return err(ERR_USAGE, "%s", err_text());
	sshkey_add_line(line, &key, (struct str){ "", 0 });
	return buf_check(line, "public key");
}
