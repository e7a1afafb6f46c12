/* The filter machine's answers against those that the instructions' definitions give. */
#include "shim/seccomp.h"

#include "common/compiler.h"

#include <criterion/criterion.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/syscall.h>

static uint32_t answer(const struct sock_filter *code, size_t n, int nr, uint64_t arg)
{
	const struct sock_fprog filter = {(unsigned short)n, (struct sock_filter *)(uintptr_t)code};
	const uint64_t args[6] = {arg};

	return mw_seccomp_answer(&filter, nr, args);
}

#define ANSWER(code, nr, arg) answer(code, MW_ARRAY_LEN(code), nr, arg)

Test(seccomp, by_number_architecture_and_argument)
{
	static const struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_write, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args)),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 2, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 13),
	};

	cr_assert_eq(ANSWER(code, SYS_write, 1), SECCOMP_RET_ALLOW);
	cr_assert_eq(ANSWER(code, SYS_write, 3), SECCOMP_RET_ERRNO, "without its data");
	cr_assert_eq(ANSWER(code, SYS_read, 1), SECCOMP_RET_ERRNO);
}

Test(seccomp, arithmetic_memory_and_the_answer_from_the_accumulator)
{
	/* a = ((arg * 3 + 1) ^ 5), kept; x = 2; a = a << x | 1; jump ahead over a kill; ALLOW if a is 101
	 */
	static const struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args)),
		BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, 3),
		BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 1),
		BPF_STMT(BPF_ALU | BPF_XOR | BPF_K, 5),
		BPF_STMT(BPF_ST, 4),
		BPF_STMT(BPF_LDX | BPF_IMM, 2),
		BPF_STMT(BPF_LD | BPF_MEM, 4),
		BPF_STMT(BPF_ALU | BPF_LSH | BPF_X, 0),
		BPF_STMT(BPF_ALU | BPF_OR | BPF_K, 1),
		BPF_STMT(BPF_JMP | BPF_JA, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		BPF_STMT(BPF_LD | BPF_IMM, 101),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_X, 0, 0, 2),
		BPF_STMT(BPF_LD | BPF_IMM, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_A, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
	};

	cr_assert_eq(ANSWER(code, SYS_read, 9), SECCOMP_RET_ALLOW, "((9 * 3 + 1) ^ 5) << 2 | 1 is 101");
	for (uint64_t arg = 0; arg < 100; arg++)
		cr_assert_eq(ANSWER(code, SYS_read, arg) == SECCOMP_RET_ALLOW,
			     (((((uint32_t)arg * 3 + 1) ^ 5) << 2) | 1) == 101);
}

Test(seccomp, a_filter_without_an_end_kills)
{
	static const struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_IMM, 1),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 1, 200, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	cr_assert_eq(ANSWER(code, SYS_read, 0), SECCOMP_RET_KILL_PROCESS);
}
