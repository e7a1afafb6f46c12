/* The next definitions of what the shim exports: the allocator's, libc's. Filled once, before anything is recorded. */
#ifndef SHIM_REAL_H
#define SHIM_REAL_H

#include "common/compiler.h"

#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/* X(return type, C name of the member, symbol, parameter types) */
#define REAL_TABLE(X)                                                                                                  \
	X(void *, malloc, "malloc", (size_t))                                                                          \
	X(void, free, "free", (void *))                                                                                \
	X(void *, calloc, "calloc", (size_t, size_t))                                                                  \
	X(void *, realloc, "realloc", (void *, size_t))                                                                \
	X(void *, reallocarray, "reallocarray", (void *, size_t, size_t))                                              \
	X(int, posix_memalign, "posix_memalign", (void **, size_t, size_t))                                            \
	X(void *, aligned_alloc, "aligned_alloc", (size_t, size_t))                                                    \
	X(void *, memalign, "memalign", (size_t, size_t))                                                              \
	X(void *, valloc, "valloc", (size_t))                                                                          \
	X(void *, pvalloc, "pvalloc", (size_t))                                                                        \
	X(size_t, malloc_usable_size, "malloc_usable_size", (void *))                                                  \
	X(void, free_sized, "free_sized", (void *, size_t))                                                            \
	X(void, free_aligned_sized, "free_aligned_sized", (void *, size_t, size_t))                                    \
	X(void *, mmap, "mmap", (void *, size_t, int, int, int, off_t))                                                \
	X(int, munmap, "munmap", (void *, size_t))                                                                     \
	X(void *, mremap, "mremap", (void *, size_t, size_t, int, ...))                                                \
	X(int, brk, "brk", (void *))                                                                                   \
	X(void *, sbrk, "sbrk", (intptr_t))                                                                            \
	X(int, dlclose, "dlclose", (void *))                                                                           \
	X(int, close, "close", (int))                                                                                  \
	X(int, close_range, "close_range", (unsigned, unsigned, int))                                                  \
	X(void, closefrom, "closefrom", (int))                                                                         \
	X(int, dup2, "dup2", (int, int))                                                                               \
	X(int, dup3, "dup3", (int, int, int))                                                                          \
	X(int, execve, "execve", (const char *, char *const *, char *const *))                                         \
	X(int, execvpe, "execvpe", (const char *, char *const *, char *const *))                                       \
	X(int, execveat, "execveat", (int, const char *, char *const *, char *const *, int))                           \
	X(int, fexecve, "fexecve", (int, char *const *, char *const *))                                                \
	X(int, posix_spawn, "posix_spawn",                                                                             \
	  (pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *, char *const *,        \
	   char *const *))                                                                                             \
	X(int, posix_spawnp, "posix_spawnp",                                                                           \
	  (pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *, char *const *,        \
	   char *const *))                                                                                             \
	X(int, prctl, "prctl", (int, ...))                                                                             \
	X(long, syscall, "syscall", (long, ...))                                                                       \
	X(int, system, "system", (const char *))                                                                       \
	X(FILE *, popen, "popen", (const char *, const char *))                                                        \
	X(void, _exit, "_exit", (int))                                                                                 \
	X(void, exit, "exit", (int))                                                                                   \
	X(void, quick_exit, "quick_exit", (int))                                                                       \
	X(void, assert_fail, "__assert_fail", (const char *, const char *, unsigned, const char *))                    \
	X(void, assert_perror_fail, "__assert_perror_fail", (int, const char *, unsigned, const char *))               \
	X(int, daemon, "daemon", (int, int))                                                                           \
	X(int, raise, "raise", (int))                                                                                  \
	X(int, kill, "kill", (pid_t, int))                                                                             \
	X(int, tgkill, "tgkill", (pid_t, pid_t, int))                                                                  \
	X(int, pthread_kill, "pthread_kill", (pthread_t, int))                                                         \
	X(int, sigqueue, "sigqueue", (pid_t, int, const union sigval))                                                 \
	X(void, abort, "abort", (void))                                                                                \
	X(int, libc_start_main, "__libc_start_main",                                                                   \
	  (int (*)(int, char **, char **), int, char **, void (*)(void), void (*)(void), void (*)(void), void *))      \
	X(void, lsan_disable, "__lsan_disable", (void))                                                                \
	X(void, lsan_enable, "__lsan_enable", (void))                                                                  \
	X(void, lsan_ignore_object, "__lsan_ignore_object", (const void *))                                            \
	X(void, lsan_register_root_region, "__lsan_register_root_region", (const void *, size_t))                      \
	X(void, lsan_unregister_root_region, "__lsan_unregister_root_region", (const void *, size_t))                  \
	X(int, lsan_do_recoverable_leak_check, "__lsan_do_recoverable_leak_check", (void))                             \
	X(void, lsan_do_leak_check, "__lsan_do_leak_check", (void))                                                    \
	X(void *, new_, "_Znwm", (size_t))                                                                             \
	X(void *, new_array, "_Znam", (size_t))                                                                        \
	X(void *, new_nothrow, "_ZnwmRKSt9nothrow_t", (size_t, const void *))                                          \
	X(void *, new_array_nothrow, "_ZnamRKSt9nothrow_t", (size_t, const void *))                                    \
	X(void *, new_aligned, "_ZnwmSt11align_val_t", (size_t, size_t))                                               \
	X(void *, new_array_aligned, "_ZnamSt11align_val_t", (size_t, size_t))                                         \
	X(void *, new_aligned_nothrow, "_ZnwmSt11align_val_tRKSt9nothrow_t", (size_t, size_t, const void *))           \
	X(void *, new_array_aligned_nothrow, "_ZnamSt11align_val_tRKSt9nothrow_t", (size_t, size_t, const void *))     \
	X(void, delete_, "_ZdlPv", (void *))                                                                           \
	X(void, delete_array, "_ZdaPv", (void *))                                                                      \
	X(void, delete_sized, "_ZdlPvm", (void *, size_t))                                                             \
	X(void, delete_array_sized, "_ZdaPvm", (void *, size_t))                                                       \
	X(void, delete_nothrow, "_ZdlPvRKSt9nothrow_t", (void *, const void *))                                        \
	X(void, delete_array_nothrow, "_ZdaPvRKSt9nothrow_t", (void *, const void *))                                  \
	X(void, delete_aligned, "_ZdlPvSt11align_val_t", (void *, size_t))                                             \
	X(void, delete_array_aligned, "_ZdaPvSt11align_val_t", (void *, size_t))                                       \
	X(void, delete_sized_aligned, "_ZdlPvmSt11align_val_t", (void *, size_t, size_t))                              \
	X(void, delete_array_sized_aligned, "_ZdaPvmSt11align_val_t", (void *, size_t, size_t))                        \
	X(void, delete_aligned_nothrow, "_ZdlPvSt11align_val_tRKSt9nothrow_t", (void *, size_t, const void *))         \
	X(void, delete_array_aligned_nothrow, "_ZdaPvSt11align_val_tRKSt9nothrow_t", (void *, size_t, const void *))

/* Where the allocator's object file is mapped, if it is another than libc's; else both 0. */
struct real_range {
	uint64_t start, end;
};

struct real {
	struct real_range allocator; /* in the cache line of the functions that are called most */
#define REAL_MEMBER(ret, name, symbol, params) ret(*name) params;
	REAL_TABLE(REAL_MEMBER)
#undef REAL_MEMBER
};

extern struct real mw_real MW_HIDDEN;

static inline bool mw_real_foreign(void)
{
	return mw_real.allocator.end != 0;
}

static inline bool mw_real_is_allocators(uint64_t ip)
{
	return ip - mw_real.allocator.start < mw_real.allocator.end - mw_real.allocator.start;
}

/* Resolves the allocator's part; true once it can be used. Other threads and recursive calls during the resolution get
 * false and are served from the bootstrap arena. */
bool mw_real_ready(void);

/* Looks the whole C++ part up again: libstdc++ may have been loaded after the start, by a plugin that keeps it to
 * itself. */
void mw_real_resolve_cxx(void);

#endif
