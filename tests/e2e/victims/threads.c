/*
 * Threads that allocate, free each other's blocks through shared places, and leave some alive, with a count of the live
 * blocks per function kept outside the heap. threads FILE THREADS OPERATIONS
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define N_PLACES 512
#define N_SITES 3

struct header {
	unsigned site;
	size_t size_bytes;
};

static _Atomic(struct header *) places[N_PLACES];
static _Atomic long blocks[N_SITES], bytes[N_SITES];
static int n_operations;

static void count(unsigned site, long n, size_t size)
{
	blocks[site] += n;
	bytes[site] += n * (long)size;
}

static struct header *label(struct header *block, unsigned site, size_t size)
{
	block->site = site;
	block->size_bytes = size;
	count(site, 1, size);
	return block;
}

static __attribute__((noinline)) struct header *by_malloc(size_t size)
{
	return label(malloc(size), 0, size);
}

static __attribute__((noinline)) struct header *by_calloc(size_t size)
{
	return label(calloc(1, size), 1, size);
}

static __attribute__((noinline)) struct header *by_realloc(struct header *old, size_t size)
{
	count(old->site, -1, old->size_bytes);
	return label(realloc(old, size), 2, size);
}

static void *work(void *argument)
{
	uint64_t state = (uintptr_t)argument;

	for (int i = 0; i < n_operations; i++) {
		struct header *mine, *theirs;
		size_t size;

		state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		size = sizeof(struct header) + (state >> 40) % 300;
		mine = state >> 33 & 1 ? by_malloc(size) : by_calloc(size);
		theirs = atomic_exchange(&places[(state >> 50) % N_PLACES], mine);
		if (theirs && state >> 34 & 1)
			theirs = by_realloc(theirs, size + 100);
		if (theirs) {
			count(theirs->site, -1, theirs->size_bytes);
			free(theirs);
		}
	}
	return NULL;
}

int main(int argc, char **argv)
{
	static const char *const names[N_SITES] = {"by_malloc", "by_calloc", "by_realloc"};
	pthread_t threads[64];
	int n_threads = argc > 3 ? atoi(argv[2]) : 4;
	char line[100];
	int fd = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC, 0600);

	n_operations = argc > 3 ? atoi(argv[3]) : 10000;
	for (int i = 0; i < n_threads; i++) {
		if (pthread_create(&threads[i], NULL, work, (void *)(uintptr_t)(i + 1)) != 0)
			return 1;
	}
	for (int i = 0; i < n_threads; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < N_SITES; i++) {
		int n = snprintf(line, sizeof(line), "%s %ld %ld\n", names[i], blocks[i], bytes[i]);

		if (blocks[i] && write(fd, line, (size_t)n) != n)
			return 1;
	}
	return 0;
}
