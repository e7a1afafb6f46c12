/*
 * operator new and delete in every form, under their mangled names. The next definition does the work: mostly it
 * calls malloc or free, which then record the event as operator new's; where it does not (tcmalloc), the event is
 * recorded here. std::bad_alloc passes through these frames. libstdc++'s and libc++'s, which are malloc and free, are
 * only called when there is no memory. Writable process-wide: whether it is theirs, at the start.
 */
#include "shim/entry.h"

#include "shim/boot.h"
#include "shim/limit.h"
#include "shim/next.h"
#include "shim/quick.h"

#include <stdlib.h>

/* A libstdc++ that came with dlopen is not known yet; without any C++ library there is malloc. */
#define REAL_OR(member, fallback)                                                                                      \
	if (MW_UNLIKELY(!mw_real.member)) {                                                                            \
		mw_real_resolve_cxx();                                                                                 \
		if (!mw_real.member)                                                                                   \
			return fallback;                                                                               \
	}

/* operator new[] calls operator new, the aligned ones ask for a rounded size: the outermost says what the program
 * wanted. */
static inline void want(unsigned kind, size_t size, const struct regs *at)
{
	struct tls *t = &mw_tls;

	if (!entry_on() || mw_want_is_pending(t, at))
		return;
	t->want_at = *at;
	t->want_size = size;
	t->want_kind = (uint16_t)kind;
}

/*
 * Operators of the program's own stand before ours, but not all of them need be there: then operator delete(void *,
 * size_t) may be ours and get what its operator new took from malloc. The address of a function is that of the first
 * definition; an alias is ours.
 */
