/* Pairs of malloc and free from one place. flat PAIRS */
#include <stdlib.h>

int main(int argc, char **argv)
{
	long n_pairs = argc > 1 ? atol(argv[1]) : 1000000;
	unsigned size = 1;

	for (long i = 0; i < n_pairs; i++) {
		void *p = malloc(16 + size % 512);

		__asm__ volatile("" : : "r"(p) : "memory");
		free(p);
		size = size * 1664525u + 1013904223u;
	}
	return 0;
}
