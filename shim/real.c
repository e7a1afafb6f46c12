/*
 * dlsym may allocate, and so call back into the shim: whoever comes while the table is being filled is told so and
 * takes from the bootstrap arena. Writable: mw_real, mw_real_syscall, the range of the allocator and the state word,
 * by the one thread that resolves.
 */
#include "shim/real.h"

#include "common/compiler.h"
#include "shim/libc_glibc.h"
#include "shim/seccomp.h"

#include <dlfcn.h>
#include <stdatomic.h>

struct real mw_real;
long (*mw_real_syscall)(long nr, ...);
uint64_t mw_allocator_start, mw_allocator_end;

enum { REAL_NONE, REAL_BUSY, REAL_READY };
static _Atomic int real_state;

static void resolve(void **member, const char *symbol)
{
	if (!*member)
		*member = dlsym(RTLD_NEXT, symbol);
}

/* The union keeps ISO C's rule on pointers to functions out of the way. */
#define RESOLVE(ret, name, symbol, params)                                                                             \
	{                                                                                                              \
		union {                                                                                                \
			ret(**function) params;                                                                        \
			void **object;                                                                                 \
		} member = {.function = &mw_real.name};                                                                \
		resolve(member.object, symbol);                                                                        \
	}

/* Whether malloc is in another object than what no allocator replaces. */
static void find_allocator(void)
{
	struct libc_object allocator, libc;

	if (!libc_find_object((uint64_t)(uintptr_t)mw_real.malloc, &allocator) ||
	    !libc_find_object((uint64_t)(uintptr_t)mw_real.libc_start_main, &libc) || allocator.start == libc.start)
		return;
	mw_allocator_start = allocator.start;
	mw_allocator_end = allocator.end;
}

void mw_real_drop_error(void)
{
	dlsym(RTLD_NEXT, "malloc");
}

static MW_COLD bool real_resolve(void)
{
	int none = REAL_NONE;

	if (!atomic_compare_exchange_strong(&real_state, &none, REAL_BUSY))
		return atomic_load(&real_state) == REAL_READY;
	REAL_TABLE(RESOLVE)
	mw_real_syscall = mw_real.syscall;
	mw_real_drop_error();
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

/* A plugin's libstdc++ is in no global scope: RTLD_NEXT does not see it. */
static void resolve_loaded(void **member, const char *symbol, void *library)
{
	if (!*member && library)
		*member = dlsym(library, symbol);
}

#define RESOLVE_LOADED(ret, name, symbol, params)                                                                      \
	{                                                                                                              \
		union {                                                                                                \
			ret(**function) params;                                                                        \
			void **object;                                                                                 \
		} member = {.function = &mw_real.name};                                                                \
		resolve_loaded(member.object, symbol, library);                                                        \
	}

void mw_real_resolve_cxx(void)
{
	void *library = dlopen("libstdc++.so.6", RTLD_LAZY | RTLD_NOLOAD);

	if (!library)
		library = dlopen("libc++abi.so.1", RTLD_LAZY | RTLD_NOLOAD);
	REAL_TABLE(RESOLVE_LOADED)
	mw_real_drop_error();
}
