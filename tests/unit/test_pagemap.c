/* What the kernel tells of memory that this process has touched, and not. */
#include "cli/base/pagemap.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE    ((uint64_t)4096)
#define N_PAGES 2048u

static int fd;
static char *pages;
static uint64_t start;

static void begin(void)
{
	fd = pagemap_open(getpid());
	pages = mmap(NULL, N_PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	cr_assert_neq(pages, MAP_FAILED);
	madvise(pages, N_PAGES * PAGE, MADV_NOHUGEPAGE);
	start = (uint64_t)(uintptr_t)pages;
}

static void end(void)
{
	munmap(pages, N_PAGES * PAGE);
	close(fd);
}

TestSuite(pagemap, .init = begin, .fini = end);

static uint64_t resident(uint64_t from, uint64_t to)
{
	uint64_t n_bytes = 1;

	if (!pagemap_resident(fd, start + from * PAGE, start + to * PAGE, &n_bytes))
		cr_skip_test("the kernel cannot tell");
	return n_bytes / PAGE;
}

/* More pieces than are asked for at once, too. */
Test(pagemap, pages_in_memory_are_counted)
{
	cr_assert_eq(resident(0, N_PAGES), 0);
	for (unsigned i = 0; i < N_PAGES; i += 2)
		pages[i * PAGE] = 1;
	cr_assert_eq(resident(0, N_PAGES), N_PAGES / 2);
	cr_assert_eq(resident(0, 1), 1);
	cr_assert_eq(resident(1, 2), 0);
	cr_assert_eq(resident(1, 4), 1);
	memset(pages, 1, N_PAGES * PAGE);
	cr_assert_eq(resident(0, N_PAGES), N_PAGES);
	cr_assert_eq(madvise(pages + 100 * PAGE, 50 * PAGE, MADV_DONTNEED), 0);
	cr_assert_eq(resident(0, N_PAGES), N_PAGES - 50);
}

/* As /proc/PID/smaps says, in pages: the advice keeps the mapping apart from others. */
static uint64_t resident_by_smaps(void)
{
	FILE *file = fopen("/proc/self/smaps", "re");
	uint64_t from, to, n_kib = 0;
	bool here = false;
	char line[256];

	cr_assert_neq(file, NULL);
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%" SCNx64 "-%" SCNx64, &from, &to) == 2)
			here = from <= start && start < to;
		else if (here && sscanf(line, "Rss: %" SCNu64, &n_kib) == 1)
			break;
	}
	fclose(file);
	return n_kib * 1024 / PAGE;
}

/* It is the page of zeros that all share, which is not theirs; there are kernels that give a page of its own. */
Test(pagemap, what_was_only_read_counts_as_the_kernel_counts_it)
{
	for (unsigned i = 0; i < 10; i++)
		(void)*(volatile char *)(pages + i * PAGE);
	pages[20 * PAGE] = 1;
	cr_assert_eq(resident(0, N_PAGES), resident_by_smaps());
}

Test(pagemap, nobody_to_ask)
{
	uint64_t n_bytes, first;

	cr_assert_eq(pagemap_open(0x7fffffff), -1);
	cr_assert(!pagemap_resident(-1, start, start + PAGE, &n_bytes));
	cr_assert(!pagemap_first(-1, start, start + PAGE, &first));
}
