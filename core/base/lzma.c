/* lzma.c - unpacks LZMA
 *
 * A range coder reads one bit after the other, each with a probability of its own (11 bits) that
 * learns from it. The bits say: a byte comes (8 bits, as a path through a binary tree), or a match,
 * that is a length and the distance back to what is repeated; a distance can be one of the last
 * four. What was read last is the state, 0 to 11; below 7 it was a byte. Format: "LZMA
 * specification" of the LZMA SDK. */
#include "base/lzma.h"

#include <stdint.h>

enum {
	STATES = 12,
	BYTE_STATES = 7,
	LENGTH_MIN = 2,
	LENGTH_KINDS = 4, /* of matches, as far as the distance depends on them */
	SLOTS_BITS = 6,   /* of a distance */
	DIRECT_FROM = 14, /* slots from here on have bits without a probability */
	ALIGN_BITS = 4,   /* the lowest of these, which have one */
	HALF = 1 << 10,
};

/* How many bits the length of a match has behind the ones that say so. */
struct lengths {
	uint16_t more[2], low[1 << 3], middle[1 << 3], high[1 << 8];
};

/* The probabilities, an array for each kind of bit. */
struct model {
	uint16_t match[STATES], again[STATES], not_first[STATES], not_second[STATES];
	uint16_t not_third[STATES], longer[STATES];
	uint16_t byte[3 << 8];
	uint16_t slot[LENGTH_KINDS][1 << SLOTS_BITS];
	uint16_t special[128], align[1 << ALIGN_BITS];
	struct lengths length, again_length;
};

struct coder {
	const unsigned char *p, *end;
	uint32_t range, code;
	bool ended; /* bytes were missing */
};

static void next_byte(struct coder *c)
{
	c->ended = c->ended || c->p == c->end;
	c->code = c->code << 8 | (c->ended ? 0 : *c->p++);
}

static void widen(struct coder *c)
{
	if (c->range >> 24 == 0) {
		c->range <<= 8;
		next_byte(c);
	}
}

static unsigned read_bit(struct coder *c, uint16_t *probability)
{
	uint32_t bound;

	widen(c);
	bound = (c->range >> 11) * *probability;
	if (c->code < bound) {
		c->range = bound;
		*probability = (uint16_t)(*probability + ((2 * HALF - *probability) >> 5));
		return 0;
	}
	c->range -= bound;
	c->code -= bound;
	*probability = (uint16_t)(*probability - (*probability >> 5));
	return 1;
}

/* n bits, the highest first, each with the probability that the ones before it lead to. */
static unsigned read_tree(struct coder *c, uint16_t *tree, unsigned n)
{
	unsigned at = 1;

	for (unsigned i = 0; i < n; i++)
		at = at << 1 | read_bit(c, &tree[at]);
	return at - (1u << n);
}

/* The same, the lowest first. */
static unsigned read_reverse(struct coder *c, uint16_t *tree, unsigned n)
{
	unsigned at = 1, value = 0;

	for (unsigned i = 0; i < n; i++) {
		unsigned bit = read_bit(c, &tree[at]);

		at = at << 1 | bit;
		value |= bit << i;
	}
	return value;
}

static uint32_t read_direct(struct coder *c, unsigned n)
{
	uint32_t value = 0;

	for (; n > 0; n--) {
		widen(c);
		c->range >>= 1;
		value <<= 1;
		if (c->code >= c->range) {
			c->code -= c->range;
			value |= 1;
		}
	}
	return value;
}

static size_t read_length(struct coder *c, struct lengths *l)
{
	if (read_bit(c, &l->more[0]) == 0)
		return LENGTH_MIN + read_tree(c, l->low, 3);
	if (read_bit(c, &l->more[1]) == 0)
		return LENGTH_MIN + 8 + read_tree(c, l->middle, 3);
	return LENGTH_MIN + 16 + read_tree(c, l->high, 8);
}

