/*
 * Blocks left in many shapes, one per run: shapes NAME [MODULE [fixed]]. Nothing is printed. What is kept hangs on
 * `kept`; before the end, what calls left on the stack is wiped, so that it does not matter where a checker takes
 * main's stack from.
 */
#include <dlfcn.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOINLINE  __attribute__((noinline))
#define N_THREADS 3
#define MAX_NODES 60000

struct node {
	struct node *next, *other;
	char rest[24];
};

static void *volatile kept[8];
static uintptr_t hidden;
static const char *module_path = "";
static _Atomic int n_ready;
static uintptr_t nodes[MAX_NODES]; /* complements */
static size_t n_nodes;

static NOINLINE struct node *node(struct node *next, struct node *other)
{
	struct node *made = calloc(1, sizeof(*made));

	made->next = next;
	made->other = other;
	if (n_nodes < MAX_NODES)
		nodes[n_nodes++] = ~(uintptr_t)made;
	return made;
}

/* The leak fixed: of shapes made of nodes, nothing is left. */
static NOINLINE void free_nodes(void)
{
	while (n_nodes > 0)
		free((void *)~nodes[--n_nodes]);
}

static NOINLINE void wipe_stack(void)
{
	volatile char room[49152];

	for (size_t i = 0; i < sizeof(room); i++)
		room[i] = 0;
	__asm__ volatile("pxor %%xmm0, %%xmm0; pxor %%xmm1, %%xmm1; pxor %%xmm2, %%xmm2; pxor %%xmm3, %%xmm3"
			 :
			 :
			 : "xmm0", "xmm1", "xmm2", "xmm3");
}

/* ---- lists and trees */

static NOINLINE struct node *list(int n)
{
	struct node *head = NULL;

	for (int i = 0; i < n; i++)
		head = node(head, NULL);
	return head;
}

static NOINLINE struct node *doubly(int n)
{
	struct node *head = list(n);

	for (struct node *at = head; at->next; at = at->next)
		at->next->other = at;
	return head;
}

static NOINLINE struct node *last_of(struct node *head)
{
	while (head->next)
		head = head->next;
	return head;
}

static NOINLINE struct node *cycle(int n)
{
	struct node *head = list(n);

	last_of(head)->next = head;
	return head;
}

static NOINLINE struct node *tree(int depth)
{
	return depth == 0 ? NULL : node(tree(depth - 1), tree(depth - 1));
}

static void list_lost(void)
{
	list(7);
}

static void list_kept(void)
{
	kept[0] = list(7);
}

static void list_tail_kept(void)
{
	kept[0] = list(7)->next->next;
}

static void list_long_lost(void)
{
	list(30000);
}

static void doubly_lost(void)
{
	doubly(6);
}

static void doubly_kept(void)
{
	kept[0] = doubly(6);
}

static void doubly_middle_kept(void)
{
	kept[0] = doubly(6)->next->next;
}

static void tree_lost(void)
{
	tree(5);
}

static void tree_kept(void)
{
	kept[0] = tree(5);
}

static void tree_branch_kept(void)
{
	kept[0] = tree(5)->other->next;
}

/* ---- cycles */

static void self_lost(void)
{
	struct node *self = node(NULL, NULL);

	self->next = self;
	self->other = (struct node *)self->rest;
}

static void cycle_lost(void)
{
	cycle(5);
}

static void cycle_kept(void)
{
	kept[0] = cycle(5)->next->next;
}

static void chain_on_cycle(void)
{
	cycle(3)->other = list(4);
}

static void chain_into_cycle(void)
{
	last_of(list(4))->other = cycle(3);
}

static void two_chains_into_cycle(void)
{
	struct node *round = cycle(3);

	last_of(list(2))->other = round;
	last_of(list(3))->other = round->next;
}

static void cycle_into_cycle(void)
{
	struct node *first = cycle(3);

	first->next->other = cycle(4);
}

static void cycle_of_cycles(void)
{
	struct node *first = cycle(3), *second = cycle(4), *third = cycle(5);

	first->other = second;
	second->other = third;
	third->other = first->next;
}

static void cycles_in_a_row(void)
{
	struct node *first = cycle(2), *second = cycle(3), *third = cycle(2);

	third->other = second;
	second->next->other = first;
	first->other = list(2);
}

static void leaders_share_child(void)
{
	struct node *child = list(2);

	node(child, NULL);
	node(NULL, child);
}

static void diamond(void)
{
	struct node *bottom = node(NULL, NULL);

	node(node(bottom, NULL), node(bottom, NULL));
}

/* ---- pointers to elsewhere than the start */

static void interior_only(void)
{
	kept[0] = (char *)malloc(200) + 40;
}

static void interior_last_byte(void)
{
	kept[0] = (char *)malloc(200) + 199;
}

static void interior_of_list(void)
{
	kept[0] = list(5)->rest;
}

static void interior_and_start(void)
{
	struct node *head = list(5);

	kept[0] = head->rest;
	kept[1] = head;
}

