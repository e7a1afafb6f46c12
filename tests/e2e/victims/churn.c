/*
 * Threads that allocate, move and free all the time, with everything held in ways that are short-lived: in registers,
 *in stack frames, in arrays that realloc moves, in lists that other threads take over. Loses exactly LOST blocks of
 * LOST_BYTES bytes, each holding another one, before it says "ready" and its PID. Ends when standard input does.
 *	churn [THREADS]
 */
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOST       7
#define LOST_BYTES 1000
#define HELD_BYTES 900

struct node {
	struct node *next;
	void *load;
};

static _Atomic(struct node *) shared;
static atomic_bool stop;

static __attribute__((noinline)) void lose(void)
{
	for (int i = 0; i < LOST; i++) {
		void **lost = malloc(LOST_BYTES);

		lost[0] = malloc(HELD_BYTES);
		lost = NULL;
	}
}

static __attribute__((noinline)) void wipe(void)
{
	volatile char frames[32768];

	for (size_t i = 0; i < sizeof(frames); i++)
		frames[i] = 0;
}

/* An array that is the only holder of its blocks, and grows by realloc, beyond what realloc moves by mremap. */
static void grow(unsigned most)
{
	void **array = NULL;
	size_t n = 0;

	for (size_t cap = 16; cap <= most; cap *= 2) {
		array = realloc(array, cap * sizeof(*array));
		while (n < cap && n < 400)
			array[n++] = malloc(24);
	}
	while (n > 0)
		free(array[--n]);
	free(array);
}

/* Nodes that go from thread to thread. */
static void pass_on(void)
{
	struct node *node = malloc(sizeof(*node)), *all;

	node->load = malloc(40);
	node->next = atomic_load(&shared);
	while (!atomic_compare_exchange_weak(&shared, &node->next, node))
		;
	if ((rand() & 31) != 0)
		return;
	all = atomic_exchange(&shared, NULL);
	while (all) {
		struct node *next = all->next;

		free(all->load);
		free(all);
		all = next;
	}
}

static void *churn(void *arg)
{
	while (!atomic_load(&stop)) {
		pass_on();
		grow(1024);
		if ((rand() & 15) == 0)
			grow(65536);
	}
	return arg;
}

/* Most of the time in the middle of a realloc that moves the only pointers to some blocks: from the heap to a mapping
 * of its own, and from that to a larger one, which the other array's mapping keeps from growing where it is. */
static void *move(void *arg)
{
	void **arrays[2];
	size_t n_bytes = 50 << 10;

	for (int k = 0; k < 2; k++) {
		arrays[k] = calloc(1, n_bytes);
		for (int i = 0; i < 100; i++)
			arrays[k][i] = malloc(24);
	}
	while (!atomic_load(&stop)) {
		n_bytes = n_bytes > 500 << 10 ? 50 << 10 : n_bytes + (60 << 10);
		for (int k = 0; k < 2; k++)
			arrays[k] = realloc(arrays[k], n_bytes);
	}
	for (int k = 0; k < 2; k++) {
		for (int i = 0; i < 100; i++)
			free(arrays[k][i]);
		free(arrays[k]);
	}
	return arg;
}

int main(int argc, char **argv)
{
	int n_threads = argc > 1 ? atoi(argv[1]) : 4;
	pthread_t threads[64];
	char c;

	mallopt(M_MMAP_THRESHOLD, 100 << 10);
	lose();
	wipe();
	for (int i = 0; i < n_threads; i++)
		if (pthread_create(&threads[i], NULL, i % 2 ? move : churn, NULL) != 0)
			return 9;
	if (dprintf(STDOUT_FILENO, "ready %d\n", (int)getpid()) < 0)
		return 8;
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
	atomic_store(&stop, 1);
	for (int i = 0; i < n_threads; i++)
		pthread_join(threads[i], NULL);
	return 5;
}
