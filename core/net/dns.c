/* dns.c - questions for a name server and its answers
 *
 * A message is a header of 12 bytes (id, flags, and how many questions, answers and others follow),
 * the question (name, type, class), and then records: name, type, class, seconds to live, length,
 * data. A name is labels with their length in front and an empty one at the end, or a pointer (two
 * bytes, the highest two bits set) to where the rest of it stands. */
#include "net/dns.h"

#include <netinet/in.h>
#include <string.h>

#define HEADER 12
#define LABEL_MAX 63
#define NAME_MAX_TEXT 253
#define CLASS_IN 1

/* The flags of a header: an answer, recursion is desired, and why there are no records. */
enum { ANSWER = 0x8000, RECURSE = 0x0100, CODE = 0x000f, CODE_NO_SUCH_NAME = 3 };

static void add_u16(struct buf *out, unsigned n)
{
	buf_putc(out, (char)(n >> 8));
	buf_putc(out, (char)n);
}

static bool take_u16(struct str *in, unsigned *n)
{
	uint8_t high, low;

	if (!str_take_u8(in, &high) || !str_take_u8(in, &low))
		return false;
	*n = (unsigned)high << 8 | low;
	return true;
}

int dns_ask(struct buf *out, uint16_t id, struct str name, enum dns_type type)
{
	struct str rest = name, label;

	if (str_ends(rest, "."))
		rest.n--;
	if (rest.n == 0 || rest.n > NAME_MAX_TEXT || str_ends(rest, "."))
		return err(ERR_FORMAT, "not a host name");
	for (unsigned i = 0; i < HEADER / 2; i++)
		add_u16(out, i == 0 ? id : i == 1 ? RECURSE : i == 2);
	while (str_cut(&rest, '.', &label)) {
		if (label.n == 0 || label.n > LABEL_MAX)
			return err(ERR_FORMAT, "not a host name");
		buf_putc(out, (char)label.n);
		buf_str(out, label);
	}
	buf_putc(out, 0);
	add_u16(out, type);
	add_u16(out, CLASS_IN);
	return buf_check(out, "name");
}

static bool skip_name(struct str *in)
{
	struct str unused;
	uint8_t n = LABEL_MAX;

	while (str_take_u8(in, &n) && n > 0) {
		if (n >= 0xc0)
			return str_take_u8(in, &n);
		if (n > LABEL_MAX || !str_take(in, n, &unused))
			return false;
	}
	return n == 0;
}

/* The address of a record of that type; false for data of another length. */
static bool read_address(struct sock_address *a, struct str data, unsigned type)
{
	struct sockaddr_in *four = (struct sockaddr_in *)(void *)&a->storage;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)(void *)&a->storage;

	memset(a, 0, sizeof(*a));
	if (type == DNS_A && data.n == sizeof(four->sin_addr)) {
		four->sin_family = AF_INET;
		memcpy(&four->sin_addr, data.p, data.n);
		a->n = sizeof(*four);
	} else if (type == DNS_AAAA && data.n == sizeof(six->sin6_addr)) {
		six->sin6_family = AF_INET6;
		memcpy(&six->sin6_addr, data.p, data.n);
		a->n = sizeof(*six);
	}
	return a->n > 0;
}

/* One record of another type or class is passed over: an alias, mostly, whose target follows. */
static bool take_record(struct str *in, unsigned wanted, struct sock_address *a, bool *found)
{
	unsigned type, class, n;
	struct str life, data;

	*found = false;
	if (!skip_name(in) || !take_u16(in, &type) || !take_u16(in, &class) ||
		!str_take(in, 4, &life) || !take_u16(in, &n) || !str_take(in, n, &data))
		return false;
	if (type != wanted || class != CLASS_IN)
		return true;
	*found = read_address(a, data, type);
	return *found;
}

/* What stands behind the question of an answer to it, and the header's numbers; false: it is none.
 */
static bool open_answer(struct str *in, struct str question, unsigned head[static HEADER / 2])
{
	struct str asked = { question.p + HEADER, question.n - HEADER }, said;

	for (unsigned i = 0; i < HEADER / 2; i++)
		if (!take_u16(in, &head[i]))
			return false;
	return memcmp(in->p - HEADER, question.p, 2) == 0 && head[1] & ANSWER && head[2] == 1 &&
		str_take(in, asked.n, &said) && str_ieq(said, asked);
}

int dns_read(struct str answer, struct str question, struct sock_address *out, size_t cap)
{
	unsigned head[HEADER / 2], type = (uint8_t)question.p[question.n - 3];
	struct sock_address a;
	size_t n = 0;

	if (!open_answer(&answer, question, head))
		return err(ERR_FORMAT, "not an answer to what was asked");
	if ((head[1] & CODE) == CODE_NO_SUCH_NAME)
		return err(ERR_ABSENT, "no such host");
	if (head[1] & CODE)
		return err(ERR_NET, "the name server cannot tell");
	for (unsigned i = 0; i < head[3]; i++) {
		bool found;

		if (!take_record(&answer, type, &a, &found))
			return err(ERR_FORMAT, "not an answer of a name server");
		if (found && n < cap)
			out[n++] = a;
	}
	return (int)n;
}
