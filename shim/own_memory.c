#include "shim/own_memory.h"

#include "shim/process.h"

/* A multiple of HUGE_BYTES, aligned to it. Where such a table is used all over, a fault for each small page costs more
 * than what is done in it. */
static void *alloc_huge(size_t n_bytes)
{
	char *p = sys_alloc(n_bytes + HUGE_BYTES);
	size_t before = p ? -(uintptr_t)p & (HUGE_BYTES - 1) : 0;

	if (!p)
		return NULL;
	if (before)
		sys_unmap(p, before);
	p += before;
	sys_unmap(p + n_bytes, HUGE_BYTES - before);
	sys_madvise(p, n_bytes, MADV_HUGEPAGE);
	return p;
}

void *mw_alloc(size_t n_bytes)
{
	void *p = n_bytes && n_bytes % HUGE_BYTES == 0 ? alloc_huge(n_bytes) : sys_alloc(n_bytes);

	if (p && mw_proc && mw_proc->shm)
		atomic_fetch_add_explicit(&mw_proc->shm->shim_bytes, n_bytes, memory_order_relaxed);
	return p;
}

void mw_alloc_empty(void *p, size_t n_bytes)
{
	sys_madvise(p, n_bytes, MADV_DONTNEED);
	if (mw_proc->shm)
		atomic_fetch_sub_explicit(&mw_proc->shm->shim_bytes, n_bytes, memory_order_relaxed);
}
