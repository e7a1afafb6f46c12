/* All that is particular to x86-64 in the shim: system calls without errno, and the registers of a caller. */
#ifndef SHIM_ARCH_X86_64_H
#define SHIM_ARCH_X86_64_H

#include <stdint.h>

#ifndef __x86_64__
#error "the shim knows x86-64 only; a port starts with this file"
#endif

/* A raw system call: the result or -errno. Never touches errno and is no cancellation point. */
static inline long arch_syscall(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "0"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}

/* Where a call came from: the state of the calling function just after the call. */
struct regs {
	uint64_t ip; /* return address */
	uint64_t sp; /* stack pointer after the return */
	uint64_t bp;
};

/* The caller of the function that this is written in, which must have a frame pointer (the shim is compiled so). */
#define ARCH_CALLER_REGS()                                                                                             \
	((struct regs){                                                                                                \
		.ip = (uint64_t)(uintptr_t)__builtin_return_address(0),                                                \
		.sp = (uint64_t)(uintptr_t)__builtin_frame_address(0) + 16,                                            \
		.bp = *(const uint64_t *)__builtin_frame_address(0),                                                   \
	})

/*
 * The body of a naked allocation function of one size: if the word `gate` is `open`, what `next` points to is called,
 * and then after(p, size, head) is jumped to, else rare(size). Either returns to the program, which is its caller as
 * ARCH_CALLER_REGS() sees it. A compiler's prologue would save registers for all that comes after the call, though only
 * the size has to live through it.
 */
#define ARCH_ALLOC_BODY(gate, open, next, head, after, rare)                                                           \
	__asm__("cmpl $" ARCH_STRING(open) ", " #gate "(%rip)\n\t"                                                     \
		"jne " #rare "\n\t"                                                                                    \
		"pushq %rdi\n\t"                                                                                       \
		".cfi_adjust_cfa_offset 8\n\t"                                                                         \
		"call *" #next "(%rip)\n\t"                                                                            \
		"popq %rsi\n\t"                                                                                        \
		".cfi_adjust_cfa_offset -8\n\t"                                                                        \
		"movq %rax, %rdi\n\t"                                                                                  \
		"movl $" ARCH_STRING(head) ", %edx\n\t"                                                                \
		"jmp " #after)
#define ARCH_STRING(s)  ARCH_STRING_(s)
#define ARCH_STRING_(s) #s

/* Clears the registers that a function may leave anything in and that programs seldom use: they keep it for long, over
 * system calls too. */
static inline void arch_forget_registers(void)
{
	__asm__ volatile("xorl %%r8d, %%r8d\n\txorl %%r9d, %%r9d\n\txorl %%r10d, %%r10d" : : : "r8", "r9", "r10", "cc");
}

#endif
