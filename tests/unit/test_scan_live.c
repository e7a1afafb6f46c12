/* Scans of live children: each kind of root, threads that run, signals on their way, and being kept out. */
#include "cli/model/event.h"
#include "cli/model/process.h"
#include "cli/scan/scan.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_BLOCKS 32
#define SIZE     200

enum place {
	LOST,
	IN_DATA,
	IN_BSS,
	IN_MAIN_STACK,
	IN_DEAD_STACK,
	IN_TLS,
	IN_KEY,
	IN_LATE_KEY,
	IN_MAPPING,
	IN_THREAD_STACK,
	IN_REGISTER,
	IN_VECTOR,
	IN_THREAD_TLS,
	IN_TLS_OF_SHIM,
	INSIDE,
	HELD_BY_LOST,
};

/* Between the child and the test; its addresses are disguised, and nothing reads it for roots. */
struct board {
	uint64_t blocks[N_BLOCKS];
	uint64_t sp, fs_base, mapping, shim_tls;
	_Atomic int ready, threads_ready, n_signals, spinning, stop;
};

static struct board *board;
static int go[2], done[2];
static void *volatile in_data = &go;
static void *volatile in_bss;
static __thread void *volatile in_tls;
static __thread void *volatile in_shim_tls;

static __attribute__((noinline)) uint64_t make(enum place place)
{
	board->blocks[place] = ~(uint64_t)(uintptr_t)calloc(1, SIZE);
	return ~board->blocks[place];
}

/* Leaves no trace of what was called before. */
static __attribute__((noinline)) void wipe(void)
{
	volatile char frames[16384];

	for (size_t i = 0; i < sizeof(frames); i++)
		frames[i] = 0;
}

static __attribute__((noinline)) void wait_for_test(void)
{
	char c;

	while (read(go[0], &c, 1) < 0 && errno == EINTR)
		;
}

static __attribute__((noinline)) void fill_most(void)
{
	pthread_key_t key;
	void **mapping = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	make(LOST);
	in_data = (void *)make(IN_DATA);
	in_bss = (void *)make(IN_BSS);
	in_tls = (void *)make(IN_TLS);
	in_shim_tls = (void *)make(IN_TLS_OF_SHIM);
	pthread_key_create(&key, NULL);
	pthread_setspecific(key, (void *)make(IN_KEY));
	mapping[100] = (void *)make(IN_MAPPING);
	board->mapping = (uint64_t)(uintptr_t)mapping;
	((void **)in_data)[1] = (char *)make(INSIDE) + 96;
	*(uint64_t *)make(HELD_BY_LOST) = 0;
	((uint64_t *)~board->blocks[LOST])[2] = ~board->blocks[HELD_BY_LOST];
}

/* The address of a dead frame's variable is above this function's. */
static __attribute__((noinline)) void stand(void)
{
	void *volatile dead = (void *)make(IN_DEAD_STACK);

	board->sp = (uint64_t)(uintptr_t)__builtin_frame_address(0) + 16;
	board->fs_base = (uint64_t)pthread_self();
	board->shim_tls = (uint64_t)(uintptr_t)&in_shim_tls;
	atomic_store(&board->ready, 1);
	if (write(done[1], "r", 1) == 1)
		wait_for_test();
	(void)dead;
}

static __attribute__((noinline)) void child(void)
{
	void *volatile held = NULL;

	fill_most();
	held = (void *)make(IN_MAIN_STACK);
	wipe();
	stand();
	(void)held;
}

static int start(void (*body)(void))
{
	int pid;

	board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	cr_assert(pipe(go) == 0 && pipe(done) == 0);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* should the test fail */
		body();
		_exit(7);
	}
	return pid;
}

static void wait_until_ready(void)
{
	char c;

	cr_assert_eq(read(done[0], &c, 1), 1);
}

static void finish(int pid)
{
	int status;

	cr_assert_eq(write(go[1], "gggg", 4), 4);
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 7, "status %x", status);
}

static struct process *model_of(int pid)
{
	struct wire_hello hello = {.version = WIRE_VERSION, .pid = (uint32_t)pid, .start = WIRE_START_EXEC};
	struct process *process = process_new(&hello, PROCESS_RUN);
	struct mem_event event = {.addr = board->mapping, .size_bytes = 8192, .op = WIRE_MAP, .kind = WIRE_KIND_MMAP};

	if (board->mapping)
		process_apply(process, &event, 1);
	for (int i = 0; i < N_BLOCKS; i++) {
		event = (struct mem_event){
			.addr = ~board->blocks[i], .size_bytes = SIZE, .op = WIRE_ALLOC, .kind = WIRE_KIND_CALLOC};
		if (board->blocks[i])
			process_apply(process, &event, 1);
	}
	return process;
}

static enum scan_verdict verdict(const struct scan_result *result, enum place place)
{
	uint32_t index = scan_find(result, ~board->blocks[place]);

	cr_assert_neq(index, SCAN_NONE, "place %d", (int)place);
	return scan_block_get(result, index).verdict;
}

