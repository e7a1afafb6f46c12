/* A module that is loaded, leaks, and is unloaded; compiled with -DNAME=… more than once. */
#include <stdlib.h>

__attribute__((noinline)) void *NAME(void)
{
	void *p = malloc(500);

	__asm__ volatile("" : : "r"(p) : "memory");
	return p;
}
