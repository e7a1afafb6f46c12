/* Programs that confine themselves with seccomp while they run: whether the shim's system calls may still be made. */
#ifndef SHIM_SECCOMP_H
#define SHIM_SECCOMP_H

#include "common/compiler.h"

#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * What the filter answers to a system call: the action of SECCOMP_RET_*, as the kernel would compute it (classic BPF on
 * struct seccomp_data, linux/filter.h). A filter that the kernel has not accepted gives SECCOMP_RET_KILL_PROCESS.
 */
uint32_t mw_seccomp_answer(const struct sock_fprog *filter, int nr, const uint64_t args[6]);

/* Whether each system call that recording makes would pass, or fail in a way that the shim is ready for. */
bool mw_seccomp_allows_us(const struct sock_fprog *filter);

/* The two numbers of syscall() by which a program confines itself; libc's syscall() for all others, NULL until known;
 * what libc makes of a system call's result. For entry_syscall_x86_64.S. */
long mw_syscall_seccomp(long nr, long a, long b, long c, long d, long e);
extern long (*mw_real_syscall)(long nr, ...);
long mw_syscall_result(long rc);

/* 1: the program has put a filter on its own system calls since its start. Set by entry_seccomp.c; a child has it too.
 */
extern _Atomic uint32_t mw_filtered MW_HIDDEN;

#endif
