/* The program's own mappings and what it adds to the break (the allocator's do not come this way), and dlclose, after
 * which code may have gone. */
#include "shim/entry.h"

#include "shim/modules.h"
#include "shim/sys.h"
#include "shim/writer.h"

#include <errno.h>
#include <stdarg.h>

/* What an allocator in glibc's place maps is its own business, and the blocks in it are seen as such. */
static bool is_seen(const struct regs *at)
{
	return entry_on() && !mw_real_is_allocators(at->ip);
}

static void *raw_mmap(void *addr, size_t length, int prot, int flags, int fd, off_t offset)
{
	long p = SYS6(SYS_mmap, addr, length, prot, flags, fd, offset);

	if (p < 0 && p > -4096) {
		errno = (int)-p;
		return MAP_FAILED;
	}
	return (void *)p;
}

MW_EXPORT void *mmap(void *addr, size_t length, int prot, int flags, int fd, off_t offset)
{
	const struct regs at = ARCH_CALLER_REGS();
	bool on = is_seen(&at);
	void *p;

	/* a fixed mapping replaces what is there */
	if (on && flags & MAP_FIXED)
		mw_track_unmap(addr, length, WIRE_KIND_MMAP, &at);
	p = mw_real_ready() ? mw_real.mmap(addr, length, prot, flags, fd, offset)
			    : raw_mmap(addr, length, prot, flags, fd, offset);
	if (on && p != MAP_FAILED)
		mw_track_map(p, length, WIRE_KIND_MMAP, &at);
	return p;
}

MW_EXPORT void *mmap64(void *addr, size_t length, int prot, int flags, int fd, off64_t offset)
	__attribute__((alias("mmap")));

MW_EXPORT int munmap(void *addr, size_t length)
{
	const struct regs at = ARCH_CALLER_REGS();

	if (is_seen(&at))
		mw_track_unmap(addr, length, WIRE_KIND_MUNMAP, &at);
	if (mw_real_ready())
		return mw_real.munmap(addr, length);
	sys_unmap(addr, length);
	return 0;
}

MW_EXPORT void *mremap(void *old, size_t old_length, size_t length, int flags, ...)
{
	const struct regs at = ARCH_CALLER_REGS();
	bool on = is_seen(&at);
	void *p, *wanted = NULL;
	va_list ap;

	if (flags & MREMAP_FIXED) {
		va_start(ap, flags);
		wanted = va_arg(ap, void *);
		va_end(ap);
	}
	if (on)
		mw_track_unmap(old, old_length, WIRE_KIND_MREMAP, &at);
	p = mw_real.mremap(old, old_length, length, flags, wanted);
	if (on)
		mw_track_map(p == MAP_FAILED ? old : p, p == MAP_FAILED ? old_length : length, WIRE_KIND_MREMAP, &at);
	return p;
}

/* The break is where it is now, not where it was asked to be: a brk() of too low an address does nothing, and succeeds.
 * Recorded once it is done, also when it sinks: nobody but libc's malloc, whose own moves do not come this way, would
 * take that memory meanwhile. */
static void track_break(char *before, char *after, const struct regs *at)
{
	if (after > before)
		mw_track_map(before, (size_t)(after - before), WIRE_KIND_BRK, at);
	else if (after < before)
		mw_track_unmap(after, (size_t)(before - after), WIRE_KIND_BRK, at);
}

MW_EXPORT void *sbrk(intptr_t increment)
{
	const struct regs at = ARCH_CALLER_REGS();
	bool on = is_seen(&at);
	char *before;

	if (!mw_real_ready()) {
		errno = ENOMEM;
		return (void *)-1;
	}
	before = mw_real.sbrk(increment);
	if (on && (intptr_t)before != -1)
		track_break(before, before + increment, &at);
	return before;
}

MW_EXPORT int brk(void *addr)
{
	const struct regs at = ARCH_CALLER_REGS();
	bool on = is_seen(&at);
	char *before;
	int rc;

	if (!mw_real_ready()) {
		errno = ENOMEM;
		return -1;
	}
	before = mw_real.sbrk(0);
	rc = mw_real.brk(addr);
	if (on && rc == 0)
		track_break(before, mw_real.sbrk(0), &at);
	return rc;
}

MW_EXPORT int dlclose(void *handle)
{
	const struct regs at = ARCH_CALLER_REGS();
	struct tls *t = &mw_tls;
	struct writer *w;
	int rc;

	if (!mw_real_ready())
		return -1;
	rc = mw_real.dlclose(handle);
	w = entry_on() ? mw_enter(t, at.sp) : NULL;
	if (w) {
		mw_modules_sweep(w);
		mw_leave(t);
	}
	return rc;
}
