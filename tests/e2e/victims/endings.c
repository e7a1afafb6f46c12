/*
 * Makes 1000 blocks, frees 400, then ends in the way that is asked for:
 * return exit _exit _Exit quick_exit abort segv term kill pthread_exit exec busy
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static __attribute__((noinline)) void make_blocks(void)
{
	void *blocks[1000];

	for (int i = 0; i < 1000; i++)
		blocks[i] = malloc(10);
	for (int i = 0; i < 400; i++)
		free(blocks[i]);
}

static void *allocate_forever(void *unused)
{
	for (;;)
		free(malloc(32));
	return unused;
}

static void end_by_signal(const char *way)
{
	if (strcmp(way, "abort") == 0)
		abort();
	if (strcmp(way, "segv") == 0)
		*(volatile int *)8 = 1;
	if (strcmp(way, "term") == 0)
		kill(getpid(), SIGTERM);
	if (strcmp(way, "kill") == 0)
		kill(getpid(), SIGKILL);
}

int main(int argc, char **argv)
{
	const char *way = argc > 1 ? argv[1] : "return";
	pthread_t thread;

	make_blocks();
	if (strcmp(way, "exit") == 0)
		exit(3);
	if (strcmp(way, "_exit") == 0)
		_exit(3);
	if (strcmp(way, "_Exit") == 0)
		_Exit(3);
	if (strcmp(way, "quick_exit") == 0)
		quick_exit(3);
	if (strcmp(way, "pthread_exit") == 0)
		pthread_exit(NULL);
	if (strcmp(way, "exec") == 0)
		execl("/bin/true", "true", (char *)NULL);
	if (strcmp(way, "busy") == 0 && pthread_create(&thread, NULL, allocate_forever, NULL) == 0)
		exit(3);
	end_by_signal(way);
	return 3;
}