static enum scan_root_kind root_kind(const struct scan_result *result, enum place place)
{
	struct scan_block block = scan_block_get(result, scan_find(result, ~board->blocks[place]));

	cr_assert_neq(block.root, SCAN_NONE, "place %d", (int)place);
	return result->ranges[result->roots[block.root].range].kind;
}

static void scan(const struct scan_request *request, struct scan_result *result)
{
	struct err err = {""};

	cr_assert_eq(scan_run(request, result, &err), 0, "%s", err.text);
	cr_assert(result->scanned, "%s", result->why_not);
	for (size_t i = 0; i < result->n_problems; i++)
		cr_log_warn("%s", result->problems[i]);
	cr_assert_eq(result->n_problems, 0);
}

static void check_child(const struct scan_result *result)
{
	const struct {
		enum place place;
		enum scan_root_kind kind;
	} held[] = {
		{IN_DATA, SCAN_ROOT_GLOBAL}, {IN_BSS, SCAN_ROOT_GLOBAL},      {IN_MAIN_STACK, SCAN_ROOT_STACK},
		{IN_TLS, SCAN_ROOT_TLS},     {IN_MAPPING, SCAN_ROOT_MAPPING}, {IN_KEY, SCAN_ROOT_TLS},
	};

	for (size_t i = 0; i < sizeof(held) / sizeof(held[0]); i++) {
		cr_assert_eq(verdict(result, held[i].place), SCAN_REACHABLE, "place %d", (int)held[i].place);
		cr_assert_eq(root_kind(result, held[i].place), held[i].kind, "place %d", (int)held[i].place);
	}
	cr_assert_eq(verdict(result, LOST), SCAN_DEFINITE);
	cr_assert_eq(verdict(result, HELD_BY_LOST), SCAN_INDIRECT);
	cr_assert_eq(verdict(result, IN_DEAD_STACK), SCAN_DEFINITE);
	cr_assert_eq(verdict(result, IN_TLS_OF_SHIM), SCAN_DEFINITE);
	cr_assert_eq(verdict(result, INSIDE), SCAN_POSSIBLE);
	cr_assert_gt(result->pause_ns, 0);
}

static struct scan_request request_for(int pid, const struct process *process)
{
	return (struct scan_request){.pid = pid,
				     .process = process,
				     .scan_tid = pid,
				     .scan_sp = board->sp,
				     .shim_tls_offset = board->fs_base - board->shim_tls,
				     .shim_tls_bytes = sizeof(in_shim_tls)};
}

static int n_calls[2];

static bool on_stopped(void *ctx)
{
	cr_assert_eq(((int *)ctx)[0]++, 0);
	cr_assert_eq(((int *)ctx)[1], 0);
	return true;
}

static void on_released(void *ctx)
{
	cr_assert_eq(((int *)ctx)[1]++, 0);
}

Test(scan_live, a_child_that_waits, .timeout = 30)
{
	int pid = start(child);
	struct scan_request request;
	struct scan_result result;
	struct process *process;

	wait_until_ready();
	process = model_of(pid);
	request = request_for(pid, process);
	scan(&request, &result); /* with ptrace, to learn of its thread pointer */
	check_child(&result);
	scan_result_clear(&result);
	request.scan_fs_base = board->fs_base;
	request.stopped = on_stopped;
	request.released = on_released;
	request.ctx = n_calls;
	scan(&request, &result);
	check_child(&result);
	cr_assert(n_calls[0] == 1 && n_calls[1] == 1);
	scan_result_clear(&result);
	finish(pid);
	process_free(process);
}

Test(scan_live, the_boundary_wins, .timeout = 30)
{
	int pid = start(child);
	struct scan_request request;
	struct scan_result result;
	struct process *process;

	wait_until_ready();
	process = model_of(pid);
	request = request_for(pid, process);
	request.scan_fs_base = board->fs_base;
	request.boundary_tid = pid;
	request.boundary_sp = board->sp + 512; /* above what held it */
	scan(&request, &result);
	cr_assert_eq(verdict(&result, IN_MAIN_STACK), SCAN_DEFINITE);
	scan_result_clear(&result);
	finish(pid);
	process_free(process);
}

/* ---- threads */

static __attribute__((noinline)) void thread_ready(void)
{
	if (atomic_fetch_add(&board->threads_ready, 1) == 2 && write(done[1], "r", 1) != 1)
		abort();
}

static void *holds_in_stack(void *unused)
{
	void *volatile held = (void *)make(IN_THREAD_STACK);
	pthread_key_t key;

	in_tls = (void *)make(IN_THREAD_TLS);
	for (int i = 0; i < 40; i++)
		pthread_key_create(&key, NULL);
	thread_ready();
	wipe();
	wait_for_test();
	(void)held;
	return unused;
}

static void spin(uint64_t general, uint64_t vector)
{
	register uint64_t r12 __asm__("r12") = general;

	__asm__ volatile("movq %2, %%xmm9\n\t"
			 "xor %2, %2\n\t"
			 "movl $1, %3\n\t"
			 "1: mov %1, %%eax\n\t"
			 "pause\n\t"
			 "test %%eax, %%eax\n\t"
			 "jz 1b"
			 : "+r"(r12), "+m"(board->stop), "+r"(vector), "+m"(board->spinning)
			 :
			 : "eax", "xmm9", "cc", "memory");
}

