#include "cli/monitor/heap.h"

#include <stdio.h>

/* Sum of two values, less a third; SHM_HEAP_VALUES for none. Not known unless all are. */
struct rule {
	size_t offset; /* of a struct memstats_value */
	unsigned plus, plus2, minus;
	const char *source;
	bool estimated;
};

#define NONE   SHM_HEAP_VALUES
#define TO(of) offsetof(struct memstats_input, of)

/* Sizes of whole arenas; what thread caches and fast bins hold counts as in use. */
static const struct rule glibc[] = {
	{TO(heap_sys), SHM_GLIBC_ARENA, SHM_GLIBC_HBLKHD, NONE, "mallinfo2 arena + hblkhd", false},
	{TO(heap_idle), SHM_GLIBC_FORDBLKS, NONE, NONE, "mallinfo2 fordblks", false},
	{TO(heap_inuse), SHM_GLIBC_UORDBLKS, SHM_GLIBC_HBLKHD, NONE, "mallinfo2 uordblks + hblkhd", false},
	{TO(trimmable), SHM_GLIBC_KEEPCOST, NONE, NONE, "mallinfo2 keepcost", false},
	{TO(arenas), SHM_GLIBC_N_ARENAS, NONE, NONE, "malloc_info heaps", false},
	{TO(heap_sys_max), SHM_GLIBC_SYSTEM_MAX, NONE, NONE, "malloc_info system max", false},
};

static const struct rule jemalloc[] = {
	{TO(heap_sys), SHM_JEMALLOC_MAPPED, NONE, NONE, "jemalloc stats.mapped", false},
	{TO(heap_idle), SHM_JEMALLOC_MAPPED, NONE, SHM_JEMALLOC_ACTIVE, "jemalloc stats.mapped - stats.active", false},
	{TO(heap_inuse), SHM_JEMALLOC_ACTIVE, NONE, NONE, "jemalloc stats.active", false},
	{TO(heap_released), SHM_JEMALLOC_RETAINED, NONE, NONE, "jemalloc stats.retained", false},
	{TO(metadata), SHM_JEMALLOC_METADATA, NONE, NONE, "jemalloc stats.metadata", false},
	{TO(thread_caches), SHM_JEMALLOC_TCACHE, NONE, NONE, "jemalloc stats.arenas.4096.tcache_bytes", false},
	{TO(purges), SHM_JEMALLOC_DIRTY_NPURGE, SHM_JEMALLOC_MUZZY_NPURGE, NONE,
	 "jemalloc stats.arenas.4096 dirty_npurge + muzzy_npurge", false},
	{TO(arenas), SHM_JEMALLOC_N_ARENAS, NONE, NONE, "jemalloc arenas.narenas", false},
};

static const struct rule tcmalloc[] = {
	{TO(heap_sys), SHM_TCMALLOC_HEAP_SIZE, NONE, NONE, "tcmalloc generic.heap_size", false},
	{TO(heap_idle), SHM_TCMALLOC_PAGEHEAP_FREE, SHM_TCMALLOC_PAGEHEAP_UNMAPPED, NONE,
	 "tcmalloc.pageheap_free_bytes + tcmalloc.pageheap_unmapped_bytes", false},
	{TO(heap_inuse), SHM_TCMALLOC_ALLOCATED, NONE, NONE, "tcmalloc generic.current_allocated_bytes", false},
	{TO(heap_released), SHM_TCMALLOC_PAGEHEAP_UNMAPPED, NONE, NONE, "tcmalloc.pageheap_unmapped_bytes", false},
	{TO(thread_caches), SHM_TCMALLOC_THREAD_CACHES, NONE, NONE, "tcmalloc.current_total_thread_cache_bytes", false},
};

/* Committed is what it may use without asking; what of that is in use it does not tell. */
static const struct rule mimalloc[] = {
	{TO(heap_sys), SHM_MIMALLOC_COMMIT, NONE, NONE, "mi_process_info current_commit", true},
	{TO(heap_sys_max), SHM_MIMALLOC_PEAK_COMMIT, NONE, NONE, "mi_process_info peak_commit", true},
};

static const struct {
	const char *name;
	const struct rule *rules;
	size_t n_rules;
} kinds[] = {
	[SHM_ALLOCATOR_UNKNOWN] = {NULL, NULL, 0},
	[SHM_ALLOCATOR_GLIBC] = {"glibc", glibc, MW_ARRAY_LEN(glibc)},
	[SHM_ALLOCATOR_JEMALLOC] = {"jemalloc", jemalloc, MW_ARRAY_LEN(jemalloc)},
	[SHM_ALLOCATOR_TCMALLOC] = {"tcmalloc", tcmalloc, MW_ARRAY_LEN(tcmalloc)},
	[SHM_ALLOCATOR_MIMALLOC] = {"mimalloc", mimalloc, MW_ARRAY_LEN(mimalloc)},
};

static bool known(const struct shm_heap *heap, unsigned index)
{
	return index == NONE || heap->known >> index & 1;
}

static void apply(const struct shm_heap *heap, const struct rule *rule, struct memstats_input *to)
{
	struct memstats_value *value = (struct memstats_value *)(void *)((char *)to + rule->offset);
	uint64_t sum;

	if (!known(heap, rule->plus) || !known(heap, rule->plus2) || !known(heap, rule->minus))
		return;
	sum = heap->values[rule->plus] + (rule->plus2 == NONE ? 0 : heap->values[rule->plus2]);
	if (rule->minus != NONE)
		sum = sum > heap->values[rule->minus] ? sum - heap->values[rule->minus] : 0;
	*value = (struct memstats_value){rule->source, rule->estimated, sum};
}

void heap_fill(const struct shm_heap *heap, struct memstats_input *to)
{
	if (heap->allocator >= MW_ARRAY_LEN(kinds))
		return;
	to->allocator = kinds[heap->allocator].name;
	to->version = heap->version;
	for (size_t i = 0; i < kinds[heap->allocator].n_rules; i++)
		apply(heap, &kinds[heap->allocator].rules[i], to);
}
