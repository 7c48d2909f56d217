/* mock_world_fuzz.c - worlds, and the language of faults
 *
 * The first byte chooses: 0 a line of faults, else a world, which printed and read again prints the
 * same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "applets/metadata_mock/control.h"

#define PRINTED (1 << 20)

static void read_faults(struct str line)
{
	static struct faults f;
	BUF(reply, CONTROL_REPLY_MAX);

	(void)!faults_command(&f, line, &reply);
	if (f.n_rules > FAULT_RULES_MAX || f.staple > STAPLE_STALE)
		abort();
}

static void read_worlds(struct str text)
{
	static char storage[2][PRINTED];
	struct buf first = buf_of(storage[0], PRINTED), second = buf_of(storage[1], PRINTED);
	struct world w = { 0 }, again = { 0 };

	if (world_read(&w, "input", text, 1700000000) < 0)
		return;
	world_print(&w, &first);
	if (!first.full) {
		if (world_read(&again, "printed", buf_view(&first), 1700000000) < 0)
			abort();
		world_print(&again, &second);
		if (!str_eq(buf_view(&first), buf_view(&second)))
			abort();
		world_close(&again);
	}
	world_close(&w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	if (data[0] == '0')
		read_faults((struct str){ (const char *)data + 1, size - 1 });
	else
		read_worlds((struct str){ (const char *)data + 1, size - 1 });
	return 0;
}
