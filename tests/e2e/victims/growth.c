/*
 * Memory over time, of a kind that is known: growth KIND STEPS WAIT_MS PER_SECOND. A step is WAIT_MS long by the clock
 * (0: as fast as it can), and 1 / PER_SECOND of a second of the program's own time. Beside the kind's own blocks there
 * is churn in each step. At the end it says "leaked BYTES BLOCKS SECONDS", by its own count, for a kind that leaks.
 */
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct node {
	struct node *next, *previous;
	char data[984];
};

static struct node *registry;        /* of what is never given back */
static struct node *newest, *oldest; /* of the cache or the pool */
static size_t n_cached;
static void *held[64]; /* of the churn */
static unsigned long leaked_bytes, leaked_blocks;
static unsigned long state = 1;

static unsigned random_below(unsigned n)
{
	state = state * 6364136223846793005UL + 1442695040888963407UL;
	return (unsigned)(state >> 33) % n;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void churn(unsigned n)
{
	while (n-- > 0) {
		unsigned i = random_below(64);

		free(held[i]);
		held[i] = malloc(16 + random_below(2000));
	}
}

static void leak(size_t n_bytes)
{
	struct node *node = malloc(n_bytes);

	node->next = registry;
	registry = node;
	leaked_bytes += n_bytes;
	leaked_blocks++;
}

static void cache_add(void)
{
	struct node *node = malloc(sizeof(*node));

	memset(node, 0, sizeof(*node));
	node->next = newest;
	*(newest ? &newest->previous : &oldest) = node;
	newest = node;
	n_cached++;
}

static void cache_evict(void)
{
	struct node *node = oldest;

	oldest = node->previous;
	*(oldest ? &oldest->next : &newest) = NULL;
	free(node);
	n_cached--;
}

/* ---- the kinds: what is done in a step */

static long n_steps, per_second;

static void steady(long step)
{
	(void)step;
	leak(1000);
	leak(24 + random_below(1000));
}

static void lru(long step)
{
	(void)step;
	cache_add();
	if (n_cached > (size_t)n_steps / 4)
		cache_evict();
}

static void random_cache(long step)
{
	static void *slots[100];
	unsigned i = random_below(100);

	(void)step;
	free(slots[i]);
	slots[i] = malloc(1000);
}

static void sawtooth(long step)
{
	cache_add();
	if (step % (n_steps / 6 + 1) == n_steps / 6)
		while (n_cached)
			cache_evict();
}

static void warm_up(long step)
{
	if (step < n_steps / 4)
		for (int i = 0; i < 20; i++)
			cache_add();
}

static void slow(long step)
{
	churn(per_second > 1 ? 500 : 20);
	if (step % per_second == 0)
		leak(64);
}

/* Five times work, then silence: no churn either, or hardly any. */
static void requests(long step)
{
	if (step * 10 / n_steps % 2)
		return;
	churn(100);
	for (int i = 0; i < 5; i++) {
		free(malloc(3000));
		leak(500);
	}
}

static void stops(long step)
{
	if (step < n_steps * 6 / 10)
		leak(1000);
}

static const struct {
	const char *name;
	void (*step)(long step);
	unsigned churn;
} kinds[] = {
	{"steady", steady, 20},   {"lru", lru, 20},   {"random-cache", random_cache, 20}, {"sawtooth", sawtooth, 20},
	{"warm-up", warm_up, 20}, {"slow", slow, 20}, {"requests", requests, 1},          {"stops", stops, 20},
};

int main(int argc, char **argv)
{
	double begin = seconds();
	long wait_ms = argc == 5 ? atol(argv[3]) : 0;
	size_t kind = 0;

	while (argc == 5 && kind < sizeof(kinds) / sizeof(*kinds) && strcmp(argv[1], kinds[kind].name) != 0)
		kind++;
	if (argc != 5 || kind == sizeof(kinds) / sizeof(*kinds))
		return 2;
	n_steps = atol(argv[2]);
	per_second = atol(argv[4]);
	for (long step = 0; step < n_steps; step++) {
		int left_ms = (int)((begin - seconds()) * 1000) + (int)(step * wait_ms);

		if (wait_ms && left_ms > 0)
			poll(NULL, 0, left_ms);
		churn(kinds[kind].churn);
		kinds[kind].step(step);
	}
	printf("leaked %lu %lu %.3f\n", leaked_bytes, leaked_blocks, seconds() - begin);
	return 0;
}
