/*
 * The C allocation functions: thin wrappers around the next definition that keep errno as it leaves it. While the
 * real functions are being looked up, callers are served from the bootstrap arena.
 */
#include "shim/entry.h"

#include "shim/asked.h"
#include "shim/boot.h"
#include "shim/libc_glibc.h"
#include "shim/quick.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#define MALLOC_OPEN 1 /* MW_ON, for the assembler */
#define MALLOC_HEAD 0x1000101 /* QUICK_ALLOC(WIRE_KIND_MALLOC) */

/* A part of malloc; known to it by its symbol. */
void *mw_malloc_rare(size_t size);

static size_t product(size_t n, size_t size)
{
	size_t bytes;

	return __builtin_mul_overflow(n, size, &bytes) ? SIZE_MAX : bytes;
}

/* The first call of all, one that is not recorded, or one that the reporter wants something of. */
MW_HIDDEN MW_COLD void *mw_malloc_rare(size_t size)
{
	const struct regs at = ARCH_CALLER_REGS();
	struct asked asked;
	uint64_t hidden;

	if (entry_off())
		return mw_real.malloc(size);
	if (!entry_on())
		return mw_real_ready() ? mw_real.malloc(size) : mw_boot_alloc(size, 16);
	mw_asked_begin(&asked);
	hidden = track_hidden(mw_real.malloc(size));
	mw_asked_real(&asked);
	mw_track_alloc(track_shown(hidden), size, WIRE_KIND_MALLOC, &at);
	mw_asked_end(&asked);
	return track_shown(hidden);
}

MW_HIDDEN void *mw_alloc_after(void *p, size_t size, uint32_t head)
{
	return mw_quick_alloc(p, size, head);
}

_Static_assert(MW_ON == MALLOC_OPEN && QUICK_ALLOC(WIRE_KIND_MALLOC) == MALLOC_HEAD, "numbers for the assembler");
_Static_assert(offsetof(struct shm_gate, state) == 0 && offsetof(struct real, malloc) == 16, "what it sees");

MW_EXPORT __attribute__((naked)) void *malloc(size_t size MW_UNUSED)
{
	ARCH_ALLOC_BODY(mw_gate, MALLOC_OPEN, mw_real + 16, MALLOC_HEAD, mw_alloc_after, mw_malloc_rare);
}

bool mw_entry_bypassed(void)
{
	struct libc_object named, own;
	const ElfW(Sym) *symbol = NULL;
	void *extra = NULL;
	Dl_info info;

	if (!libc_find_object((uint64_t)(uintptr_t)malloc, &named) ||
	    !libc_find_object((uint64_t)(uintptr_t)mw_entry_bypassed, &own) || named.start == own.start)
		return false;
	/* An executable at a fixed address has a stub that malloc's address is taken of, and calls ours all the same.
	 */
	if (!dladdr1((void *)(uintptr_t)malloc, &info, &extra, RTLD_DL_SYMENT))
		return false;
	symbol = extra;
	return symbol && symbol->st_shndx != SHN_UNDEF;
}

static MW_COLD void *calloc_rare(size_t n, size_t size, const struct regs *at)
{
	struct asked asked;
	uint64_t hidden;

	if (entry_off())
		return mw_real.calloc(n, size);
	if (!entry_on())
		return mw_real_ready() ? mw_real.calloc(n, size) : mw_boot_alloc(product(n, size), 16);
	mw_asked_begin(&asked);
	hidden = track_hidden(mw_real.calloc(n, size));
	mw_asked_real(&asked);
	mw_track_alloc(track_shown(hidden), product(n, size), WIRE_KIND_CALLOC, at);
	mw_asked_end(&asked);
	return track_shown(hidden);
}

MW_EXPORT void *calloc(size_t n, size_t size)
{
	if (MW_UNLIKELY(!entry_plain()))
		return calloc_rare(n, size, &ARCH_CALLER_REGS());
	return mw_alloc_after(mw_real.calloc(n, size), product(n, size), QUICK_ALLOC(WIRE_KIND_CALLOC));
}

