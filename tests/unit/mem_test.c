/* mem_test.c - wiping, comparing, and the arena */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdalign.h>
#include <string.h>

#include "base/mem.h"

static void wiping_touches_nothing_behind(void **state)
{
	(void)state;
	char text[] = "secret!";

	mem_wipe(text, 6);
	assert_memory_equal(text, "\0\0\0\0\0\0!", 7);
	mem_wipe(NULL, 0);
}

static void one_differing_bit_is_seen_wherever_it_is(void **state)
{
	(void)state;
	unsigned char a[16] = { 0 }, b[16] = { 0 };

	assert_true(mem_equal(a, b, sizeof(a)));
	for (size_t i = 0; i < sizeof(a) * 8; i++) {
		b[i / 8] = (unsigned char)(1u << (i % 8));
		assert_false(mem_equal(a, b, sizeof(a)));
		b[i / 8] = 0;
	}
	assert_true(mem_equal(NULL, NULL, 0));
}

static void arena_memory_is_zeroed_and_aligned(void **state)
{
	(void)state;
	unsigned char storage[256];
	struct arena a = arena_of(storage + 1, sizeof(storage) - 1);

	memset(storage, 0xff, sizeof(storage));
	for (size_t n = 1; n < 6; n++) {
		unsigned char *p = arena_take(&a, n);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(p[i], 0);
		assert_int_equal(p[n], 0xff);
	}
}

static void a_full_arena_gives_nothing(void **state)
{
	(void)state;
	alignas(max_align_t) unsigned char storage[64];
	struct arena a = arena_of(storage, sizeof(storage));

	assert_null(arena_take(&a, 65));
	assert_null(arena_take(&a, SIZE_MAX));
	assert_non_null(arena_take(&a, 64));
	assert_null(arena_take(&a, 1));
	a = arena_of(storage, sizeof(storage));
	assert_non_null(arena_take(&a, 33));
	assert_null(arena_take(&a, 32)); /* 15 bytes are lost to alignment */
	assert_non_null(arena_take(&a, 16));
}

static void an_arena_without_memory_gives_nothing(void **state)
{
	(void)state;
	struct arena a = arena_of(NULL, 0);

	assert_null(arena_take(&a, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wiping_touches_nothing_behind),
		cmocka_unit_test(one_differing_bit_is_seen_wherever_it_is),
		cmocka_unit_test(arena_memory_is_zeroed_and_aligned),
		cmocka_unit_test(a_full_arena_gives_nothing),
		cmocka_unit_test(an_arena_without_memory_gives_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
