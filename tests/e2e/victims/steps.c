/* Does what it reads, a line each: "+N" allocates N bytes and keeps them, "-" frees all, "wait MS" waits. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *kept[1000];
static int n_kept;

static void keep(size_t n_bytes)
{
	kept[n_kept] = malloc(n_bytes);
	memset(kept[n_kept++], 1, n_bytes);
}

static void release(void)
{
	while (n_kept > 0)
		free(kept[--n_kept]);
}

int main(void)
{
	char line[64];

	while (fgets(line, sizeof(line), stdin)) {
		if (line[0] == '+')
			keep((size_t)atol(line + 1));
		else if (line[0] == '-')
			release();
		else
			poll(NULL, 0, atoi(line + 5));
	}
	return 0;
}