#define OWN(symbol, name, ret, params)                                                                                 \
	ret symbol params;                                                                                             \
	ret name params __attribute__((alias(#symbol), visibility("hidden")));
OWN(_Znwm, own_new, void *, (size_t size))
OWN(_Znam, own_new_array, void *, (size_t size))
OWN(_ZdlPv, own_delete, void, (void *p))
OWN(_ZdaPv, own_delete_array, void, (void *p))

/* Volatile, or the compiler knows the answer. */
static bool replaced(void)
{
	void *(*volatile new_)(size_t) = _Znwm;
	void *(*volatile new_array)(size_t) = _Znam;
	void (*volatile delete_)(void *) = _ZdlPv;
	void (*volatile delete_array)(void *) = _ZdaPv;

	return new_ != own_new || new_array != own_new_array || delete_ != own_delete ||
	       delete_array != own_delete_array;
}

static bool plain; /* they are malloc and free, but for what is done when there is no memory */

static bool is_of_library(const char *library)
{
	void *new_ = NULL, *delete_ = NULL;
	const struct next_symbol symbols[] = {{"_Znwm", &new_}, {"_ZdlPv", &delete_}};

	mw_next_find_in(library, symbols, MW_ARRAY_LEN(symbols));
	return new_ && delete_ && new_ == (void *)(uintptr_t)mw_real.new_ &&
	       delete_ == (void *)(uintptr_t)mw_real.delete_;
}

void mw_entry_cxx_init(void)
{
	if (!entry_on())
		return;
	if (replaced())
		mw_track_operators();
	else if (!mw_limit_is_set()) /* or a refusal would be counted twice: here, and by the one that is called then */
		plain = is_of_library("libstdc++.so.6") || is_of_library("libc++abi.so.1");
}

/* The wish is still there: the allocator did not go through malloc. */
static inline void *made(void *p)
{
	struct tls *t = &mw_tls;
	uint32_t kind = t->want_kind;

	if (MW_UNLIKELY(kind)) {
		struct regs at = t->want_at;

		t->want_kind = 0;
		if (entry_on())
			return mw_track_alloc(p, t->want_size, kind, &at);
	} else if (MW_UNLIKELY(t->want_got != p) && entry_on()) {
		mw_track_operators(); /* the next definition gives a part of what it got from malloc */
	}
	return p;
}

/* Operator new where it is malloc, not yet recorded; NULL: the next definition is to be called. */
static MW_ALWAYS_INLINE void *plain_new(size_t size)
{
	return MW_LIKELY(plain && entry_plain()) ? mw_real.malloc(size ? size : 1) : NULL;
}

/* Operator delete where it is free; whether it is. */
static MW_ALWAYS_INLINE bool plain_delete(void *p, unsigned kind)
{
	if (MW_UNLIKELY(!plain || !entry_plain() || mw_boot_owns(p)))
		return false;
	if (MW_LIKELY(p))
		mw_quick_free(p, kind);
	return true;
}

/* `is_plain`: of the forms that can be malloc or free. */
#define NEW(symbol, member, kind, is_plain, params, args)                                                              \
	MW_EXPORT void *symbol params;                                                                                 \
	MW_EXPORT void *symbol params                                                                                  \
	{                                                                                                              \
		void *p = (is_plain) ? plain_new(size) : NULL;                               \
		struct regs at;                                                                                        \
                                                                                                                       \
		if ((is_plain) && MW_LIKELY(p))                                                                        \
			return mw_alloc_after(p, size, QUICK_ALLOC(kind));                                             \
		at = ARCH_CALLER_REGS();                                                                               \
		REAL_OR(member, malloc(size))                                                                          \
		want(kind, size, &at);                                                                                 \
		p = mw_real.member args;                                                                               \
		return made(p);                                                                                        \
	}

/* The record of a free comes before the real one: recorded here, and the free that follows inside is not. */
#define DELETE(symbol, member, kind, is_plain, params, args)                                                           \
	MW_EXPORT void symbol params;                                                                                  \
	MW_EXPORT void symbol params                                                                                   \
	{                                                                                                              \
		struct regs at;                                                                                        \
                                                                                                                       \
		if ((is_plain) && MW_LIKELY(plain_delete(p, kind)))                                \
			return;                                                                                        \
		at = ARCH_CALLER_REGS();                                                                               \
		REAL_OR(member, free(p))                                                                               \
		if (MW_UNLIKELY(!p || mw_boot_owns(p)))                                                                \
			return;                                                                                        \
		if (MW_LIKELY(entry_on())) {                                                                           \
			entry_tell_release(p, &at);                                                                    \
			mw_track_free(p, kind, &at);                                                                   \
			mw_set_deleting(&mw_tls, p);                                                                   \
		}                                                                                                      \
		mw_real.member args;                                                                                   \
		mw_set_deleting(&mw_tls, NULL);                                                                        \
	}

NEW(_Znwm, new_, WIRE_KIND_NEW, 1, (size_t size), (size))
NEW(_Znam, new_array, WIRE_KIND_NEW_ARRAY, 1, (size_t size), (size))
NEW(_ZnwmRKSt9nothrow_t, new_nothrow, WIRE_KIND_NEW, 1, (size_t size, const void *nothrow), (size, nothrow))
NEW(_ZnamRKSt9nothrow_t, new_array_nothrow, WIRE_KIND_NEW_ARRAY, 1, (size_t size, const void *nothrow), (size, nothrow))
NEW(_ZnwmSt11align_val_t, new_aligned, WIRE_KIND_NEW, 0, (size_t size, size_t alignment), (size, alignment))
NEW(_ZnamSt11align_val_t, new_array_aligned, WIRE_KIND_NEW_ARRAY, 0, (size_t size, size_t alignment), (size, alignment))
NEW(_ZnwmSt11align_val_tRKSt9nothrow_t, new_aligned_nothrow, WIRE_KIND_NEW, 0,
    (size_t size, size_t alignment, const void *nothrow), (size, alignment, nothrow))
NEW(_ZnamSt11align_val_tRKSt9nothrow_t, new_array_aligned_nothrow, WIRE_KIND_NEW_ARRAY, 0,
    (size_t size, size_t alignment, const void *nothrow), (size, alignment, nothrow))

DELETE(_ZdlPv, delete_, WIRE_KIND_DELETE, 1, (void *p), (p))
DELETE(_ZdaPv, delete_array, WIRE_KIND_DELETE_ARRAY, 1, (void *p), (p))
DELETE(_ZdlPvm, delete_sized, WIRE_KIND_DELETE, 1, (void *p, size_t size), (p, size))
DELETE(_ZdaPvm, delete_array_sized, WIRE_KIND_DELETE_ARRAY, 1, (void *p, size_t size), (p, size))
DELETE(_ZdlPvRKSt9nothrow_t, delete_nothrow, WIRE_KIND_DELETE, 1, (void *p, const void *nothrow), (p, nothrow))
DELETE(_ZdaPvRKSt9nothrow_t, delete_array_nothrow, WIRE_KIND_DELETE_ARRAY, 1, (void *p, const void *nothrow),
       (p, nothrow))
DELETE(_ZdlPvSt11align_val_t, delete_aligned, WIRE_KIND_DELETE, 0, (void *p, size_t alignment), (p, alignment))
DELETE(_ZdaPvSt11align_val_t, delete_array_aligned, WIRE_KIND_DELETE_ARRAY, 0, (void *p, size_t alignment),
       (p, alignment))
DELETE(_ZdlPvmSt11align_val_t, delete_sized_aligned, WIRE_KIND_DELETE, 0, (void *p, size_t size, size_t alignment),
       (p, size, alignment))
DELETE(_ZdaPvmSt11align_val_t, delete_array_sized_aligned, WIRE_KIND_DELETE_ARRAY, 0,
       (void *p, size_t size, size_t alignment), (p, size, alignment))
DELETE(_ZdlPvSt11align_val_tRKSt9nothrow_t, delete_aligned_nothrow, WIRE_KIND_DELETE, 0,
       (void *p, size_t alignment, const void *nothrow), (p, alignment, nothrow))
DELETE(_ZdaPvSt11align_val_tRKSt9nothrow_t, delete_array_aligned_nothrow, WIRE_KIND_DELETE_ARRAY, 0,
       (void *p, size_t alignment, const void *nothrow), (p, alignment, nothrow))
