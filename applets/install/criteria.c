/* criteria.c - whom a Match block of sshd_config is about: everybody, or only some */
#include "applets/install/criteria.h"

#include <string.h>

#include "applets/install/conf.h"
#include "base/glob.h"

/* "192.0.2.0/24", or without the number; str_cut leaves nothing behind the last part. */
static bool read_network(struct str s, uint32_t *address, uint64_t *bits)
{
	struct str part, quad;
	uint64_t number;

	*address = 0;
	*bits = 32;
	if (!str_cut(&s, '/', &quad) || (s.n > 0 && !str_u64(s, 32, bits)))
		return false;
	for (int i = 0; i < 4; i++) {
		if (!str_cut(&quad, '.', &part) || !str_u64(part, 255, &number))
			return false;
		*address = *address << 8 | (uint32_t)number;
	}
	return quad.n == 0;
}

static bool in_network(const char *address, struct str network)
{
	uint32_t its, ours;
	uint64_t bits, all;

	return read_network(network, &its, &bits) && read_network(str_of(address), &ours, &all) &&
		(bits == 0 || (its ^ ours) >> (32 - bits) == 0);
}

/* "*,!root": what is taken out wins, wherever it stands. */
static bool is_listed(struct str list, const char *what)
{
	bool found = false;
	struct str word;

	while (str_cut(&list, ',', &word)) {
		char pattern[256];
		bool but = str_starts(word, "!");

		if (but)
			word = (struct str){ word.p + 1, word.n - 1 };
		if (!str_copy(pattern, sizeof(pattern), word) ||
			(!glob_match(pattern, what) && !in_network(what, word)))
			continue;
		if (but)
			return false;
		found = true;
	}
	return found;
}

bool criteria_met(struct str criteria, const char *port)
{
	const struct {
		const char *name, *value;
	} known[] = { { "user", CRITERIA_USER }, { "group", CRITERIA_USER },
		{ "host", CRITERIA_ADDRESS }, { "address", CRITERIA_ADDRESS },
		{ "localaddress", CRITERIA_LOCAL }, { "localport", port } };
	struct str name, list;
	unsigned count = 0;

	while (conf_take_name(&criteria, &name) && !str_starts(name, "#")) {
		bool met = count++ == 0 && str_ieq(name, STR("all"));

		if (met)
			continue;
		if (!conf_take_name(&criteria, &list))
			return false;
		for (size_t i = 0; i < sizeof(known) / sizeof(*known) && !met; i++)
			met = str_ieq(name, str_of(known[i].name)) &&
				is_listed(list, known[i].value);
		if (!met)
			return false;
	}
	return count > 0;
}
