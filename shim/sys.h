/* System calls of the shim: -errno style, no errno, no cancellation, safe in any context. */
#ifndef SHIM_SYS_H
#define SHIM_SYS_H

#include "shim/arch_x86_64.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

#define SYS0(nr)                   arch_syscall(nr, 0, 0, 0, 0, 0, 0)
#define SYS1(nr, a)                arch_syscall(nr, (long)(a), 0, 0, 0, 0, 0)
#define SYS2(nr, a, b)             arch_syscall(nr, (long)(a), (long)(b), 0, 0, 0, 0)
#define SYS3(nr, a, b, c)          arch_syscall(nr, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define SYS4(nr, a, b, c, d)       arch_syscall(nr, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)
#define SYS5(nr, a, b, c, d, e)    arch_syscall(nr, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), 0)
#define SYS6(nr, a, b, c, d, e, f) arch_syscall(nr, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

#define sys_sigset uint64_t

static inline int sys_open(const char *path, int flags)
{
	return (int)SYS4(SYS_openat, AT_FDCWD, path, flags, 0);
}

static inline int sys_close(int fd)
{
	return (int)SYS1(SYS_close, fd);
}

static inline long sys_read(int fd, void *buf, size_t n)
{
	return SYS3(SYS_read, fd, buf, n);
}

static inline long sys_write(int fd, const void *buf, size_t n)
{
	return SYS3(SYS_write, fd, buf, n);
}

/* The inode of what a path leads to; 0: nothing. */
static inline uint64_t sys_inode(const char *path)
{
	struct stat st;

	return SYS4(SYS_newfstatat, AT_FDCWD, path, &st, 0) < 0 ? 0 : st.st_ino;
}

static inline int sys_fstat(int fd, struct stat *st)
{
	return (int)SYS2(SYS_fstat, fd, st);
}

static inline int sys_fcntl(int fd, int cmd, long arg)
{
	return (int)SYS3(SYS_fcntl, fd, cmd, arg);
}

static inline long sys_readlink(const char *path, char *buf, size_t n)
{
	return SYS4(SYS_readlinkat, AT_FDCWD, path, buf, n);
}

static inline int sys_getpid(void)
{
	return (int)SYS0(SYS_getpid);
}

static inline int sys_gettid(void)
{
	return (int)SYS0(SYS_gettid);
}

/* Anonymous private memory, or NULL. */
static inline void *sys_alloc(size_t n)
{
	long p = SYS6(SYS_mmap, 0, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p < 0 && p > -4096 ? NULL : (void *)p;
}

/* Shared memory of a file, or NULL. */
static inline void *sys_map_file(int fd, size_t n, uint64_t offset)
{
	long p = SYS6(SYS_mmap, 0, n, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);

	return p < 0 && p > -4096 ? NULL : (void *)p;
}

static inline void sys_unmap(void *p, size_t n)
{
	SYS2(SYS_munmap, p, n);
}

static inline int sys_madvise(void *p, size_t n, int advice)
{
	return (int)SYS3(SYS_madvise, p, n, advice);
}

static inline uint64_t sys_clock_ns(int clock)
{
	struct timespec ts = {0, 0}; /* a filter may refuse it */

	SYS2(SYS_clock_gettime, clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* Waits while *word == value, at most `timeout_ms`. Shared between processes. */
static inline void sys_futex_wait(const void *word, uint32_t value, int timeout_ms)
{
	struct timespec ts = {.tv_sec = timeout_ms / 1000, .tv_nsec = timeout_ms % 1000 * 1000000L};

	SYS6(SYS_futex, word, FUTEX_WAIT, value, &ts, 0, 0);
}

static inline void sys_futex_wake(const void *word)
{
	SYS6(SYS_futex, word, FUTEX_WAKE, INT32_MAX, 0, 0, 0);
}

/* Blocks all signals of the thread; the old set. */
static inline sys_sigset sys_block_signals(void)
{
	sys_sigset all = ~UINT64_C(0), old = 0;

	SYS4(SYS_rt_sigprocmask, SIG_SETMASK, &all, &old, sizeof(old));
	return old;
}

static inline void sys_restore_signals(sys_sigset old)
{
	SYS4(SYS_rt_sigprocmask, SIG_SETMASK, &old, 0, sizeof(old));
}

/* Whether the 8 bytes at `addr` can be read, without a fault: the kernel reads the set before it looks at `how`. */
static inline int sys_readable(uint64_t addr)
{
	return SYS4(SYS_rt_sigprocmask, -1, addr, 0, sizeof(sys_sigset)) != -14 /* EFAULT */;
}

#endif