static void interior_on_the_way(void)
{
	struct node *first = list(2), *second = list(3);

	last_of(first)->other = (struct node *)second->rest;
	kept[0] = first;
}

static void interior_among_lost(void)
{
	struct node *second = list(3);

	last_of(list(2))->other = (struct node *)second->rest;
}

static void possible_meets_reachable(void)
{
	struct node *shared = list(2);

	kept[0] = node(shared, NULL)->rest;
	kept[1] = node(NULL, shared);
}

static void past_the_end(void)
{
	kept[0] = (char *)malloc(208) + 208;
}

static void tag_low(void)
{
	kept[0] = (char *)list(3) + 1;
}

static void tag_high(void)
{
	kept[0] = (void *)((uintptr_t)list(3) | UINT64_C(0xff) << 56);
}

static void odd_address(void)
{
	void *head = list(3);

	memcpy((char *)(uintptr_t)kept + 3, &head, sizeof(head));
}

static void only_in_freed(void)
{
	void *volatile *small = malloc(64);
	void *volatile *big = malloc(5000);

	small[5] = list(3);
	big[300] = list(2);
	kept[0] = (void *)small;
	kept[1] = (void *)big;
	free((void *)small);
	free((void *)big);
}

/* length64: the first word is how many bytes follow it. */
static void length64(void)
{
	uint64_t *block = malloc(208);

	block[0] = 200;
	kept[0] = block + 1;
}

static void length64_not(void)
{
	uint64_t *block = malloc(208);

	block[0] = 177;
	kept[0] = block + 1;
}

/* stdstring: length, capacity, reference count, then the characters. */
static void old_string(void)
{
	uint64_t *block = malloc(24 + 31 + 1);

	block[0] = 5;
	block[1] = 31;
	block[2] = 0;
	kept[0] = block + 3;
}

static void old_string_not(void)
{
	uint64_t *block = malloc(24 + 31 + 1);

	block[0] = 5;
	block[1] = 33;
	block[2] = 0;
	kept[0] = block + 3;
}

/* ---- sizes and allocators */

static void empty_lost(void)
{
	for (int i = 0; i < 3; i++)
		malloc(0);
	calloc(0, 8);
}

static void empty_kept(void)
{
	kept[0] = malloc(0);
	kept[1] = calloc(0, 8);
}

static void small_lost(void)
{
	for (size_t size = 1; size <= 40; size++)
		malloc(size);
}

/* Free chunks of all sizes between the blocks: the allocator's lists are full of pointers to chunk headers. */
static void chunk_headers(void)
{
	static const size_t sizes[] = {1, 8, 24, 25, 40, 56, 72, 88, 100, 104, 136, 200, 520, 1000, 1032, 1400, 5000};
	void *between[sizeof(sizes) / sizeof(*sizes)][24];

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		for (size_t j = 0; j < 24; j++) {
			malloc(sizes[i]);
			between[i][j] = malloc(sizes[(i + j) % (sizeof(sizes) / sizeof(*sizes))] + 30);
		}
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		for (size_t j = 0; j < 24; j++)
			free(between[i][j]);
	free(malloc(30000)); /* sorts what was freed into its bins */
}

/* The last word of the arena before its top. */
static void before_top(void)
{
	for (size_t size = 8; size < 200; size += 16)
		memset(malloc(size), 0, size);
	malloc(104);
}

static void realloc_moved(void)
{
	void *block = malloc(64);

	kept[0] = block;
	kept[1] = malloc(64); /* in the way of growing in place */
	block = realloc(block, 100000);
	kept[2] = realloc(malloc(10), 3000);
	kept[3] = realloc(NULL, 77);
}

static void realloc_list(void)
{
	void **array = malloc(8);

	for (size_t n = 1; n <= 64; n++) {
		array = realloc(array, n * sizeof(*array));
		array[n - 1] = malloc(n);
	}
}

static void aligned_lost(void)
{
	void *block;

	for (size_t align = 16; align <= 8192; align *= 2) {
		if (posix_memalign(&block, align, align + 3) != 0)
			exit(4);
		block = aligned_alloc(align, 2 * align);
		block = memalign(align, 5);
		hidden ^= (uintptr_t)block;
	}
	valloc(10);
}

static void aligned_kept(void)
{
	void **block = NULL;

	for (size_t align = 16; align <= 8192; align *= 2) {
		void **made = memalign(align, align + 8);

		*made = block;
		block = made;
	}
	kept[0] = block;
}

/* Mapped by themselves; no larger, so that no odd number in the process is likely to point into them. */
#define LARGE ((size_t)400 << 10)

static void large_lost(void)
{
	malloc(LARGE);
	calloc(3, LARGE / 2);
}

static void large_holds(void)
{
	void *volatile *far = calloc(1, LARGE);

	far[LARGE / sizeof(*far) - 1] = list(4);
	kept[0] = (void *)far;
}

static void large_lost_holds(void)
{
	void *volatile *far = calloc(1, LARGE);

	far[LARGE / 2 / sizeof(*far) + 1] = list(4);
}

