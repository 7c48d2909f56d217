/* lzma_test.c - what liblzma packed is unpacked, and nothing else */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/lzma.h"
#include "data/enc.h"

#define TEXT_SIZE 6000

/* Words, odd bytes and repetitions from near and far, so that every kind of match occurs. */
static void make_text(unsigned char text[static TEXT_SIZE])
{
	static const struct str words[] = { STR("policy "), STR("signer "), STR("staple"),
		STR("s "), STR("\n"), STR("key "), STR("of an instance "), STR("\0\1\2") };
	static char storage[TEXT_SIZE + 200];
	struct buf b = buf_of(storage, sizeof(storage));
	uint32_t x = 1;

	while (b.len < TEXT_SIZE) {
		x = x * 1664525 + 1013904223;
		buf_str(&b, words[x >> 29]);
		if ((x >> 16) % 13 == 0)
			buf_putc(&b, (char)(x >> 8));
		if ((x >> 16) % 17 == 0 && b.len > 1000) {
			size_t far = (x >> 20) % 900 + 1;

			buf_add(&b, b.p + b.len - far, far < 40 ? far : 40);
		}
	}
	memcpy(text, b.p, TEXT_SIZE);
}

/* That text as Python's lzma packed it: FORMAT_RAW, LZMA1, preset 9 extreme, lc, lp and pb 0. */
static const char packed_text[] =
	"ADmbfjqUfvyH1yKtUHQwnR/uTd+x58iiZ0D2xd6ViwBteicpoaK/MnsVZKeRmxlW23yYIcNWep4XnAT3weMyT72O"
	"Rnh8P1fLDqZWgOhqBFZ7V8kUCVORTKQ1giJM9BUXD2g1u6Ey0iMFqqTXLmLyioiQhTHOf3BUV5Kmbq50WPkzwMm2"
	"aclWJSOmlKtcTFTz0xieqP21QsA1oW8+QqYiUrvpq6XDSQjaZ1l68VxGH/Jp1tnN6axYCXXUMVj0gOsjoaR79Doz"
	"DcFyc2GRWUWo/xnM+xpdsYtDjKvM8j+Rw+lhzZKFwtxjtyHJ57ZVK0wYfCpU7Els2EnCndpu8ZyMJ/pKezSgW7xf"
	"c8f9RuF0sqMpX/xNZ8rIL3mC1NuyBNK4/aI7fm8SFf2/02G/shS0S7yLMKGXNZJeBGvuIDIqNVdvQ3JgO9e+F0xx"
	"hGe5tbr8TwpyiVYlkaOaqG3n4sZoMb6Tydfd1feDK64o7nIgpm98OvAFpCFR0CAj8qwrUMhTTP9M95Nwroy1iPoZ"
	"q0y37Wo6kpYNUr9WNmX3xe69GdKkYoMuz3aiOW3PNYyEhgD2YYuJHG8TMqlqN04yv6G/3PvN30saiVWSTQ++1YZe"
	"Tmz9Y4+6QdJXP0/OtSnhHzrhdE8netIu49HDQejSMP6Ll9IRPRJZDWeUw+qnGwJ44hZ5X20+HWaCHkghidpbFtOg"
	"A1YGsnpHyNkiwkCgljvgeymyt3qKwxxAvF9w1Kcv2sGZy05dv8ga7eLxX+zjFP5jfzByV1s0FdMipX9DSZtGDqPz"
	"kcmUOABpxTmSxRUsvuauiW6Nnk4fJVGpL49XqJhCL4AiBEatDElQZAjhiiHMC2Av6EGdqu2Uy9pSBNb9oziojpZJ"
	"fDG9XxX2hKY/ok3doKRdNdFww0WfqNiX0x1qdh+0wcmv7nQ0AzkUt15BWVLlVoA8vwwGFKTl6Cynk3u22sevNXtE"
	"9E1kXtzW8RIqMAfTSFTM6wdJOYdSxMJvJNosQwHLwqtF4MyFFIA/S1Iey5CVgVyO6Jd8XfYhvxETqVY/0LWgXqLA"
	"IYhIy8oxD1ZFzAX9pq9X7JFbeR1jOvaYRybvzo3ss2F05moOkYumxTMIyoJp0mVVdtPAf0kK4KMdLi9yWukcJpIM"
	"fAY3OfvflzSotOSxhkx1E/VzGrMNhUxvBQDQYQFHnmwjwdxWa8oNo/HDDIJRofyQc2oPR76z4ErAPwH/6jKTGg==";

static struct buf packed;
static unsigned char text[TEXT_SIZE], to[TEXT_SIZE + 1];

static int unpack_vector(void **state)
{
	static char storage[4096];

	(void)state;
	packed = buf_of(storage, sizeof(storage));
	make_text(text);
	return base64_read(str_of(packed_text), false, &packed);
}

static bool unpack(size_t n, size_t size)
{
	return lzma_unpack(to, n, (const unsigned char *)packed.p, size);
}

static void what_was_packed_is_unpacked(void **state)
{
	(void)state;
	to[TEXT_SIZE] = 0x55;
	assert_true(unpack(TEXT_SIZE, packed.len));
	assert_memory_equal(to, text, TEXT_SIZE);
	assert_int_equal(to[TEXT_SIZE], 0x55);
}

static void what_follows_the_packed_bytes_does_not_matter(void **state)
{
	(void)state;
	assert_true(packed.len + 100 < packed.cap);
	assert_true(unpack(TEXT_SIZE, packed.len + 100));
	assert_memory_equal(to, text, TEXT_SIZE);
}

/* liblzma's mark of the end, which nobody reads, takes the last bytes. */
static void missing_bytes_are_found(void **state)
{
	(void)state;
	for (size_t size = 0; size < packed.len - 12; size++)
		assert_false(unpack(TEXT_SIZE, size));
}

static void a_match_longer_than_the_room_is_refused(void **state)
{
	bool refused = false;

	(void)state;
	for (size_t n = 1; n < TEXT_SIZE; n++) {
		to[n] = 0x55;
		if (!unpack(n, packed.len))
			refused = true;
		else
			assert_memory_equal(to, text, n);
		assert_int_equal(to[n], 0x55);
	}
	assert_true(refused);
}

static void the_mark_of_the_end_is_no_match(void **state)
{
	(void)state;
	assert_false(unpack(TEXT_SIZE + 1, packed.len));
}

static void a_match_before_the_first_byte_is_refused(void **state)
{
	static const unsigned char bytes[64] = { 0, 0xff, 0xff, 0xff, 0 };

	(void)state;
	assert_false(lzma_unpack(to, TEXT_SIZE, bytes, sizeof(bytes)));
}

static void nothing_is_unpacked_from_nothing(void **state)
{
	(void)state;
	assert_false(lzma_unpack(to, 1, text, 0));
	assert_false(lzma_unpack(to, 0, text, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_packed_is_unpacked),
		cmocka_unit_test(what_follows_the_packed_bytes_does_not_matter),
		cmocka_unit_test(missing_bytes_are_found),
		cmocka_unit_test(a_match_longer_than_the_room_is_refused),
		cmocka_unit_test(the_mark_of_the_end_is_no_match),
		cmocka_unit_test(a_match_before_the_first_byte_is_refused),
		cmocka_unit_test(nothing_is_unpacked_from_nothing),
	};

	return cmocka_run_group_tests(tests, unpack_vector, NULL);
}
