/* What allocators say, in MemStats' terms. The shim's own heap.c is tested by tests/e2e/cases/memstats*.sh. */
#include "cli/monitor/heap.h"

#include <criterion/criterion.h>

static struct memstats_input filled(const struct shm_heap *heap)
{
	struct memstats_input input = {0};

	heap_fill(heap, &input);
	return input;
}

Test(heap, of_glibc)
{
	struct shm_heap heap = {.allocator = SHM_ALLOCATOR_GLIBC, .known = 0xf, .version = "2.36"};
	struct memstats_input input;

	heap.values[SHM_GLIBC_ARENA] = 1000;
	heap.values[SHM_GLIBC_HBLKHD] = 200;
	heap.values[SHM_GLIBC_UORDBLKS] = 700;
	heap.values[SHM_GLIBC_FORDBLKS] = 300;
	input = filled(&heap);
	cr_assert_str_eq(input.allocator, "glibc");
	cr_assert_eq(input.heap_sys.value, 1200);
	cr_assert_eq(input.heap_inuse.value, 900);
	cr_assert_eq(input.heap_idle.value, 300);
	cr_assert_null(input.arenas.source);
	cr_assert_null(input.metadata.source);
}

Test(heap, a_difference_is_never_below_zero)
{
	struct shm_heap heap = {.allocator = SHM_ALLOCATOR_JEMALLOC, .known = ~0u};

	heap.values[SHM_JEMALLOC_ACTIVE] = 10;
	heap.values[SHM_JEMALLOC_MAPPED] = 4;
	cr_assert_eq(filled(&heap).heap_idle.value, 0);
	cr_assert_eq(filled(&heap).heap_inuse.value, 10);
}

Test(heap, what_is_not_known_stays_so)
{
	struct shm_heap heap = {.allocator = SHM_ALLOCATOR_TCMALLOC};

	cr_assert_str_eq(filled(&heap).allocator, "tcmalloc");
	cr_assert_null(filled(&heap).heap_sys.source);
	heap = (struct shm_heap){.allocator = 99, .known = ~0u};
	cr_assert_null(filled(&heap).allocator);
	heap = (struct shm_heap){.allocator = SHM_ALLOCATOR_UNKNOWN, .known = ~0u};
	cr_assert_null(filled(&heap).allocator);
}
