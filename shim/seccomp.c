#include "shim/seccomp.h"

#include "common/compiler.h"
#include "shim/process.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>

struct machine {
	uint32_t a, x;
	uint32_t memory[BPF_MEMWORDS];
	const struct seccomp_data *data;
};

static uint32_t alu(unsigned op, uint32_t a, uint32_t b)
{
	switch (op) {
	case BPF_ADD:
		return a + b;
	case BPF_SUB:
		return a - b;
	case BPF_MUL:
		return a * b;
	case BPF_DIV:
		return b ? a / b : 0;
	case BPF_OR:
		return a | b;
	case BPF_AND:
		return a & b;
	case BPF_LSH:
		return b < 32 ? a << b : 0;
	case BPF_RSH:
		return b < 32 ? a >> b : 0;
	case BPF_NEG:
		return -a;
	case BPF_XOR:
		return a ^ b;
	}
	return 0;
}

static uint32_t load(const struct machine *m, const struct sock_filter *i)
{
	uint32_t word = 0;

	switch (BPF_MODE(i->code)) {
	case BPF_ABS:
		if (i->k <= sizeof(*m->data) - sizeof(word))
			memcpy(&word, (const char *)m->data + i->k, sizeof(word));
		return word;
	case BPF_MEM:
		return i->k < BPF_MEMWORDS ? m->memory[i->k] : 0;
	case BPF_LEN:
		return sizeof(*m->data);
	}
	return i->k; /* BPF_IMM */
}

static bool jumps(unsigned op, uint32_t a, uint32_t b)
{
	return op == BPF_JEQ ? a == b : op == BPF_JGT ? a > b : op == BPF_JGE ? a >= b : (a & b) != 0;
}

/* One instruction that is no return; how many are to be skipped. */
static uint32_t step(struct machine *m, const struct sock_filter *i)
{
	uint32_t operand = BPF_SRC(i->code) == BPF_X ? m->x : i->k;

	switch (BPF_CLASS(i->code)) {
	case BPF_LD:
		m->a = load(m, i);
		break;
	case BPF_LDX:
		m->x = load(m, i);
		break;
	case BPF_ST:
		m->memory[i->k % BPF_MEMWORDS] = m->a;
		break;
	case BPF_STX:
		m->memory[i->k % BPF_MEMWORDS] = m->x;
		break;
	case BPF_ALU:
		m->a = alu(BPF_OP(i->code), m->a, operand);
		break;
	case BPF_JMP:
		if (BPF_OP(i->code) == BPF_JA)
			return i->k;
		return jumps(BPF_OP(i->code), m->a, operand) ? i->jt : i->jf;
	case BPF_MISC:
		if (BPF_MISCOP(i->code) == BPF_TAX)
			m->x = m->a;
		else
			m->a = m->x;
		break;
	}
	return 0;
}

uint32_t mw_seccomp_answer(const struct sock_fprog *filter, int nr, const uint64_t args[6])
{
	struct seccomp_data data = {
		.nr = nr, .arch = AUDIT_ARCH_X86_64, .instruction_pointer = (uint64_t)(uintptr_t)mw_seccomp_answer};
	struct machine m = {.data = &data};

	memcpy(data.args, args, sizeof(data.args));
	for (uint32_t at = 0; at < filter->len; at++) {
		const struct sock_filter *i = &filter->filter[at];

		if (BPF_CLASS(i->code) == BPF_RET)
			return (BPF_RVAL(i->code) == BPF_A ? m.a : i->k) & SECCOMP_RET_ACTION_FULL;
		at += step(&m, i);
	}
	return SECCOMP_RET_KILL_PROCESS;
}

bool mw_seccomp_allows_us(const struct sock_fprog *filter)
{
	const uint64_t pipe_fd = (uint64_t)(int64_t)atomic_load(&mw_proc->pipe_fd);
	const struct {
		int nr;
		uint64_t args[6];
	} calls[] = {
		{SYS_write, {pipe_fd}},
		{SYS_fstat, {pipe_fd}},
		{SYS_fcntl, {pipe_fd, F_GETFD}},
		{SYS_rt_sigprocmask, {SIG_SETMASK}},
		{SYS_rt_sigpending, {0}},
		{SYS_rt_sigtimedwait, {0}},
		{SYS_futex, {0, FUTEX_WAIT}},
		{SYS_futex, {0, FUTEX_WAKE}},
		{SYS_openat, {(uint64_t)AT_FDCWD, 0, O_RDWR | O_CLOEXEC}},
		{SYS_close, {pipe_fd}},
		{SYS_read, {pipe_fd}},
		{SYS_pread64, {pipe_fd}},
		{SYS_mmap, {0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS}},
		{SYS_munmap, {0}},
		{SYS_madvise, {0}},
		{SYS_fallocate, {0}},
		{SYS_getpid, {0}},
		{SYS_gettid, {0}},
		{SYS_kill, {0}},
		{SYS_prctl, {0}},
		{SYS_sched_yield, {0}},
		{SYS_clock_gettime, {0}},
	};

	for (size_t i = 0; i < MW_ARRAY_LEN(calls); i++) {
		uint32_t answer = mw_seccomp_answer(filter, calls[i].nr, calls[i].args);

		if (answer == SECCOMP_RET_ERRNO && calls[i].nr != SYS_rt_sigprocmask)
			continue; /* it fails, and then we do without */
		if (answer != SECCOMP_RET_ALLOW && answer != SECCOMP_RET_LOG)
			return false;
	}
	return true;
}
