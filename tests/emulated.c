/* emulated.c - runs an arm64 eicbox by qemu-user under the name that this program was called by
 *
 * binfmt_misc would do without it, and is not there in every container. Compiled with the paths
 * QEMU and BINARY; static, so that it can be copied and linked to like eicbox itself. */
#include <string.h>
#include <unistd.h>

#define WORDS_MAX 4096

int main(int argc, char **argv)
{
	char *words[WORDS_MAX] = { "qemu-aarch64-static", "-0", argv[0], BINARY };

	if (argc < 1 || argc > WORDS_MAX - 4)
		return 126;
	memcpy(words + 4, argv + 1, (size_t)argc * sizeof(*argv));
	execv(QEMU, words);
	return 126;
}
