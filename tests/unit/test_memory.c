#include "cli/scan/memory.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE    ((uint64_t)4096)
#define N_PAGES ((uint64_t)1 << 20) /* 4 GiB */

static const uint64_t touched_pages[] = {3, 4, 1000, 262144, N_PAGES - 1};

/* The first page from `page` on that was touched, below `end`; `end` if there is none. */
static uint64_t expected(uint64_t page, uint64_t end)
{
	for (size_t i = 0; i < sizeof(touched_pages) / sizeof(*touched_pages); i++)
		if (touched_pages[i] >= page && touched_pages[i] < end)
			return touched_pages[i];
	return end;
}

static void compare(const struct live_memory *live, uint64_t start)
{
	static const uint64_t pages[] = {0, 3, 4, 5, 999, 1001, 262144, 262145, N_PAGES - 1};

	for (size_t i = 0; i < sizeof(pages) / sizeof(*pages); i++) {
		uint64_t ends[] = {pages[i] + 1, pages[i] + 600, N_PAGES};

		for (size_t k = 0; k < 3; k++) {
			uint64_t end = ends[k] < N_PAGES ? ends[k] : N_PAGES;
			uint64_t at = memory_touched(&live->memory, start + pages[i] * PAGE, start + end * PAGE);

			cr_assert_eq((at - start) / PAGE, expected(pages[i], end), "from %lu to %lu: %lu",
				     (unsigned long)pages[i], (unsigned long)end, (unsigned long)((at - start) / PAGE));
		}
	}
}

/* Of pages that were never touched, by asking the kernel and by its table. */
Test(memory, touched_pages, .timeout = 60)
{
	char *p =
		mmap(NULL, N_PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	uint64_t start = (uint64_t)(uintptr_t)p;
	struct live_memory live;
	struct err err = {0};

	cr_assert_neq(p, MAP_FAILED);
	madvise(p, N_PAGES * PAGE, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < sizeof(touched_pages) / sizeof(*touched_pages); i++)
		p[touched_pages[i] * PAGE] = 1;
	cr_assert_eq(live_memory_open(&live, getpid(), (uint64_t)(uintptr_t)&err, &err), 0, "%s", err.text);
	if (live.pagemap_fd < 0)
		cr_skip_test("no pagemap here");
	compare(&live, start);
	/* within a page, and at its end */
	cr_assert_eq(memory_touched(&live.memory, start + 3 * PAGE + 8, start + 4 * PAGE), start + 3 * PAGE + 8);
	cr_assert_eq(memory_touched(&live.memory, start + 5 * PAGE, start + 5 * PAGE), start + 5 * PAGE);
	live.asks_pagemap = false;
	compare(&live, start);
	live_memory_close(&live);
	munmap(p, N_PAGES * PAGE);
}