static void *holds_in_registers(void *unused)
{
	make(IN_REGISTER);
	make(IN_VECTOR);
	wipe();
	thread_ready();
	spin(~board->blocks[IN_REGISTER], ~board->blocks[IN_VECTOR]);
	return unused;
}

static void child_with_threads(void)
{
	pthread_t a, b;

	pthread_create(&a, NULL, holds_in_stack, NULL);
	pthread_create(&b, NULL, holds_in_registers, NULL);
	make(LOST);
	wipe();
	thread_ready();
	wait_for_test();
	atomic_store(&board->stop, 1);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
}

Test(scan_live, running_threads, .timeout = 30)
{
	int pid = start(child_with_threads);
	struct scan_result result;
	struct process *process;

	wait_until_ready();
	while (!atomic_load(&board->spinning))
		sched_yield();
	process = model_of(pid);
	for (int i = 0; i < 20; i++) {
		struct scan_request request = {.pid = pid, .process = process};

		scan(&request, &result);
		cr_assert_eq(verdict(&result, LOST), SCAN_DEFINITE);
		cr_assert_eq(root_kind(&result, IN_THREAD_STACK), SCAN_ROOT_STACK);
		cr_assert_eq(root_kind(&result, IN_THREAD_TLS), SCAN_ROOT_TLS);
		cr_assert_eq(root_kind(&result, IN_REGISTER), SCAN_ROOT_REGISTER);
		cr_assert_eq(root_kind(&result, IN_VECTOR), SCAN_ROOT_REGISTER);
		scan_result_clear(&result);
	}
	finish(pid);
	process_free(process);
}

/* ---- signals, and being kept out */

static void count_signal(int unused)
{
	(void)unused;
	atomic_fetch_add(&board->n_signals, 1);
}

static void child_with_signals(void)
{
	struct sigaction action = {.sa_handler = count_signal, .sa_flags = SA_RESTART};

	sigaction(SIGRTMIN, &action, NULL);
	make(LOST);
	if (write(done[1], "r", 1) == 1)
		wait_for_test();
}

Test(scan_live, signals_arrive, .timeout = 30)
{
	int pid = start(child_with_signals), status;
	struct scan_result result;
	struct process *process;
	const int n = 200;

	wait_until_ready();
	process = model_of(pid);
	for (int i = 0; i < n; i++) {
		struct scan_request request = {.pid = pid, .process = process};

		kill(pid, SIGRTMIN);
		scan(&request, &result);
		scan_result_clear(&result);
	}
	cr_assert_eq(waitpid(pid, &status, WNOHANG | WUNTRACED | WCONTINUED), 0, "nothing is left to be told");
	finish(pid);
	cr_assert_eq(atomic_load(&board->n_signals), n);
	process_free(process);
}

Test(scan_live, another_tracer, .timeout = 30)
{
	int pid = start(child_with_threads), tracer, status, ready[2];
	struct scan_request request = {.pid = pid};
	struct scan_result result;
	struct err err = {""};
	char c;

	wait_until_ready();
	cr_assert_eq(pipe(ready), 0);
	tracer = fork();
	if (tracer == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) == 0 && write(ready[1], "t", 1) == 1)
			pause();
		_exit(0);
	}
	cr_assert_eq(read(ready[0], &c, 1), 1);
	request.process = model_of(pid);
	cr_assert_eq(scan_run(&request, &result, &err), 0);
	cr_assert(result.scanned, "%s", result.why_not);
	cr_assert_geq(result.n_problems, 1);
	cr_assert(strstr(result.problems[0], "traces it"), "%s", result.problems[0]);
	cr_assert_eq(verdict(&result, IN_THREAD_STACK), SCAN_REACHABLE);
	cr_assert_eq(verdict(&result, IN_THREAD_TLS), SCAN_REACHABLE);
	scan_result_clear(&result);
	kill(tracer, SIGKILL);
	waitpid(tracer, &status, 0);
	scan(&request, &result);
	scan_result_clear(&result);
	process_free((struct process *)(uintptr_t)request.process);
	finish(pid);
}

Test(scan_live, a_process_that_is_gone, .timeout = 30)
{
	int pid = start(child_with_signals), status;
	struct scan_request request = {.pid = pid};
	struct scan_result result;
	struct err err = {""};

	wait_until_ready();
	request.process = model_of(pid);
	kill(pid, SIGKILL);
	cr_assert_eq(waitid(P_PID, (id_t)pid, &(siginfo_t){0}, WEXITED | WNOWAIT), 0);
	cr_assert_eq(scan_run(&request, &result, &err), 0);
	cr_assert_not(result.scanned);
	cr_assert_neq(result.why_not[0], '\0');
	scan_result_clear(&result);
	cr_assert_eq(waitpid(pid, &status, 0), pid, "its end is left to be told");
	process_free((struct process *)(uintptr_t)request.process);
}
