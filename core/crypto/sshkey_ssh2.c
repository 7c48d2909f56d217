/* sshkey_ssh2.c - SSH2 public key files (RFC 4716), as 'ssh-keygen -e' and PuTTY write them
 *
 *	---- BEGIN SSH2 PUBLIC KEY ----
 *	Comment: "words"			headers; a line that ends in '\' goes on
 *	AAAAB3NzaC1yc2EAAAADAQABAAABAQC...	the key in wire form, in base64
 *	---- END SSH2 PUBLIC KEY ----
 */
#include "crypto/sshkey.h"

#include "data/enc.h"

#define BEGIN "---- BEGIN SSH2 PUBLIC KEY ----"
#define END "---- END SSH2 PUBLIC KEY ----"

bool sshkey_is_ssh2(struct str text)
{
	return str_starts(text, BEGIN);
}

/* The lines between the two marks; what stands behind the second is none of the key's. */
static bool take_inside(struct str *text)
{
	struct str begin, inside;
	size_t end;

	if (!str_take_line(text, &begin) || !str_is(str_trim(begin), BEGIN) ||
		!str_find(*text, END, &end) || !str_take(text, end, &inside))
		return false;
	if (!str_is(str_trim(*text), END))
		return false;
	*text = inside;
	return true;
}

static void skip_headers(struct str *text)
{
	struct str rest = *text, line;
	bool goes_on = false;

	while (str_take_line(&rest, &line) && (goes_on || str_has(line, ':'))) {
		goes_on = str_ends(str_trim(line), "\\");
		*text = rest;
	}
}

int sshkey_read_ssh2(struct sshkey *key, struct str text)
{
	BUF(blob, SSHKEY_BLOB_MAX);

	key->type = SSHKEY_NONE;
	if (!take_inside(&text))
		return err(ERR_FORMAT,
			"SSH2 public key: not one, and nothing else, between \"" BEGIN
			"\" and \"" END "\"");
	skip_headers(&text);
	if (base64_read(text, true, &blob) < 0)
		return err(ERR_FORMAT, "SSH2 public key: damaged base64");
	return sshkey_read_blob(key, buf_view(&blob));
}
