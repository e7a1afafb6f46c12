/* A module that stays loaded: it keeps one block, gives one away, and loses one. */
#include <stdlib.h>

void *module_leak(void);

static void *mine;

__attribute__((noinline)) static void lose(void)
{
	void **lost = malloc(500);

	lost[0] = malloc(50);
	lost[1] = NULL;
}

void *module_leak(void)
{
	void **given = malloc(70);

	if (!mine)
		mine = malloc(60);
	lose();
	given[0] = NULL;
	return given;
}