static MW_COLD void release_rare(void *p, uint64_t ip, uint64_t sp, uint64_t bp)
{
	const struct regs at = {.ip = ip, .sp = sp, .bp = bp};
	struct asked asked;

	if (entry_off() || !entry_on()) {
		if (mw_real_ready())
			mw_real.free(p);
		return;
	}
	mw_asked_begin(&asked);
	entry_tell_release(p, &at);
	mw_track_free(p, WIRE_KIND_FREE, &at);
	mw_asked_tracked(&asked);
	mw_real.free(p);
	mw_asked_end(&asked);
}

/* All else is called last, and in registers: it needs no frame here. */
MW_EXPORT void free(void *p)
{
	struct regs at;

	__builtin_prefetch((const char *)p - 16, 1); /* what the real one begins with comes while we record */
	if (MW_UNLIKELY(!p || mw_boot_owns(p)))
		return;
	if (MW_LIKELY(entry_plain())) {
		mw_quick_free(p, WIRE_KIND_FREE);
		return;
	}
	at = ARCH_CALLER_REGS();
	release_rare(p, at.ip, at.sp, at.bp);
}

/* Gone from glibc 2.26 on, still called by old programs. */
MW_EXPORT void cfree(void *p);
MW_EXPORT void cfree(void *p)
{
	const struct regs at = ARCH_CALLER_REGS();

	if (p && !mw_boot_owns(p))
		release_rare(p, at.ip, at.sp, at.bp);
}

/* C23; free of the same block where the libc does not have them. */
MW_EXPORT void free_sized(void *p, size_t size);
MW_EXPORT void free_sized(void *p, size_t size)
{
	const struct regs at = ARCH_CALLER_REGS();

	if (!p || mw_boot_owns(p))
		return;
	if (entry_on()) {
		entry_tell_release(p, &at);
		mw_track_free(p, WIRE_KIND_FREE, &at);
	}
	if (mw_real.free_sized)
		mw_real.free_sized(p, size);
	else
		mw_real.free(p);
}

MW_EXPORT void free_aligned_sized(void *p, size_t alignment, size_t size);
MW_EXPORT void free_aligned_sized(void *p, size_t alignment, size_t size)
{
	const struct regs at = ARCH_CALLER_REGS();

	if (!p || mw_boot_owns(p))
		return;
	if (entry_on()) {
		entry_tell_release(p, &at);
		mw_track_free(p, WIRE_KIND_FREE, &at);
	}
	if (mw_real.free_aligned_sized)
		mw_real.free_aligned_sized(p, alignment, size);
	else
		mw_real.free(p);
}

/* A block of the arena moves to the real heap; the arena's part is just left. */
static void *realloc_boot(void *old, size_t size, unsigned kind, const struct regs *at)
{
	size_t n = mw_boot_size(old);
	void *p = mw_real_ready() ? mw_real.malloc(size) : mw_boot_alloc(size, 16);

	if (!mw_boot_owns(p) && entry_on())
		p = mw_track_alloc(p, size, kind, at);
	if (p)
		memcpy(p, old, n < size ? n : size);
	return p;
}

/* As malloc_rare; and of a block of the arena. What the beginning takes is not in the times. */
static MW_COLD void *realloc_rare(void *old, size_t size, const struct regs *at)
{
	bool on = entry_on();
	struct asked asked;
	uint64_t hidden;

	if (mw_boot_owns(old) || !mw_real_ready())
		return old ? realloc_boot(old, size, WIRE_KIND_REALLOC, at) : mw_boot_alloc(size, 16);
	if (!on)
		return mw_real.realloc(old, size);
	if (old) {
		entry_tell_release(old, at);
		mw_track_realloc_begin(old, at);
	}
	mw_asked_begin(&asked);
	hidden = track_hidden(mw_real.realloc(old, size));
	mw_asked_real(&asked);
	hidden = track_hidden(old ? mw_track_realloc_end(track_shown(hidden), size, WIRE_KIND_REALLOC, at)
				  : mw_track_alloc(track_shown(hidden), size, WIRE_KIND_REALLOC, at));
	mw_asked_end(&asked);
	return track_shown(hidden);
}

