/*
 * Stacks that are hard to walk: variable-length arrays, over-aligned frames, alloca, callbacks through libc, deep
 * recursion, signal handlers on the normal and on an alternate stack, longjmp, switched stacks, code without
 * information. Allocates in each.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

static void allocate(size_t size)
{
	free(malloc(size));
}

static void with_vla(int n)
{
	volatile char array[n];

	array[0] = 1;
	allocate((size_t)n);
	array[n - 1] = array[0];
}

static void over_aligned(int n)
{
	_Alignas(256) volatile char array[256];
	volatile char more[n];

	array[0] = 1;
	more[0] = 2;
	allocate(64);
	array[255] = (char)(array[0] + more[0]);
}

static void recurse(int depth)
{
	volatile char pad[24];

	pad[0] = (char)depth;
	if (depth > 0)
		recurse(depth - 1);
	else
		allocate(33);
	pad[1] = pad[0];
}

static int compare(const void *a, const void *b)
{
	allocate(5);
	return *(const int *)a - *(const int *)b;
}

static void handler(int signal_number)
{
	(void)signal_number;
	recurse(3);
}

static jmp_buf back;

static void jump(int depth)
{
	if (depth == 0) {
		allocate(7);
		longjmp(back, 1);
	}
	jump(depth - 1);
}

static ucontext_t main_context, other_context;

static void other_stack(void)
{
	recurse(5);
	swapcontext(&other_context, &main_context);
	over_aligned(40);
}

/* push %rbp; mov %rsp,%rbp; call *%rdi; pop %rbp; ret: nothing tells how to walk it but the frame pointer */
static const unsigned char bare_code[] = {0x55, 0x48, 0x89, 0xe5, 0xff, 0xd7, 0x5d, 0xc3};

static void from_bare(void)
{
	allocate(9);
}

static void run_bare(void)
{
	void *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	void (*bare)(void (*)(void));

	memcpy(code, bare_code, sizeof(bare_code));
	mprotect(code, 4096, PROT_READ | PROT_EXEC);
	memcpy(&bare, &code, sizeof(bare));
	bare(from_bare);
	munmap(code, 4096);
}

static void run_signals(void)
{
	static char alternate[65536];
	stack_t stack = {.ss_sp = alternate, .ss_size = sizeof(alternate)};
	struct sigaction action = {.sa_handler = handler};

	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
	sigaltstack(&stack, NULL);
	action.sa_flags = SA_ONSTACK;
	sigaction(SIGUSR2, &action, NULL);
	raise(SIGUSR2);
}

static void run_contexts(void)
{
	getcontext(&other_context);
	other_context.uc_stack.ss_sp = malloc(65536);
	other_context.uc_stack.ss_size = 65536;
	other_context.uc_link = &main_context;
	makecontext(&other_context, other_stack, 0);
	swapcontext(&main_context, &other_context);
	allocate(3);
	swapcontext(&main_context, &other_context);
	free(other_context.uc_stack.ss_sp);
}

int main(void)
{
	int numbers[] = {5, 3, 9, 1, 7, 2};

	for (int round = 0; round < 50; round++) {
		with_vla(10 + round * 3);
		over_aligned(16 + round);
		recurse(round % 40);
		qsort(numbers, 6, sizeof(numbers[0]), compare);
		numbers[round % 6] = round;
		run_signals();
		if (setjmp(back) == 0)
			jump(round % 9);
		run_contexts();
		run_bare();
	}
	recurse(600);
	return 0;
}
