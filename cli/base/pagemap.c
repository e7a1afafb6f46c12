#include "cli/base/pagemap.h"

#include "common/compiler.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/ioctl.h>

#define PAGE ((uint64_t)4096)

/* PAGEMAP_SCAN of linux/fs.h, which is newer than the headers that this may be built with. Where nothing was touched
 * the kernel walks over whole page tables at once: a terabyte takes microseconds, its entries take seconds to read. */
struct region {
	uint64_t start, end, categories;
};

struct pagemap_scan {
	uint64_t size, flags, start, end, walk_end, regions, n_regions, max_pages;
	uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};

#define PAGEMAP_SCAN_IOCTL _IOWR('f', 16, struct pagemap_scan)
#define PAGE_IS_PRESENT    (UINT64_C(1) << 3)
#define PAGE_IS_SWAPPED    (UINT64_C(1) << 4)
#define PAGE_IS_PFNZERO    (UINT64_C(1) << 5)

int pagemap_open(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/pagemap", (int)pid);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static struct pagemap_scan question(uint64_t addr, uint64_t end, struct region *regions, size_t n_regions)
{
	return (struct pagemap_scan){
		.size = sizeof(struct pagemap_scan),
		.start = addr & ~(PAGE - 1),
		.end = (end + PAGE - 1) & ~(PAGE - 1),
		.regions = (uint64_t)(uintptr_t)regions,
		.n_regions = n_regions,
	};
}

bool pagemap_first(int fd, uint64_t addr, uint64_t end, uint64_t *first)
{
	struct region region = {0};
	struct pagemap_scan scan = question(addr, end, &region, 1);
	int n;

	scan.max_pages = 1;
	scan.category_anyof_mask = scan.return_mask = PAGE_IS_PRESENT | PAGE_IS_SWAPPED;
	n = ioctl(fd, PAGEMAP_SCAN_IOCTL, &scan);
	if (n < 0)
		return false;
	*first = n == 0 || region.start >= end ? end : region.start > addr ? region.start : addr;
	return true;
}

bool pagemap_resident(int fd, uint64_t addr, uint64_t end, uint64_t *n_bytes)
{
	struct region regions[256];
	int n;

	*n_bytes = 0;
	do {
		struct pagemap_scan scan = question(addr, end, regions, MW_ARRAY_LEN(regions));

		scan.category_mask = PAGE_IS_PRESENT | PAGE_IS_PFNZERO;
		scan.category_inverted = PAGE_IS_PFNZERO;
		scan.return_mask = PAGE_IS_PRESENT;
		n = ioctl(fd, PAGEMAP_SCAN_IOCTL, &scan);
		if (n < 0)
			return false;
		for (int i = 0; i < n; i++)
			*n_bytes += regions[i].end - regions[i].start;
		addr = scan.walk_end;
	} while (n == (int)MW_ARRAY_LEN(regions) && addr < end);
	return true;
}
