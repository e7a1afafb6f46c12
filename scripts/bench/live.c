/* 500,000 live blocks, freed and made again in random order. live OPERATIONS */
#include <stdint.h>
#include <stdlib.h>

#define N_LIVE 500000

static void *blocks[N_LIVE];

int main(int argc, char **argv)
{
	long n_operations = argc > 1 ? atol(argv[1]) : 1000000;
	uint64_t random = 1;

	for (int i = 0; i < N_LIVE; i++)
		blocks[i] = malloc(16 + (unsigned)i % 100);
	for (long i = 0; i < n_operations; i++) {
		unsigned which;

		random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		which = (unsigned)(random >> 33) % N_LIVE;
		free(blocks[which]);
		blocks[which] = malloc(16 + (random >> 40) % 100);
	}
	for (int i = 0; i < N_LIVE; i++) {
		unsigned which;

		random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		which = (unsigned)(random >> 33) % N_LIVE;
		free(blocks[which]);
		blocks[which] = NULL;
	}
	return 0;
}