static void large_interior(void)
{
	kept[0] = (char *)malloc(LARGE) + LARGE / 8 * 5;
}

static void library_blocks(void)
{
	char *text = NULL;

	if (asprintf(&text, "%d and so on", 12345) < 0)
		exit(4);
	strdup("lost as well");
	kept[0] = strdup("kept");
	fopen("/dev/null", "r"); /* stdio's list of files holds it */
	malloc(50000);
}

static void all_kinds(void)
{
	list_lost();
	cycle_of_cycles();
	kept[0] = tree(3);
	kept[1] = list(3)->rest;
	kept[2] = (char *)malloc(333) + 100;
	leaders_share_child();
	malloc(0);
}

static void nothing(void)
{
	free(malloc(10));
}

/* ---- threads, processes, modules */

static void *stay(void *unused)
{
	void *volatile local = list(3);

	malloc(44);
	wipe_stack();
	atomic_fetch_add(&n_ready, 1);
	for (;;)
		pause();
	return (void)local, unused;
}

static void *end(void *unused)
{
	list(2);
	return unused;
}

static NOINLINE void start(void *(*work)(void *), int n, int join)
{
	pthread_t threads[N_THREADS];

	for (int i = 0; i < n; i++)
		if (pthread_create(&threads[i], NULL, work, NULL) != 0)
			exit(4);
	for (int i = 0; join && i < n; i++)
		pthread_join(threads[i], NULL);
}

static void threads_alive(void)
{
	start(stay, N_THREADS, 0);
	while (atomic_load(&n_ready) < N_THREADS)
		sched_yield();
}

static void threads_joined(void)
{
	start(end, N_THREADS, 1);
}

static void fork_child(void)
{
	int status;
	pid_t child;

	kept[0] = list(2);
	list(3);
	child = fork();
	if (child == 0) {
		cycle(4);
		kept[1] = list(5);
		return;
	}
	if (waitpid(child, &status, 0) != child || status != 0)
		exit(4);
	malloc(21);
}

static void module_leak(void)
{
	void *module = dlopen(module_path, RTLD_NOW);
	void *(*leak)(void) = module ? (void *(*)(void))dlsym(module, "module_leak") : NULL;

	if (!leak)
		exit(4);
	leak();
	kept[0] = leak();
}

#define SHAPE(name)                                                                                                    \
	{                                                                                                              \
#name, name                                                                                            \
	}

static const struct shape {
	const char *name;
	void (*make)(void);
} shapes[] = {
	SHAPE(list_lost),
	SHAPE(list_kept),
	SHAPE(list_tail_kept),
	SHAPE(list_long_lost),
	SHAPE(doubly_lost),
	SHAPE(doubly_kept),
	SHAPE(doubly_middle_kept),
	SHAPE(tree_lost),
	SHAPE(tree_kept),
	SHAPE(tree_branch_kept),
	SHAPE(self_lost),
	SHAPE(cycle_lost),
	SHAPE(cycle_kept),
	SHAPE(chain_on_cycle),
	SHAPE(chain_into_cycle),
	SHAPE(two_chains_into_cycle),
	SHAPE(cycle_into_cycle),
	SHAPE(cycle_of_cycles),
	SHAPE(cycles_in_a_row),
	SHAPE(leaders_share_child),
	SHAPE(diamond),
	SHAPE(interior_only),
	SHAPE(interior_last_byte),
	SHAPE(interior_of_list),
	SHAPE(interior_and_start),
	SHAPE(interior_on_the_way),
	SHAPE(interior_among_lost),
	SHAPE(possible_meets_reachable),
	SHAPE(past_the_end),
	SHAPE(tag_low),
	SHAPE(tag_high),
	SHAPE(odd_address),
	SHAPE(only_in_freed),
	SHAPE(length64),
	SHAPE(length64_not),
	SHAPE(old_string),
	SHAPE(old_string_not),
	SHAPE(empty_lost),
	SHAPE(empty_kept),
	SHAPE(small_lost),
	SHAPE(chunk_headers),
	SHAPE(before_top),
	SHAPE(realloc_moved),
	SHAPE(realloc_list),
	SHAPE(aligned_lost),
	SHAPE(aligned_kept),
	SHAPE(large_lost),
	SHAPE(large_holds),
	SHAPE(large_lost_holds),
	SHAPE(large_interior),
	SHAPE(library_blocks),
	SHAPE(all_kinds),
	SHAPE(nothing),
	SHAPE(threads_alive),
	SHAPE(threads_joined),
	SHAPE(fork_child),
	SHAPE(module_leak),
};

int main(int argc, char **argv)
{
	const struct shape *shape = NULL;

	for (size_t i = 0; argc > 1 && i < sizeof(shapes) / sizeof(*shapes); i++)
		if (strcmp(shapes[i].name, argv[1]) == 0)
			shape = &shapes[i];
	if (!shape)
		return 2;
	if (argc > 2)
		module_path = argv[2];
	shape->make();
	if (argc > 3)
		free_nodes();
	wipe_stack();
	return 0;
}
