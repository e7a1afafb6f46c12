/*
 * A tree of 64-byte blocks, held by a global, whose children are not its neighbours. With "check", prints how long
 * LeakSanitizer's own check takes, which must be preloaded. tree BLOCKS [check]
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int __lsan_do_recoverable_leak_check(void) __attribute__((weak));

struct node {
	struct node *left, *right;
	uint64_t numbers[6];
};

static struct node *volatile root;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000;
	struct node **all = malloc((n + 1) * sizeof(struct node *));
	uint64_t random = 1;

	if (!all)
		return 1;
	for (size_t i = 0; i < n; i++)
		all[i] = calloc(1, sizeof(struct node));
	for (size_t i = n; i-- > 1;) {
		struct node *other;
		size_t which;

		random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		which = (random >> 33) % (i + 1);
		other = all[which];
		all[which] = all[i];
		all[i] = other;
	}
	for (size_t i = 0; i < n; i++) {
		all[i]->left = 2 * i + 1 < n ? all[2 * i + 1] : NULL;
		all[i]->right = 2 * i + 2 < n ? all[2 * i + 2] : NULL;
	}
	root = all[0];
	free(all);
	if (argc > 2 && __lsan_do_recoverable_leak_check) {
		double begin = now();

		__lsan_do_recoverable_leak_check();
		printf("%.3f\n", now() - begin);
	}
	return 0;
}
