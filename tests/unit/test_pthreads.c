#include "cli/scan/pthreads.h"

#include "cli/scan/result.h"

#include <criterion/criterion.h>
#include <string.h>

/* The loader's data and the threads' stacks, where nothing is mapped; one page each. */
#define LOADER   UINT64_C(0x7f0000000000)
#define STACKS   UINT64_C(0x7f1000000000)
#define CODE     UINT64_C(0x7f2000000000)
#define N_STACKS 8u
#define HEADS_AT 0xd8u  /* 8 more than a multiple of 16, as in glibc 2.36 */
#define RECORD   1024u  /* in its page, so that the offset of the links reaches back into it */
#define LINK     0x2c0u /* in the record */

static char loader[4096], stacks[N_STACKS][4096];

static char *at(uint64_t addr)
{
	if (addr - LOADER < sizeof(loader))
		return loader + (addr - LOADER);
	return addr - STACKS < sizeof(stacks) ? &stacks[0][0] + (addr - STACKS) : NULL;
}

static size_t read_fake(void *ctx, const struct iovec *pieces, size_t n_pieces, void *buf)
{
	size_t done = 0;

	(void)ctx;
	for (size_t i = 0; i < n_pieces; i++) {
		uint64_t addr = (uint64_t)(uintptr_t)pieces[i].iov_base;

		if (!at(addr) || !at(addr + pieces[i].iov_len - 1))
			return done;
		memcpy((char *)buf + done, at(addr), pieces[i].iov_len);
		done += pieces[i].iov_len;
	}
	return done;
}

static void put(uint64_t addr, uint64_t word)
{
	memcpy(at(addr), &word, sizeof(word));
}

static uint64_t get(uint64_t addr)
{
	uint64_t word;

	memcpy(&word, at(addr), sizeof(word));
	return word;
}

static uint64_t record(unsigned i)
{
	return STACKS + i * UINT64_C(4096) + RECORD;
}

static uint64_t head(unsigned list)
{
	return LOADER + HEADS_AT + list * 16;
}

static void init(void)
{
	memset(loader, 0, sizeof(loader));
	memset(stacks, 0, sizeof(stacks));
	for (unsigned i = 0; i < 3; i++) {
		put(head(i), head(i));
		put(head(i) + 8, head(i));
	}
}

/* A record at the front of a list, with the number of its thread. */
static void add(unsigned i, unsigned list, int number, uint64_t routine)
{
	uint64_t node = record(i) + LINK, next = get(head(list));

	put(record(i), record(i));
	put(record(i) + 16, record(i));
	put(node, next);
	put(node + 8, head(list));
	put(next + 8, node);
	put(head(list), node);
	put(node + 16, (uint32_t)number);
	put(record(i) + 0x640, routine);
}

static struct scan_result found(void)
{
	struct map items[] = {{.start = LOADER, .end = LOADER + 4096, .readable = true, .writable = true, .inode = 7},
			      {.start = STACKS, .end = STACKS + sizeof(stacks), .readable = true, .writable = true},
			      {.start = CODE, .end = CODE + 4096, .readable = true, .executable = true}};
	struct object object = {.role = OBJECT_LOADER, .writable = {{LOADER, LOADER + 4096}}, .n_writable = 1};
	struct maps maps = {.items = items, .n = 3, .objects = &object, .n_objects = 1};
	struct scan_memory memory = {.read = read_fake};
	struct scan_result result = {0};

	pthreads_add_roots(&maps, &memory, &result);
	return result;
}

Test(pthreads, value_of_an_ended_thread, .init = init)
{
	struct scan_result result;

	add(0, 1, 100, 0); /* the main thread */
	add(1, 0, 0, CODE + 8);
	add(2, 0, 101, CODE + 8); /* lives */
	add(3, 0, -1, CODE + 8);  /* was joined a moment ago */
	add(4, 2, 0, CODE + 8);   /* a stack without a thread */
	add(5, 1, 0, CODE + 8);   /* ended, on a stack of the program's own */
	result = found();
	cr_assert_eq(result.n_ranges, 2);
	for (int i = 0; i < 2; i++) {
		cr_assert_eq(result.ranges[i].kind, SCAN_ROOT_ENDED_THREAD);
		cr_assert_eq(result.ranges[i].start, record(i ? 5 : 1) + 0x630);
		cr_assert_eq(result.ranges[i].end, result.ranges[i].start + 8);
	}
	scan_result_clear(&result);
}

Test(pthreads, offset_of_the_value, .init = init)
{
	struct scan_result result;

	add(0, 1, 100, 0);
	add(1, 0, 0, 0);
	put(record(1) + 0x660, CODE);
	result = found();
	cr_assert_eq(result.n_ranges, 1);
	cr_assert_eq(result.ranges[0].start, record(1) + 0x650);
	scan_result_clear(&result);

	put(record(1) + 0x660, 0); /* nowhere: all of the record */
	result = found();
	cr_assert_eq(result.n_ranges, 1);
	cr_assert_eq(result.ranges[0].start, record(1));
	scan_result_clear(&result);
}

Test(pthreads, lists_that_make_no_sense, .init = init)
{
	struct scan_result result = found(); /* no main thread: these are no such lists */

	cr_assert_eq(result.n_ranges, 0);

	add(0, 1, 100, 0);
	add(1, 0, 0, CODE);
	add(2, 0, 0, CODE);
	put(record(1) + LINK, record(2) + LINK); /* the last one leads back */
	result = found();
	cr_assert_leq(result.n_ranges, 200000);
	scan_result_clear(&result);

	init();
	add(0, 1, 100, 0);
	add(1, 0, 0, CODE);
	put(record(1), 0); /* no record */
	result = found();
	cr_assert_eq(result.n_ranges, 0);
}