static uint32_t read_distance(struct coder *c, struct model *m, size_t length)
{
	size_t kind = length - LENGTH_MIN < LENGTH_KINDS ? length - LENGTH_MIN : LENGTH_KINDS - 1;
	unsigned slot = read_tree(c, m->slot[kind], SLOTS_BITS), bits = (slot >> 1) - 1;
	uint32_t distance;

	if (slot < 4)
		return slot;
	distance = (2 | (slot & 1)) << bits;
	if (slot < DIRECT_FROM)
		return distance + read_reverse(c, &m->special[distance - slot], bits);
	distance += read_direct(c, bits - ALIGN_BITS) << ALIGN_BITS;
	return distance + read_reverse(c, m->align, ALIGN_BITS);
}

/* After a match the byte differs from the one that would have continued it: guess has the bits. */
static unsigned char read_byte(struct coder *c, uint16_t *tree, bool matched, unsigned guess)
{
	unsigned at = 1;

	while (at < 1 << 8) {
		unsigned expected = guess >> 7 & 1, bit;

		bit = read_bit(c, &tree[matched ? at + ((1 + expected) << 8) : at]);
		matched = matched && bit == expected;
		guess <<= 1;
		at = at << 1 | bit;
	}
	return (unsigned char)at;
}

/* One of the last four distances, but the first, comes again: it moves to the front. */
static void choose_distance(struct coder *c, struct model *m, unsigned state, uint32_t last[4])
{
	unsigned n = 1;
	uint32_t chosen;

	if (read_bit(c, &m->not_second[state]))
		n = 2 + read_bit(c, &m->not_third[state]);
	chosen = last[n];
	for (; n > 0; n--)
		last[n] = last[n - 1];
	last[0] = chosen;
}

/* The length of a match; last[0] is then its distance less 1. */
static size_t read_match(struct coder *c, struct model *m, unsigned *state, uint32_t last[4])
{
	unsigned was = *state, later = was < BYTE_STATES ? 0 : 3;
	size_t n;

	if (!read_bit(c, &m->again[was])) {
		for (unsigned i = 3; i > 0; i--)
			last[i] = last[i - 1];
		n = read_length(c, &m->length);
		last[0] = read_distance(c, m, n);
		*state = 7 + later;
		return n;
	}
	*state = later ? 11 : 8;
	if (read_bit(c, &m->not_first[was])) {
		choose_distance(c, m, was, last);
	} else if (!read_bit(c, &m->longer[was])) {
		*state = later ? 11 : 9;
		return 1;
	}
	return read_length(c, &m->again_length);
}

static unsigned state_after_byte(unsigned state)
{
	return state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
}

static void even(struct model *m)
{
	uint16_t *probability = (uint16_t *)m;

	for (size_t i = 0; i < sizeof(*m) / sizeof(*probability); i++)
		probability[i] = HALF;
}

bool lzma_unpack(unsigned char *to, size_t n, const unsigned char *p, size_t packed)
{
	struct coder c = { .p = p, .end = p + packed, .range = UINT32_MAX };
	struct model m;
	uint32_t last[4] = { 0, 0, 0, 0 };
	unsigned state = 0;

	even(&m);
	for (unsigned i = 0; i < 5; i++)
		next_byte(&c);
	for (size_t at = 0; at < n;) {
		bool match = read_bit(&c, &m.match[state]), matched = state >= BYTE_STATES;
		size_t length = 1;

		if (match)
			length = read_match(&c, &m, &state, last);
		if ((match || matched) && last[0] >= at)
			return false;
		if (length > n - at)
			return false;
		if (!match) {
			to[at] = read_byte(&c, m.byte, matched, matched ? to[at - last[0] - 1] : 0);
			at++;
			state = state_after_byte(state);
			continue;
		}
		for (; length > 0; length--, at++)
			to[at] = to[at - last[0] - 1];
	}
	return !c.ended;
}