MW_EXPORT void *realloc(void *old, size_t size)
{
	uint32_t head = old ? QUICK_REALLOC_END(WIRE_KIND_REALLOC) : QUICK_ALLOC(WIRE_KIND_REALLOC);

	if (MW_UNLIKELY(!entry_plain() || mw_boot_owns(old)))
		return realloc_rare(old, size, &ARCH_CALLER_REGS());
	if (old && MW_UNLIKELY(!mw_quick_realloc_begin(old)))
		mw_track_realloc_begin(old, &ARCH_CALLER_REGS());
	return mw_alloc_after(mw_real.realloc(old, size), size, head);
}

/* libc's own reallocarray calls realloc by an internal name or not, so it is not called: this is all it does. */
MW_EXPORT void *reallocarray(void *old, size_t n, size_t size)
{
	const struct regs at = ARCH_CALLER_REGS();
	size_t bytes = product(n, size);
	bool on = entry_on();
	void *p;

	if (MW_UNLIKELY(mw_boot_owns(old) || !mw_real_ready()))
		return old ? realloc_boot(old, bytes, WIRE_KIND_REALLOCARRAY, &at) : mw_boot_alloc(bytes, 16);
	if (on && old) {
		entry_tell_release(old, &at);
		mw_track_realloc_begin(old, &at);
	}
	if (bytes == SIZE_MAX) {
		errno = ENOMEM;
		p = NULL;
	} else {
		p = mw_real.realloc(old, bytes);
	}
	if (!on)
		return p;
	return old ? mw_track_realloc_end(p, bytes, WIRE_KIND_REALLOCARRAY, &at)
		   : mw_track_alloc(p, bytes, WIRE_KIND_REALLOCARRAY, &at);
}

MW_EXPORT int posix_memalign(void **result, size_t alignment, size_t size)
{
	const struct regs at = ARCH_CALLER_REGS();
	bool on = entry_on();
	int rc;

	if (MW_UNLIKELY(!mw_real_ready())) {
		*result = mw_boot_alloc(size, alignment);
		return *result ? 0 : ENOMEM;
	}
	rc = mw_real.posix_memalign(result, alignment, size);
	if (MW_LIKELY(on) && rc != EINVAL && (rc || *result))
		mw_track_alloc(rc == 0 ? *result : NULL, size, WIRE_KIND_POSIX_MEMALIGN, &at);
	return rc;
}

static inline void *aligned(size_t alignment, size_t size, unsigned kind, const struct regs *at,
			    void *(*const *real)(size_t, size_t))
{
	bool on = entry_on();
	void *p;

	if (MW_UNLIKELY(!mw_real_ready()))
		return mw_boot_alloc(size, alignment);
	p = (*real)(alignment, size);
	return MW_LIKELY(on) ? mw_track_alloc(p, size, kind, at) : p;
}

MW_EXPORT void *aligned_alloc(size_t alignment, size_t size)
{
	const struct regs at = ARCH_CALLER_REGS();

	return aligned(alignment, size, WIRE_KIND_ALIGNED_ALLOC, &at, &mw_real.aligned_alloc);
}

MW_EXPORT void *memalign(size_t alignment, size_t size)
{
	const struct regs at = ARCH_CALLER_REGS();

	return aligned(alignment, size, WIRE_KIND_MEMALIGN, &at, &mw_real.memalign);
}

static inline void *paged(size_t size, unsigned kind, const struct regs *at, void *(*const *real)(size_t))
{
	bool on = entry_on();
	void *p;

	if (MW_UNLIKELY(!mw_real_ready()))
		return mw_boot_alloc(size, 4096);
	p = (*real)(size);
	return MW_LIKELY(on) ? mw_track_alloc(p, size, kind, at) : p;
}

MW_EXPORT void *valloc(size_t size)
{
	const struct regs at = ARCH_CALLER_REGS();

	return paged(size, WIRE_KIND_VALLOC, &at, &mw_real.valloc);
}

MW_EXPORT void *pvalloc(size_t size)
{
	const struct regs at = ARCH_CALLER_REGS();

	return paged(size, WIRE_KIND_PVALLOC, &at, &mw_real.pvalloc);
}

MW_EXPORT size_t malloc_usable_size(void *p)
{
	if (MW_UNLIKELY(p && mw_boot_owns(p)))
		return mw_boot_size(p);
	return mw_real_ready() ? mw_real.malloc_usable_size(p) : 0;
}
