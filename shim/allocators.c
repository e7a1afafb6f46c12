#include "shim/allocators.h"

#include "shim/boot.h"
#include "shim/libc_glibc.h"
#include "shim/next.h"
#include "shim/real.h"
#include "shim/sys.h"

#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define ALL_ARENAS "4096" /* jemalloc's MALLCTL_ARENAS_ALL */

/* What libc has, and what may be there of each other allocator; the kind is that of malloc's own object. */
#define LIBC_FUNCTIONS(X)                                                                                              \
	X(struct mallinfo2, mallinfo2, "mallinfo2", (void))                                                            \
	X(int, malloc_info, "malloc_info", (int, FILE *))                                                              \
	X(FILE *, open_memstream, "open_memstream", (char **, size_t *))                                               \
	X(int, close_stream, "fclose", (FILE *))                                                                       \
	X(const char *, libc_version, "gnu_get_libc_version", (void))
#define FOREIGN_FUNCTIONS(X)                                                                                           \
	X(int, mallctl, "mallctl", (const char *, void *, size_t *, void *, size_t))                                   \
	X(int, property, "MallocExtension_GetNumericProperty", (const char *, size_t *))                               \
	X(const char *, tc_version, "tc_version", (int *, int *, const char **))                                       \
	X(void, mi_process_info, "mi_process_info",                                                                    \
	  (size_t *, size_t *, size_t *, size_t *, size_t *, size_t *, size_t *, size_t *))                            \
	X(int, mi_version, "mi_version", (void))

static struct {
#define HEAP_MEMBER(ret, name, symbol, params) ret(*name) params;
	LIBC_FUNCTIONS(HEAP_MEMBER)
	FOREIGN_FUNCTIONS(HEAP_MEMBER)
#undef HEAP_MEMBER
} heap;
enum shm_allocator mw_allocator;

/* Not another library's, which has the allocator only linked to itself. */
static bool is_allocators(const void *function)
{
	return function && mw_real_is_allocators((uint64_t)(uintptr_t)function);
}

static enum shm_allocator find_kind(void)
{
	if (is_allocators((const void *)heap.mallctl))
		return SHM_ALLOCATOR_JEMALLOC;
	if (is_allocators((const void *)heap.property))
		return SHM_ALLOCATOR_TCMALLOC;
	return is_allocators((const void *)heap.mi_process_info) ? SHM_ALLOCATOR_MIMALLOC : SHM_ALLOCATOR_UNKNOWN;
}

#define NEXT_SYMBOL(ret, name, symbol, params) {symbol, (void **)(void *)&heap.name},

void mw_allocators_init(void)
{
	static const struct next_symbol libc[] = {LIBC_FUNCTIONS(NEXT_SYMBOL)};
	static const struct next_symbol foreign[] = {FOREIGN_FUNCTIONS(NEXT_SYMBOL)};

	mw_allocator = SHM_ALLOCATOR_GLIBC;
	mw_next_find(libc, MW_ARRAY_LEN(libc));
	if (!mw_real_foreign())
		return;
	mw_next_find(foreign, MW_ARRAY_LEN(foreign));
	mw_allocator = find_kind();
}

/* ---- answers */

static void put(struct shm_heap *to, unsigned index, uint64_t value)
{
	to->values[index] = value;
	to->known |= 1u << index;
}

static void put_version(struct shm_heap *to, const char *version)
{
	size_t n = version ? strnlen(version, sizeof(to->version) - 1) : 0;
	const char *dash = version ? memchr(version, '-', n) : NULL; /* then comes what it was built of */

	if (dash)
		n = (size_t)(dash - version);
	memcpy(to->version, version, n);
	to->version[n] = '\0';
}

/* malloc_info's XML: an element for each arena, and totals behind the last. */
static void put_arenas(struct shm_heap *to, const char *xml)
{
	static const char heap_begin[] = "<heap nr=", most_begin[] = "<system type=\"max\" size=\"";
	const char *at, *last = xml;
	uint64_t n = 0;

	for (at = xml; (at = strstr(at, heap_begin)); at++)
		n++;
	for (at = xml; (at = strstr(at, most_begin)); at++)
		last = at;
	put(to, SHM_GLIBC_N_ARENAS, n);
	if (last != xml)
		put(to, SHM_GLIBC_SYSTEM_MAX, mw_number_at(last + sizeof(most_begin) - 1));
}

static struct real libc_real;

static void *malloc_apart(size_t size)
{
	void *p = mw_boot_alloc(size, 16);

	return p ? p : libc_real.malloc(size);
}

static void *calloc_apart(size_t n, size_t size)
{
	void *p = n < UINT32_MAX && size < UINT32_MAX ? mw_boot_alloc(n * size, 16) : NULL; /* all zeros */

	return p ? p : libc_real.calloc(n, size);
}

/* What a stream needs is not taken from libc's heap, which would merge its free blocks on that occasion: pages copied
 * one by one. */
static void leave_heap_alone(void)
{
	libc_real = mw_real;
	mw_real.malloc = malloc_apart;
	mw_real.calloc = calloc_apart;
}

static void read_arenas(struct shm_heap *to)
{
	char *xml = NULL;
	size_t n = 0;
	FILE *file;

	if (!heap.open_memstream || !heap.close_stream || !heap.malloc_info)
		return;
	file = heap.open_memstream(&xml, &n);
	if (file && heap.malloc_info(0, file) == 0 && heap.close_stream(file) == 0 && xml)
		put_arenas(to, xml);
}

