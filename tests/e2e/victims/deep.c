/* Blocks below recursion of the depth that is asked for. deep DEPTH */
#include <stdlib.h>

static __attribute__((noinline)) void *descend(int depth)
{
	void *p = depth > 1 ? descend(depth - 1) : malloc(64);

	__asm__ volatile("" : : "r"(p) : "memory");
	return p;
}

int main(int argc, char **argv)
{
	return descend(argc > 1 ? atoi(argv[1]) : 10) == NULL;
}
