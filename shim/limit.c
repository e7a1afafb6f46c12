/*
 * The hard limit: mw_real's functions are exchanged for those below, so that without a limit nothing is slower. What
 * counts is what malloc_usable_size tells of the live blocks, a little more than was asked for: it needs no memory for
 * each block, and a block can be counted out again whoever allocated it. An allocation reserves what it asks for first,
 * so that threads together cannot pass the limit; the rest is put right when the block is there.
 *
 * A fork child goes on from its parent's count, as it goes on with its blocks; a new program starts with nothing. The
 * program's own mappings do not count, nor does what an allocator's own operator new takes past malloc.
 * Writable: the count, by anyone; all else once, before there are threads.
 */
#include "shim/limit.h"

#include "shim/process.h"
#include "shim/real.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>

static struct real inner; /* the allocator's own */
static int64_t limit;
static _Atomic int64_t used;

static bool reserve(size_t n_bytes)
{
	int64_t before;

	if (n_bytes <= (size_t)limit) {
		before = atomic_fetch_add_explicit(&used, (int64_t)n_bytes, memory_order_relaxed);
		if (before <= limit - (int64_t)n_bytes)
			return true;
		atomic_fetch_sub_explicit(&used, (int64_t)n_bytes, memory_order_relaxed);
	}
	if (mw_proc && mw_proc->shm)
		atomic_fetch_add_explicit(&mw_proc->shm->refused_allocations, 1, memory_order_relaxed);
	return false;
}

static int64_t size_of(void *p)
{
	return p ? (int64_t)inner.malloc_usable_size(p) : 0;
}

static void count(int64_t change)
{
	atomic_fetch_add_explicit(&used, change, memory_order_relaxed);
}

/* The block for which `n_bytes` were reserved, or NULL if there is none. */
static void *settle(void *p, size_t n_bytes)
{
	count(size_of(p) - (int64_t)n_bytes);
	return p;
}

static void *refuse(void)
{
	errno = ENOMEM;
	return NULL;
}

static void *limited_malloc(size_t size)
{
	return reserve(size) ? settle(inner.malloc(size), size) : refuse();
}

static void *limited_calloc(size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		return inner.calloc(n, size); /* it fails by itself */
	return reserve(bytes) ? settle(inner.calloc(n, size), bytes) : refuse();
}

static void limited_free(void *p)
{
	count(-size_of(p));
	inner.free(p);
}

static void limited_free_sized(void *p, size_t size)
{
	count(-size_of(p));
	inner.free_sized(p, size);
}

static void limited_free_aligned_sized(void *p, size_t alignment, size_t size)
{
	count(-size_of(p));
	inner.free_aligned_sized(p, alignment, size);
}

static void *limited_realloc(void *old, size_t size)
{
	int64_t before = size_of(old);
	size_t more = size > (size_t)before ? size - (size_t)before : 0;
	void *p;

	if (!reserve(more))
		return refuse();
	p = inner.realloc(old, size);
	if (p || size == 0)
		count(size_of(p) - before - (int64_t)more);
	else
		count(-(int64_t)more); /* failed: the old block stays */
	return p;
}

static void *limited_reallocarray(void *old, size_t n, size_t size)
{
	size_t bytes;

	return __builtin_mul_overflow(n, size, &bytes) ? refuse() : limited_realloc(old, bytes);
}

static int limited_posix_memalign(void **result, size_t alignment, size_t size)
{
	int rc;

	if (!reserve(size))
		return ENOMEM;
	rc = inner.posix_memalign(result, alignment, size);
	settle(rc == 0 ? *result : NULL, size);
	return rc;
}

static void *limited_aligned_alloc(size_t alignment, size_t size)
{
	return reserve(size) ? settle(inner.aligned_alloc(alignment, size), size) : refuse();
}

static void *limited_memalign(size_t alignment, size_t size)
{
	return reserve(size) ? settle(inner.memalign(alignment, size), size) : refuse();
}

static void *limited_valloc(size_t size)
{
	return reserve(size) ? settle(inner.valloc(size), size) : refuse();
}

static void *limited_pvalloc(size_t size)
{
	return reserve(size) ? settle(inner.pvalloc(size), size) : refuse();
}

/* Another allocator's block must not be given to libc's malloc_usable_size. */
static bool sizes_are_told(void)
{
	union {
		void *(*function)(size_t);
		void *object;
	} allocate = {.function = mw_real.malloc};
	union {
		size_t (*function)(void *);
		void *object;
	} tell = {.function = mw_real.malloc_usable_size};
	Dl_info a, b;

	return allocate.object && tell.object && dladdr(allocate.object, &a) && dladdr(tell.object, &b) &&
	       a.dli_fbase == b.dli_fbase;
}

bool mw_limit_install(uint64_t bytes)
{
	if (!sizes_are_told())
		return false;
	inner = mw_real;
	limit = bytes < INT64_MAX ? (int64_t)bytes : INT64_MAX;
	mw_real.malloc = limited_malloc;
	mw_real.calloc = limited_calloc;
	mw_real.free = limited_free;
	mw_real.realloc = limited_realloc;
	mw_real.reallocarray = limited_reallocarray;
	mw_real.posix_memalign = limited_posix_memalign;
	mw_real.aligned_alloc = limited_aligned_alloc;
	mw_real.memalign = limited_memalign;
	mw_real.valloc = limited_valloc;
	mw_real.pvalloc = limited_pvalloc;
	if (inner.free_sized)
		mw_real.free_sized = limited_free_sized;
	if (inner.free_aligned_sized)
		mw_real.free_aligned_sized = limited_free_aligned_sized;
	return true;
}

bool mw_limit_is_set(void)
{
	return inner.malloc != NULL;
}
