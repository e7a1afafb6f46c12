/* For MemStats. heapstats smash | ring | blocks | wait [THREADS] | resize */
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Writes over the links of a free block, as programs with a bug do: whoever walks the free lists now crashes, or never
 * comes to an end. */
static int smash(bool ring) /* the guard keeps it apart from the rest of the heap */
{
	char *p = malloc(2000), *volatile guard = malloc(1500);
	char *const chunk = p - 16, *const links[] = {ring ? chunk : NULL, ring ? chunk : NULL};

	free(p);
	memcpy(p, links, sizeof(links));
	(void)guard;
	return write(1, "smashed\n", 8) == 8 ? 3 : 1;
}

/* 100 blocks of 1000 bytes that live, 50 that do not; one of 1 MiB. */
static int blocks(void)
{
	static char *kept[151];

	for (int i = 0; i < 150; i++)
		kept[i] = malloc(1000);
	kept[150] = malloc(1 << 20);
	memset(kept[150], 1, 1 << 20);
	for (int i = 0; i < 150; i += 3) {
		free(kept[i]);
		kept[i] = NULL;
	}
	return 0;
}

static pthread_barrier_t started, finished;

static void *hold(void *unused)
{
	char *volatile p = malloc(5000);
	char page[65536];

	memset(page, 1, sizeof(page));
	pthread_barrier_wait(&started);
	pthread_barrier_wait(&finished);
	free(p);
	return unused;
}

static void allocate(void)
{
	free(malloc(100));
}

static void resize(void)
{
	static char *block;
	static bool large;

	large = !large;
	block = realloc(block, large ? 200000 : 100); /* to and from a mapping of its own */
}

/* Calls `work` until there is no more input; says so when all threads are there. */
static int busy(int n_threads, void (*work)(void))
{
	pthread_t threads[16];
	char text[64];

	pthread_barrier_init(&started, NULL, (unsigned)n_threads + 1);
	pthread_barrier_init(&finished, NULL, (unsigned)n_threads + 1);
	for (int i = 0; i < n_threads; i++)
		pthread_create(&threads[i], NULL, hold, NULL);
	pthread_barrier_wait(&started);
	printf("ready %d\n", (int)getpid());
	fflush(stdout);
	while (read(0, text, sizeof(text)) > 0)
		work();
	pthread_barrier_wait(&finished);
	for (int i = 0; i < n_threads; i++)
		pthread_join(threads[i], NULL);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return 2;
	if (!strcmp(argv[1], "smash") || !strcmp(argv[1], "ring"))
		return smash(argv[1][0] == 'r');
	if (!strcmp(argv[1], "blocks"))
		return blocks();
	if (!strcmp(argv[1], "resize"))
		return busy(0, resize);
	return busy(argc > 2 ? atoi(argv[2]) : 0, allocate);
}
