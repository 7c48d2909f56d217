/* arena.c - gives mbedTLS its memory where there is no heap, before main */
#include "crypto/crypto.h"

static unsigned char arena[4 << 20];

__attribute__((constructor)) static void give_arena(void)
{
	crypto_init(arena, sizeof(arena));
}
