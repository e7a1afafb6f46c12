/* realloc in each of its ways; prints what happened, so that runs can be compared. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

char *kept_in_place, *kept_moved, *kept_failed;

static __attribute__((noinline)) void in_place(void)
{
	kept_in_place = malloc(1000);
	kept_in_place = realloc(kept_in_place, 900);
}

static __attribute__((noinline)) void moved(void)
{
	char *wall;

	kept_moved = malloc(100);
	wall = malloc(100);
	kept_moved = realloc(kept_moved, 50000);
	free(wall);
}

static __attribute__((noinline)) int failed(void)
{
	volatile size_t huge = PTRDIFF_MAX;

	kept_failed = malloc(77);
	errno = 0;
	return realloc(kept_failed, huge) == NULL && errno == ENOMEM;
}

static __attribute__((noinline)) int to_zero(void)
{
	volatile size_t zero = 0;
	char *p = malloc(88);

	return realloc(p, zero) == NULL;
}

int main(void)
{
	char line[80];
	int n;

	in_place();
	moved();
	n = snprintf(line, sizeof(line), "failed %d, to zero %d\n", failed(), to_zero());
	return write(1, line, (size_t)n) == n ? 0 : 1;
}
