/* Keeps 100 blocks and frees 50, says "ready" and its PID; then each line that it reads makes it keep 10 more and free
 * 5 more, and say "done". Ends when standard input does. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define MOST 100000

static void *kept[MOST];
static int n_kept;

static void keep(int n)
{
	for (int i = 0; i < n && n_kept < MOST; i++)
		kept[n_kept++] = malloc(64);
}

static void pass(int n)
{
	for (int i = 0; i < n; i++)
		free(malloc(1000));
}

int main(void)
{
	char byte;

	setvbuf(stdout, NULL, _IOLBF, 256);
	keep(100);
	pass(50);
	printf("ready %d\n", (int)getpid());
	while (read(STDIN_FILENO, &byte, 1) == 1) {
		if (byte != '\n')
			continue;
		keep(10);
		pass(5);
		printf("done\n");
	}
	return 0;
}
