/* Random allocations, reallocations and frees through every C function, with a ledger. ledger FILE [OPERATIONS] */
#include "tests/e2e/victims/ledger.h"

#include <malloc.h>

#define N_LIVE 4096

static void *live[N_LIVE];
static uint64_t state = 1;

static __attribute__((noinline)) void *by_malloc(size_t size)
{
	void *p = malloc(size);

	ledger_add(p, size, __func__);
	return p;
}

static __attribute__((noinline)) void *by_calloc(size_t size)
{
	void *p = calloc(size / 8, 8);

	ledger_add(p, size / 8 * 8, __func__);
	return p;
}

static __attribute__((noinline)) void *by_realloc_null(size_t size)
{
	void *p = realloc(NULL, size);

	ledger_add(p, size, __func__);
	return p;
}

static __attribute__((noinline)) void *by_reallocarray(size_t size)
{
	void *p = reallocarray(NULL, size / 4, 4);

	ledger_add(p, size / 4 * 4, __func__);
	return p;
}

static __attribute__((noinline)) void *by_posix_memalign(size_t size)
{
	void *p = NULL;

	if (posix_memalign(&p, 64, size) != 0)
		_exit(95);
	ledger_add(p, size, __func__);
	return p;
}

static __attribute__((noinline)) void *by_aligned_alloc(size_t size)
{
	void *p = aligned_alloc(32, size);

	ledger_add(p, size, __func__);
	return p;
}

static __attribute__((noinline)) void *by_memalign(size_t size)
{
	void *p = memalign(128, size);

	ledger_add(p, size, __func__);
	return p;
}

static __attribute__((noinline)) void *by_valloc(size_t size)
{
	void *p = valloc(size);

	ledger_add(p, size, __func__);
	return p;
}

static __attribute__((noinline)) void *by_realloc(void *old, size_t size)
{
	uintptr_t address = (uintptr_t)old;
	void *p = realloc(old, size);

	ledger_remove(address);
	ledger_add(p, size, __func__);
	return p;
}

static __attribute__((noinline)) void *allocate(size_t size)
{
	static void *(*const ways[])(size_t) = {
		by_malloc, by_malloc, by_malloc, by_malloc, by_calloc, by_calloc, by_realloc_null,
		by_reallocarray, by_posix_memalign, by_aligned_alloc, by_memalign, by_valloc,
	};

	return ways[ledger_random(&state) % (sizeof(ways) / sizeof(ways[0]))](size);
}

static void step(void)
{
	unsigned i = ledger_random(&state) % N_LIVE;
	unsigned what = ledger_random(&state) % 4;
	size_t size = ledger_random(&state) % 64 == 0 ? ledger_random(&state) % 200000 : ledger_random(&state) % 600;

	if (!live[i]) {
		live[i] = allocate(size);
	} else if (what == 0) {
		live[i] = by_realloc(live[i], size + 1);
	} else {
		ledger_remove((uintptr_t)live[i]);
		free(live[i]);
		live[i] = NULL;
	}
}

int main(int argc, char **argv)
{
	int n_operations = argc > 2 ? atoi(argv[2]) : 20000;

	for (int i = 0; i < n_operations; i++)
		step();
	free(NULL);
	ledger_write(argv[1]);
	return 0;
}
