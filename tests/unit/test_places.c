/* The places of this very process's memory. */
#include "cli/monitor/places.h"

#include "cli/model/event.h"
#include "cli/model/process.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static pthread_barrier_t started, finished;

static void *hold(void *unused)
{
	char used[65536];

	memset(used, 1, sizeof(used));
	__asm__ volatile("" : : "r"(used) : "memory");
	pthread_barrier_wait(&started);
	pthread_barrier_wait(&finished);
	return unused;
}

static struct process *own(void)
{
	const struct wire_hello hello = {.version = WIRE_VERSION, .pid = (uint32_t)getpid(), .monotonic_ns = 1};

	return process_new(&hello, PROCESS_RUN);
}

Test(places, stacks_and_blocks_are_found)
{
	const size_t n_bytes = 4u << 20;
	struct process *process = own();
	struct places before, after;
	struct mem_event event = {.op = WIRE_ALLOC, .size_bytes = n_bytes};
	pthread_t thread;
	/* no permission around it, so that it is a mapping of its own */
	char *around = mmap(NULL, 3 * n_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *p = around + n_bytes;

	cr_assert_eq(mprotect(p, n_bytes, PROT_READ | PROT_WRITE), 0);
	memset(p, 1, n_bytes);
	pthread_barrier_init(&started, NULL, 2);
	pthread_barrier_init(&finished, NULL, 2);
	cr_assert_eq(pthread_create(&thread, NULL, hold, NULL), 0);
	pthread_barrier_wait(&started);
	cr_assert(places_read(&before, process, PLACES_BLOCK_BYTES));
	event.addr = (uint64_t)(uintptr_t)p;
	process_apply(process, &event, 1);
	cr_assert(places_read(&after, process, PLACES_BLOCK_BYTES));
	cr_assert_geq(after.heap_size_bytes - before.heap_size_bytes, n_bytes);
	cr_assert_lt(after.heap_size_bytes - before.heap_size_bytes, 2 * n_bytes); /* the model itself has grown */
	cr_assert_geq(after.heap_rss_bytes - before.heap_rss_bytes, n_bytes);
	cr_assert_geq(after.n_threads, 2);
	if (after.n_unknown == 0)
		cr_assert_geq(after.stack_rss_bytes, 65536);
	cr_assert_geq(after.stack_size_bytes, after.stack_rss_bytes);
	cr_assert_geq(after.rss_bytes, after.heap_rss_bytes + after.stack_rss_bytes);
	cr_assert_geq(after.peak_rss_bytes, n_bytes);
	pthread_barrier_wait(&finished);
	pthread_join(thread, NULL);
	process_free(process);
}

Test(places, a_process_that_is_gone_has_none)
{
	const struct wire_hello hello = {.version = WIRE_VERSION, .pid = 0x7fffffff, .monotonic_ns = 1};
	struct process *process = process_new(&hello, PROCESS_RUN);
	struct places places;

	cr_assert(!places_read(&places, process, 0));
	cr_assert_eq(places.rss_bytes, 0);
	process_free(process);
}
