/*
 * Makes a block that holds another one, and keeps the only pointer to it in one place until the end: roots PLACE on.
 * With "off" the same code runs, and then the pointer is erased. MODULE is a roots_module.so.
 * No other copy is left: the pointer is kept disguised, and what calls left on stacks and in registers is wiped.
 * roots PLACE on|off [MODULE]
 */
#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#define NOINLINE      __attribute__((noinline))
#define N_KEYS        70 /* more than two times the first level's 32 */
#define MAPPING_BYTES (3 * 4096)
#define SPARSE_BYTES  ((size_t)64 << 20)
#define CONTEXT_BYTES 65536

int __lsan_do_recoverable_leak_check(void) __attribute__((weak));

typedef void *volatile place;

static uintptr_t disguised; /* the complement of the pointer */
static bool on;
static const char *module_path;
static _Atomic unsigned announced;

static place in_data = (void *)&in_data;
static place in_bss;
static __thread place in_tls;
static ucontext_t main_context, other_context;

static NOINLINE void make_kept(void)
{
	void **outer = malloc(300);

	outer[0] = malloc(200);
	disguised = ~(uintptr_t)outer;
}

static NOINLINE void wipe_stack(void)
{
	volatile char room[49152];

	for (size_t i = 0; i < sizeof(room); i++)
		room[i] = 0;
}

static NOINLINE void wipe(void)
{
	wipe_stack();
	__asm__ volatile("xor %%eax, %%eax; xor %%ecx, %%ecx; xor %%edx, %%edx; xor %%esi, %%esi; xor %%edi, %%edi\n"
			 "xor %%r8d, %%r8d; xor %%r9d, %%r9d; xor %%r10d, %%r10d; xor %%r11d, %%r11d\n"
			 "pxor %%xmm0, %%xmm0; pxor %%xmm1, %%xmm1; pxor %%xmm2, %%xmm2; pxor %%xmm3, %%xmm3\n"
			 "pxor %%xmm4, %%xmm4; pxor %%xmm5, %%xmm5; pxor %%xmm6, %%xmm6; pxor %%xmm7, %%xmm7\n"
			 :
			 :
			 : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "xmm0", "xmm1", "xmm2", "xmm3",
			   "xmm4", "xmm5", "xmm6", "xmm7", "memory");
}

static NOINLINE void keep_in(place *where)
{
	*where = (void *)~disguised;
	if (!on)
		*where = NULL;
}

static void *unless_off(void)
{
	return on ? (void *)~disguised : NULL;
}

static NOINLINE void announce(void)
{
	atomic_fetch_add(&announced, 1);
}

static void stay(void)
{
	announce();
	for (;;)
		pause();
}

static void await_announced(unsigned n)
{
	while (atomic_load(&announced) < n)
		sched_yield();
}

static NOINLINE void start(void *(*work)(void *), void *argument)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, work, argument) != 0)
		_exit(9);
}

static NOINLINE place *module_place(const char *function)
{
	static void *module;
	place *(*find)(void);

	if (!module)
		module = dlopen(module_path, RTLD_NOW);
	find = module ? (place * (*)(void)) dlsym(module, function) : NULL;
	if (!find)
		_exit(8);
	return find();
}

/* ---- places of the process */

