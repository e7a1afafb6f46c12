/*
 * Whoever comes while the table is being filled is told so and takes from the bootstrap arena. Writable: mw_real,
 * mw_real_syscall and the state word, by the one thread that resolves.
 */
#include "shim/real.h"

#include "common/compiler.h"
#include "shim/libc_glibc.h"
#include "shim/next.h"
#include "shim/seccomp.h"

#include <stdatomic.h>

_Alignas(64) struct real mw_real;
long (*mw_real_syscall)(long nr, ...);

enum { REAL_NONE, REAL_BUSY, REAL_READY };
static _Atomic int real_state;

#define NEXT_SYMBOL(ret, name, symbol, params) {symbol, (void **)(void *)&mw_real.name},
static const struct next_symbol table[] = {REAL_TABLE(NEXT_SYMBOL)};

/* Whether malloc is in another object than what no allocator replaces. */
static void find_allocator(void)
{
	struct libc_object allocator, libc;

	if (!libc_find_object((uint64_t)(uintptr_t)mw_real.malloc, &allocator) ||
	    !libc_find_object((uint64_t)(uintptr_t)mw_real.libc_start_main, &libc) || allocator.start == libc.start)
		return;
	mw_real.allocator = (struct real_range){allocator.start, allocator.end};
}

static MW_COLD bool real_resolve(void)
{
	int none = REAL_NONE;

	if (!atomic_compare_exchange_strong(&real_state, &none, REAL_BUSY))
		return atomic_load(&real_state) == REAL_READY;
	mw_next_find(table, MW_ARRAY_LEN(table));
	mw_real_syscall = mw_real.syscall;
	find_allocator();
	atomic_store(&real_state, REAL_READY);
	return true;
}

bool mw_real_ready(void)
{
	if (MW_LIKELY(atomic_load_explicit(&real_state, memory_order_acquire) == REAL_READY))
		return true;
	return real_resolve();
}

void mw_real_resolve_cxx(void)
{
	mw_next_find_in("libstdc++.so.6", table, MW_ARRAY_LEN(table));
	mw_next_find_in("libc++abi.so.1", table, MW_ARRAY_LEN(table));
}
