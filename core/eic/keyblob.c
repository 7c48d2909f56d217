/* keyblob.c - the signed list of keys under managed-ssh-keys/active-keys/USER, read and written
 *
 * The text is a list of blocks with one or more empty lines between them (the scripts of
 * aws-ec2-instance-connect-config, and observed):
 *
 *	#Timestamp=2000000000           when the key ends, seconds since 1970
 *	#Instance=i-0123456789abcdef0
 *	#Caller=arn:aws:iam::123456789012:user/alice
 *	#Request=6f1c1c3e-0000-4000-8000-000000000001
 *	ssh-ed25519 AAAA...             one public key
 *	base64 of the signature         on one or more lines
 *
 * Lines of other names may stand among the first ones. Signed is everything in front of the
 *signature.
 */
#include "eic/keyblob.h"

#include <string.h>

#include "data/enc.h"
#include "eic/limits.h"

/* Everything up to an empty line or the end; empty lines in front of it are dropped. */
static bool take_paragraph(struct str *in, struct str *paragraph)
{
	struct str line;

	do {
		*paragraph = *in;
		if (!str_take_line(in, &line))
			return false;
	} while (line.n == 0);
	do {
		paragraph->n = (size_t)(line.p + line.n - paragraph->p);
	} while (str_take_line(in, &line) && line.n > 0);
	return true;
}

/* No byte that could move a terminal's cursor or end a C string; CR is seen to for the whole text.
 */
static bool is_clean(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (((unsigned char)s.p[i] < ' ' && s.p[i] != '\n' && s.p[i] != '\t') ||
			s.p[i] == 0x7f)
			return false;
	return true;
}

static int read_timestamp(struct keyblob *block, struct str value)
{
	uint64_t t;

	if (value.n > EIC_TIMESTAMP_MAX || !str_u64(value, INT64_MAX, &t))
		return err(ERR_FORMAT, "#Timestamp '%.*s': not a time", STR_ARG(value));
	if (block->expiry.n == 0 || (int64_t)t < block->earliest)
		block->earliest = (int64_t)t;
	block->expiry = value;
	return 0;
}

static int read_instance(struct keyblob *block, struct str value)
{
	if (value.n == 0)
		return err(ERR_FORMAT, "#Instance: empty");
	if (block->instance.n > 0 && !str_eq(block->instance, value))
		block->instances_differ = true;
	block->instance = value;
	return 0;
}

static int read_caller(struct keyblob *block, struct str value)
{
	block->caller = value;
	return 0;
}

static int read_request(struct keyblob *block, struct str value)
{
	block->request = value;
	return 0;
}

static int read_meta(struct keyblob *block, struct str line)
{
	static const struct {
		const char *name;
		int (*read)(struct keyblob *block, struct str value);
	} names[] = {
		{ "#Timestamp", read_timestamp },
		{ "#Instance", read_instance },
		{ "#Caller", read_caller },
		{ "#Request", read_request },
	};
	struct str name = { 0 };

	if (!str_has(line, '=') || !str_cut(&line, '=', &name))
		return 0;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_is(name, names[i].name))
			return names[i].read(block, line);
	return 0;
}

/* What cannot be decoded is an empty signature: nobody made it, but the key was offered. */
static void read_signature(struct keyblob *block, struct str text)
{
	char bytes[EIC_SIGNATURE_MAX + 1];
	struct buf b = buf_of(bytes, sizeof(bytes));

	if (str_has(text, ' ') || str_has(text, '\t')) /* base64_read would pass over them */
		return;
	if (base64_read(text, true, &b) < 0)
		return;
	memcpy(block->signature, bytes, b.len);
	block->signature_n = b.len;
}

/* The lines of a paragraph up to the key; what is left of it is the signature. */
static int read_head(struct keyblob *block, struct str *paragraph)
{
	struct str line;
	int r;

	while (str_take_line(paragraph, &line)) {
		if (line.n > EIC_KEYS_LINE_MAX)
			return err(ERR_FORMAT, "a line is longer than %d bytes", EIC_KEYS_LINE_MAX);
		if (line.p[0] != '#') {
			block->key = line;
			return 0;
		}
		r = read_meta(block, line);
		if (r < 0)
			return r;
	}
	return err(ERR_FORMAT, "no key");
}

static int read_block(struct keyblob *block, struct str paragraph)
{
	struct str rest = paragraph;
	int r;

	if (!is_clean(paragraph))
		return err(ERR_FORMAT, "control characters");
	r = read_head(block, &rest);
	if (r < 0)
		return r;
	if (block->expiry.n == 0)
		return err(ERR_FORMAT, "no #Timestamp");
	if (block->instance.n == 0)
		return err(ERR_FORMAT, "no #Instance");
	block->signed_text = (struct str){ paragraph.p, paragraph.n - rest.n };
	read_signature(block, rest);
	return 0;
}

int keyblob_take(struct str *text, struct keyblob *block)
{
	struct str paragraph;
	int r;

	memset(block, 0, sizeof(*block));
	if (str_has(*text, '\r')) {
		text->p += text->n;
		text->n = 0;
		return err(ERR_FORMAT, "key list: carriage returns");
	}
	if (!take_paragraph(text, &paragraph))
		return 0;
	r = read_block(block, paragraph);
	if (r < 0)
		return err_in(r, "key block");
	return 1;
}

static void add_meta(struct buf *out, const char *name, struct str value)
{
	if (value.n > 0)
		buf_addf(out, "#%s=%.*s\n", name, STR_ARG(value));
}

void keyblob_add_text(struct buf *out, int64_t expiry, struct str instance, struct str caller,
	struct str request, struct str key)
{
	buf_addf(out, "#Timestamp=%lld\n", (long long)expiry);
	add_meta(out, "Instance", instance);
	add_meta(out, "Caller", caller);
	add_meta(out, "Request", request);
	buf_str(out, key);
	buf_putc(out, '\n');
}

void keyblob_add(struct buf *out, struct str signed_text, struct str signature)
{
	buf_str(out, signed_text);
	base64_add(out, signature.p, signature.n);
	buf_puts(out, "\n\n");
}