/* Maps `depth` calls deeper. */
static NOINLINE place *mapping(int flags, unsigned depth)
{
	place *last;
	char *start;

	if (depth > 0) {
		last = mapping(flags, depth - 1);
		__asm__ volatile("" : : : "memory");
		return last;
	}
	start = mmap(NULL, MAPPING_BYTES, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
	return (place *)(start + MAPPING_BYTES - sizeof(void *));
}

/* Of a file that ends in the mapping's first page. */
static NOINLINE place *file_mapping(void)
{
	int fd = memfd_create("roots", 0);
	char *start;

	if (fd < 0 || ftruncate(fd, 100) != 0)
		_exit(11);
	start = mmap(NULL, MAPPING_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	return (place *)(start + 16);
}

/* A leak check must not make pages be there that nobody has touched. */
static NOINLINE void keep_in_sparse(void)
{
	char *start = mmap(NULL, SPARSE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	static unsigned char there[SPARSE_BYTES / 4096];
	size_t n = 0;

	keep_in((place *)(start + SPARSE_BYTES - sizeof(void *)));
	wipe();
	if (!__lsan_do_recoverable_leak_check || __lsan_do_recoverable_leak_check() == on ||
	    mincore(start, SPARSE_BYTES, there) != 0)
		_exit(4);
	for (size_t i = 0; i < sizeof(there); i++)
		n += there[i] & 1;
	if (n != 1)
		_exit(10);
}

/* A piece of the break's memory between two of malloc's. It ends inside a page; what follows in that page is free. */
static NOINLINE place *piece_of_break(bool by_sbrk)
{
	char *start = sbrk(0);
	void *volatile *behind;

	if (by_sbrk ? sbrk(10008) != start : brk(start + 10008) != 0)
		_exit(5);
	behind = malloc(65536); /* is more than malloc had: it takes memory of the break, too */
	behind[0] = behind[10] = behind[100] = (void *)~disguised;
	free((void *)behind);
	return (place *)(start + 10008 - sizeof(void *));
}

static NOINLINE void keep_in_key(unsigned n_keys)
{
	pthread_key_t key = 0;

	for (unsigned i = 0; i < n_keys; i++)
		if (pthread_key_create(&key, NULL) != 0)
			_exit(7);
	pthread_setspecific(key, (void *)~disguised);
	if (!on)
		pthread_setspecific(key, NULL);
}

static void in_context(void)
{
	place local;

	keep_in(&local);
	wipe_stack();
	swapcontext(&other_context, &main_context);
	_exit(6);
}

/* A coroutine that is suspended, on a stack that is a block, or a mapping. */
static NOINLINE void keep_in_coroutine(void *stack)
{
	getcontext(&other_context);
	other_context.uc_stack.ss_sp = stack;
	other_context.uc_stack.ss_size = CONTEXT_BYTES;
	makecontext(&other_context, in_context, 0);
	swapcontext(&main_context, &other_context);
	/* The saved registers of neither are of use as roots here. */
	memset(&main_context, 0, sizeof(main_context));
}

static NOINLINE bool keep_in_process(const char *name)
{
	static void *volatile stack;

	if (strcmp(name, "data") == 0)
		keep_in(&in_data);
	else if (strcmp(name, "bss") == 0)
		keep_in(&in_bss);
	else if (strcmp(name, "tls") == 0)
		keep_in(&in_tls);
	else if (strcmp(name, "dynamic-tls") == 0)
		keep_in(module_place("module_tls"));
	else if (strcmp(name, "module-data") == 0)
		keep_in(module_place("module_data"));
	else if (strcmp(name, "module-bss") == 0)
		keep_in(module_place("module_bss"));
	else if (strcmp(name, "key") == 0)
		keep_in_key(1);
	else if (strcmp(name, "late-key") == 0)
		keep_in_key(N_KEYS);
	else if (strcmp(name, "mapping") == 0)
		keep_in(mapping(MAP_PRIVATE, 3));
	else if (strcmp(name, "shared-mapping") == 0)
		keep_in(mapping(MAP_SHARED, 3));
	else if (strcmp(name, "near-mapping") == 0)
		keep_in(mapping(MAP_PRIVATE, 0));
	else if (strcmp(name, "file-mapping") == 0)
		keep_in(file_mapping());
	else if (strcmp(name, "sparse-mapping") == 0)
		keep_in_sparse();
	else if (strcmp(name, "sbrk") == 0 || strcmp(name, "brk") == 0)
		keep_in(piece_of_break(name[0] == 's'));
	else if (strcmp(name, "coroutine") == 0)
		keep_in_coroutine(stack = calloc(1, CONTEXT_BYTES));
	else
		return false;
	return true;
}

/* ---- places of a thread that is there at the end */

static void *with_stack(void *unused)
{
	place local;

	keep_in(&local);
	wipe();
	stay();
	return unused;
}

static NOINLINE void leave_in_dead_frames(unsigned depth)
{
	place frame[64];

	for (size_t i = 0; i < sizeof(frame) / sizeof(*frame); i++)
		frame[i] = (void *)~disguised;
	if (depth)
		leave_in_dead_frames(depth - 1);
	__asm__ volatile("" : : "r"(frame) : "memory");
}

/* Far below: the frames of the wait, and the red zone under them, count whatever is left in them. */
static NOINLINE void leave_far_below(void)
{
	volatile char room[8192];

	for (size_t i = 0; i < sizeof(room); i++)
		room[i] = 0;
	leave_in_dead_frames(20);
}

static void *with_dead_frames(void *unused)
{
	leave_far_below();
	__asm__ volatile("xor %%eax, %%eax; xor %%ecx, %%ecx; xor %%edx, %%edx" : : : "rax", "rcx", "rdx");
	stay();
	return unused;
}

static void *with_tls(void *unused)
{
	keep_in(&in_tls);
	wipe();
	stay();
	return unused;
}

static void *with_dynamic_tls(void *unused)
{
	keep_in(module_place("module_tls"));
	wipe();
	stay();
	return unused;
}

static void *with_key(void *unused)
{
	keep_in_key(1);
	wipe();
	stay();
	return unused;
}

static void *with_late_key(void *unused)
{
	keep_in_key(N_KEYS);
	wipe();
	stay();
	return unused;
}

/* The pointer comes into being in the register; in a system call, or running. */
#define STAY_IN_PAUSE "1: mov $34, %%eax\n syscall\n jmp 1b\n"
#define STAY_RUNNING  "1: pause\n jmp 1b\n"
#define REGISTER_THREAD(name, load, how)                                                                               \
	static void *name(void *unused)                                                                                \
	{                                                                                                              \
		__asm__ volatile("mov %[disguised], %%r12\n"                                                           \
				 "not %%r12\n"                                                                         \
				 "cmpb $0, %[on]\n"                                                                    \
				 "jne 2f\n"                                                                            \
				 "xor %%r12d, %%r12d\n"                                                                \
				 "2:\n" load "lock incl %[announced]\n" how                                            \
				 : [announced] "+m"(announced)                                                         \
				 : [disguised] "m"(disguised), [on] "m"(on)                                            \
				 : "rax", "rcx", "r11", "r12", "r13", "xmm0", "xmm13", "memory");                      \
		return unused;                                                                                         \
	}

REGISTER_THREAD(with_register, "", STAY_IN_PAUSE)
REGISTER_THREAD(with_register_running, "", STAY_RUNNING)
REGISTER_THREAD(with_vector, "movq %%r12, %%xmm13\n xor %%r12d, %%r12d\n", STAY_IN_PAUSE)
REGISTER_THREAD(with_vector_running, "movq %%r12, %%xmm13\n pslldq $8, %%xmm13\n xor %%r12d, %%r12d\n", STAY_RUNNING)
REGISTER_THREAD(with_wide_vector,
		"movq %%r12, %%xmm0\n vinserti128 $1, %%xmm0, %%ymm0, %%ymm13\n pxor %%xmm0, %%xmm0\n"
		"xor %%r12d, %%r12d\n",
		STAY_RUNNING)

/* Its argument is in its record only, where pthread_create() put it. */
static void *with_argument(void *argument)
{
	__asm__ volatile(
		"xor %%edi, %%edi; xor %%ebx, %%ebx; xor %%ebp, %%ebp; xor %%r12d, %%r12d; xor %%r13d, %%r13d\n"
		"xor %%r14d, %%r14d; xor %%r15d, %%r15d\n"
		"lock incl %[announced]\n" STAY_IN_PAUSE
		: [announced] "+m"(announced)
		:
		: "rax", "rcx", "rdx", "rsi", "rdi", "rbx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
		  "memory");
	return argument;
}

static _Atomic pid_t ended;

static void *with_value(void *unused)
{
	(void)unused;
	atomic_store(&ended, gettid());
	return unless_off();
}

/* The value of a thread that has ended, on a stack of glibc's or of its own, and that nobody joins. */
static NOINLINE bool keep_in_value(bool own_stack)
{
	static _Alignas(4096) char stack[1 << 18];
	pthread_attr_t attr;
	pthread_t thread;

	if (pthread_attr_init(&attr) != 0 || (own_stack && pthread_attr_setstack(&attr, stack, sizeof(stack)) != 0) ||
	    pthread_create(&thread, &attr, with_value, NULL) != 0)
		_exit(9);
	while (!atomic_load(&ended) || tgkill(getpid(), ended, 0) == 0)
		sched_yield();
	if (own_stack) /* it is a global, where all counts: what is left of the thread below its record is wiped */
		memset(stack, 0, sizeof(stack) - 3 * 4096);
	return true;
}

static NOINLINE bool keep_in_thread(const char *name)
{
	static const struct {
		const char *name;
		void *(*work)(void *);
	} works[] = {
		{"thread-stack", with_stack},
		{"thread-dead-frames", with_dead_frames},
		{"thread-tls", with_tls},
		{"thread-dynamic-tls", with_dynamic_tls},
		{"thread-key", with_key},
		{"thread-late-key", with_late_key},
		{"register", with_register},
		{"register-running", with_register_running},
		{"vector", with_vector},
		{"vector-running", with_vector_running},
		{"wide-vector", with_wide_vector},
		{"argument", with_argument},
		{"argument-at-once", with_argument},
	};

	if (strncmp(name, "value", 5) == 0)
		return keep_in_value(strcmp(name, "value-own-stack") == 0);
	for (size_t i = 0; i < sizeof(works) / sizeof(*works); i++) {
		bool argument = works[i].work == with_argument;

		if (strcmp(name, works[i].name) != 0)
			continue;
		start(works[i].work, argument ? unless_off() : NULL);
		if (strcmp(name, "argument-at-once") != 0)
			await_announced(1);
		return true;
	}
	return false;
}

/* ---- main's stack, alive and dead */

static void much_stack(void)
{
	char room[32768];

	/* Not written to: what dead frames left is in it. */
	__asm__ volatile("" : : "r"(room) : "memory");
	leave_in_dead_frames(1);
}

static NOINLINE void end_deep(place *outer)
{
	place local;

	keep_in(&local);
	wipe();
	*outer = NULL;
	exit(0);
}

int main(int argc, char **argv)
{
	place local = NULL;

	if (argc < 3)
		return 2;
	on = strcmp(argv[2], "on") == 0;
	module_path = argc > 3 ? argv[3] : "";
	if (strcmp(argv[1], "wide-vector") == 0 && !__builtin_cpu_supports("avx2"))
		return 77;
	make_kept();
	if (strcmp(argv[1], "main-stack") == 0) {
		keep_in(&local);
		wipe();
		exit(0);
	}
	if (strcmp(argv[1], "caller-stack") == 0)
		end_deep(&local);
	if (strncmp(argv[1], "dead-frames", 11) == 0) {
		if (strstr(argv[1], "handler") && atexit(much_stack) != 0)
			return 3;
		leave_in_dead_frames(20);
		if (strstr(argv[1], "exit"))
			exit(0);
		return 0;
	}
	if (!keep_in_process(argv[1]) && !keep_in_thread(argv[1]))
		return 2;
	wipe();
	return 0;
}