/* malloc_info walks as mallinfo2 does, for two figures more: only if both together take no longer than is worth it. */
static void read_glibc(struct shm_heap *to, uint64_t worth_ns)
{
	struct mallinfo2 info;

	leave_heap_alone();
	if (heap.libc_version)
		put_version(to, heap.libc_version());
	if (!heap.mallinfo2)
		return;
	info = heap.mallinfo2();
	put(to, SHM_GLIBC_ARENA, info.arena);
	put(to, SHM_GLIBC_HBLKHD, info.hblkhd);
	put(to, SHM_GLIBC_UORDBLKS, info.uordblks);
	put(to, SHM_GLIBC_FORDBLKS, info.fordblks);
	put(to, SHM_GLIBC_FSMBLKS, info.fsmblks);
	put(to, SHM_GLIBC_KEEPCOST, info.keepcost);
	if (sys_clock_ns(CLOCK_PROCESS_CPUTIME_ID) <= worth_ns / 2)
		read_arenas(to);
}

static void put_ctl(struct shm_heap *to, unsigned index, const char *name)
{
	uint64_t value = 0;
	size_t n = sizeof(value);

	/* an unsigned or a size_t, as it happens to be */
	if (heap.mallctl(name, &value, &n, NULL, 0) == 0) {
		put(to, index, value);
		return;
	}
	n = sizeof(unsigned);
	if (heap.mallctl(name, &value, &n, NULL, 0) == 0)
		put(to, index, value);
}

static void read_jemalloc(struct shm_heap *to)
{
	static const struct {
		enum shm_jemalloc index;
		const char *name;
	} names[] = {
		{SHM_JEMALLOC_ALLOCATED, "stats.allocated"},
		{SHM_JEMALLOC_ACTIVE, "stats.active"},
		{SHM_JEMALLOC_METADATA, "stats.metadata"},
		{SHM_JEMALLOC_RESIDENT, "stats.resident"},
		{SHM_JEMALLOC_MAPPED, "stats.mapped"},
		{SHM_JEMALLOC_RETAINED, "stats.retained"},
		{SHM_JEMALLOC_TCACHE, "stats.arenas." ALL_ARENAS ".tcache_bytes"},
		{SHM_JEMALLOC_DIRTY_NPURGE, "stats.arenas." ALL_ARENAS ".dirty_npurge"},
		{SHM_JEMALLOC_MUZZY_NPURGE, "stats.arenas." ALL_ARENAS ".muzzy_npurge"},
		{SHM_JEMALLOC_N_ARENAS, "arenas.narenas"},
	};
	const char *version = NULL;
	uint64_t epoch = 1;
	size_t n = sizeof(version);

	if (heap.mallctl("version", &version, &n, NULL, 0) == 0)
		put_version(to, version);
	heap.mallctl("epoch", NULL, NULL, &epoch, sizeof(epoch)); /* or they are those of the last time */
	for (size_t i = 0; i < MW_ARRAY_LEN(names); i++)
		put_ctl(to, names[i].index, names[i].name);
}

static void read_tcmalloc(struct shm_heap *to)
{
	static const struct {
		enum shm_tcmalloc index;
		const char *name;
	} names[] = {
		{SHM_TCMALLOC_ALLOCATED, "generic.current_allocated_bytes"},
		{SHM_TCMALLOC_HEAP_SIZE, "generic.heap_size"},
		{SHM_TCMALLOC_PAGEHEAP_FREE, "tcmalloc.pageheap_free_bytes"},
		{SHM_TCMALLOC_PAGEHEAP_UNMAPPED, "tcmalloc.pageheap_unmapped_bytes"},
		{SHM_TCMALLOC_THREAD_CACHES, "tcmalloc.current_total_thread_cache_bytes"},
	};

	if (heap.tc_version)
		put_version(to, heap.tc_version(NULL, NULL, NULL));
	for (size_t i = 0; i < MW_ARRAY_LEN(names); i++) {
		size_t value = 0;

		if (heap.property(names[i].name, &value))
			put(to, names[i].index, value);
	}
}

static void read_mimalloc(struct shm_heap *to)
{
	size_t elapsed, user, system, rss, peak_rss, commit = 0, peak_commit = 0, faults;
	int version = heap.mi_version ? heap.mi_version() : 0;
	char text[] = "0.0.0";

	if (version > 0 && version < 1000) {
		text[0] = (char)('0' + version / 100);
		text[2] = (char)('0' + version / 10 % 10);
		text[4] = (char)('0' + version % 10);
		put_version(to, text);
	}
	heap.mi_process_info(&elapsed, &user, &system, &rss, &peak_rss, &commit, &peak_commit, &faults);
	put(to, SHM_MIMALLOC_COMMIT, commit);
	put(to, SHM_MIMALLOC_PEAK_COMMIT, peak_commit);
}

void mw_allocators_answer(struct shm_heap *to, uint64_t worth_ns)
{
	switch (mw_allocator) {
	case SHM_ALLOCATOR_GLIBC:
		read_glibc(to, worth_ns);
		break;
	case SHM_ALLOCATOR_JEMALLOC:
		read_jemalloc(to);
		break;
	case SHM_ALLOCATOR_TCMALLOC:
		read_tcmalloc(to);
		break;
	case SHM_ALLOCATOR_MIMALLOC:
		read_mimalloc(to);
		break;
	case SHM_ALLOCATOR_UNKNOWN:
		break;
	}
}
