/* Says "first PID" and, N times, puts itself in its own place after 20 ms; then it says "last" and waits for the end of
 * standard input: again N. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int left = argc > 1 ? atoi(argv[1]) : 0;
	void *volatile block = malloc(1000);
	char next[16], byte;

	if (argc == 2)
		printf("first %d\n", (int)getpid());
	if (left == 0)
		printf("last\n");
	fflush(stdout);
	if (left == 0)
		return read(STDIN_FILENO, &byte, 1) != 0;
	poll(NULL, 0, 20);
	free(block);
	snprintf(next, sizeof(next), "%d", left - 1);
	execl(argv[0], argv[0], next, "on", (char *)NULL);
	return 1;
}
