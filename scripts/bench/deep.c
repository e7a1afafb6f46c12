/* Pairs of malloc and free below 40 levels of calls, by another way each time. deep PAIRS */
#include <stdint.h>
#include <stdlib.h>

typedef long step(uint64_t path, int depth);
static step left, right;

static inline __attribute__((always_inline)) long go_on(uint64_t path, int depth)
{
	if (depth == 0) {
		void *p = malloc(16 + path % 256);

		__asm__ volatile("" : : "r"(p) : "memory");
		free(p);
		return 1;
	}
	return (path & 1 ? left : right)(path >> 1, depth - 1) + 1;
}

static __attribute__((noinline)) long left(uint64_t path, int depth)
{
	return go_on(path, depth) + 2;
}

static __attribute__((noinline)) long right(uint64_t path, int depth)
{
	volatile long local = depth; /* a frame of another size */

	return go_on(path, depth) + local;
}

int main(int argc, char **argv)
{
	long n_pairs = argc > 1 ? atol(argv[1]) : 1000000;
	uint64_t random = 1;
	long sum = 0;

	for (long i = 0; i < n_pairs; i++) {
		random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		/* the outer 32 levels change rarely, as in real programs; the inner ones often */
		sum += left((uint64_t)(i >> 12) * UINT64_C(0x9e3779b1) << 8 >> 8 | random >> 56 << 32, 39);
	}
	return sum == 0;
}
