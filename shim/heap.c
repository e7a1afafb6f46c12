/* Writable process-wide: the gate's part, by whoever has made `serial` odd. */
#include "shim/heap.h"

#include "shim/allocators.h"
#include "shim/libc_glibc.h"
#include "shim/process.h"
#include "shim/real.h"
#include "shim/stamp.h"
#include "shim/writer.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>

#define PATIENCE_MIN      UINT64_C(50000000) /* ns; at most a twenty-fifth of the process's time, between these */
#define PATIENCE_MAX      UINT64_C(500000000)
#define STARVED           4 /* times as long, when the child has not had that much of a processor yet */
#define LOOK_MS           2
#define YOUNG_NS          UINT64_C(100000000)
#define WALK_NS           UINT64_C(150)     /* for each free block */
#define WALK_SHARE        100               /* of the process's time: what the walks at its end may take … */
#define WALK_LEAST_NS     UINT64_C(5000000) /* … and this */
#define ALARM_SECONDS     2                 /* for a child whose parent was killed */
#define GUEST_STACK_BYTES 16384
#define SA_RESTORER       0x04000000 /* of the kernel, which wants to know where a handler returns to */

/* ---- in the child: it may allocate, and crash */

struct kernel_sigaction {
	void (*handler)(int);
	unsigned long flags;
	void (*restorer)(void);
	sys_sigset mask;
};

static void leave(int sig MW_UNUSED)
{
	SYS1(SYS_exit_group, 0);
}

static void act_on(int sig, const struct kernel_sigaction *action)
{
	sys_sigset set = UINT64_C(1) << (sig - 1);

	SYS4(SYS_rt_sigaction, sig, action, 0, sizeof(set));
	SYS4(SYS_rt_sigprocmask, SIG_UNBLOCK, &set, 0, sizeof(set));
}

static struct itimerval once_in(uint64_t ns)
{
	return (struct itimerval){.it_value = {.tv_sec = (time_t)(ns / UINT64_C(1000000000)),
					       .tv_usec = (suseconds_t)(ns % UINT64_C(1000000000) / 1000)}};
}

/* The program's memory is not to become a core file, nor to be given other rights; and nobody looks after who waits for
 * the child to leave that memory. */
static void be_a_guest(uint64_t patience_ns)
{
	static const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS};
	static _Alignas(64) unsigned char stack[GUEST_STACK_BYTES]; /* that the program's is used up is a fault, too */
	const stack_t own_stack = {.ss_sp = stack, .ss_size = sizeof(stack)};
	const struct kernel_sigaction quiet = {leave, SA_RESTORER | SA_ONSTACK, (void (*)(void))leave, 0};
	uint64_t waits_ns = STARVED * patience_ns < PATIENCE_MAX ? STARVED * patience_ns : PATIENCE_MAX;
	const struct itimerval worked = once_in(patience_ns), waited = once_in(waits_ns);

	SYS2(SYS_sigaltstack, &own_stack, 0);
	for (size_t i = 0; i < MW_ARRAY_LEN(faults); i++)
		act_on(faults[i], &quiet);
	act_on(SIGPROF, &(struct kernel_sigaction){0});
	SYS3(SYS_setitimer, ITIMER_PROF, &worked, 0);
	SYS3(SYS_setitimer, ITIMER_REAL, &waited, 0);
}

/* Nothing that happens here may be seen: no message, no core file, no handler of the program's; and it ends, even if
 * the program is killed meanwhile. `guest_ns`: how long it may be in the program's own memory, 0: that is a copy. */
static void be_unseen(uint64_t guest_ns)
{
	const struct kernel_sigaction standard = {0};

	SYS2(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL);
	act_on(SIGALRM, &standard);
	if (guest_ns) {
		be_a_guest(guest_ns);
	} else {
		SYS2(SYS_prctl, PR_SET_DUMPABLE, 0);
		act_on(SIGABRT, &standard);
		SYS1(SYS_alarm, ALARM_SECONDS);
	}
	if (SYS3(SYS_close_range, 0, ~0u, 0) < 0) {
		for (int fd = 0; fd < 3; fd++)
			sys_close(fd);
	}
}

static void child(uint64_t worth_ns, uint64_t guest_ns)
{
	struct shm_heap *to = &mw_gate.heap;

	mw_tls.level += WRITER_MUTED;
	be_unseen(guest_ns);
	mw_allocators_answer(to, worth_ns);
	atomic_store(&to->child_done, 1);
	sys_futex_wake(&to->child_done);
	for (;;)
		SYS1(SYS_exit_group, 0);
}

/* ---- in the program */

/* A filter that came after memwatch's own may kill whoever makes a process. */
static bool may_clone(void)
{
	static const char word[] = "Seccomp_filters:\t";
	char text[4096];
	const char *at;
	long n;
	int fd;

	if (SYS1(SYS_prctl, PR_GET_SECCOMP) == SECCOMP_MODE_DISABLED)
		return true;
	fd = sys_open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	n = fd >= 0 ? sys_read(fd, text, sizeof(text) - 1) : 0;
	sys_close(fd);
	text[n > 0 ? n : 0] = '\0';
	at = strstr(text, word);
	return at && mw_number_at(at + sizeof(word) - 1) == mw_proc->n_filters;
}

/* A heap of a million free blocks takes the allocator seconds to count: that is more than the figures are worth. */
static uint64_t patience_ns(uint64_t now_ns)
{
	uint64_t ns = (now_ns - mw_proc->start_ns) / 25;

	return ns < PATIENCE_MIN ? PATIENCE_MIN : ns < PATIENCE_MAX ? ns : PATIENCE_MAX;
}

/* The clock of another process's processor time, as of clock_getcpuclockid(3). */
static clockid_t cpu_clock(int pid)
{
	return (clockid_t)(~(unsigned)pid << 3 | 2u);
}

/* A busy machine lets it wait, but may not make the figures come and go. It may also wait for a lock, and never come.
 */
static bool had_its_time(int pid, uint64_t begin_ns, uint64_t patience)
{
	uint64_t waited_ns = sys_clock_ns(CLOCK_MONOTONIC) - begin_ns;

	if (waited_ns < patience)
		return false;
	return waited_ns >= STARVED * patience || waited_ns >= PATIENCE_MAX || sys_clock_ns(cpu_clock(pid)) >= patience;
}

static void await_child(int pid)
{
	uint64_t begin_ns = sys_clock_ns(CLOCK_MONOTONIC), patience = patience_ns(begin_ns);
	const _Atomic uint32_t *done = &mw_gate.heap.child_done;

	while (!atomic_load(done)) {
		sys_futex_wait(done, 0, LOOK_MS);
		if (atomic_load(done))
			break;
		if (SYS4(SYS_wait4, pid, 0, __WCLONE | WNOHANG, 0) == pid)
			return; /* it crashed */
		if (had_its_time(pid, begin_ns, patience))
			break;
	}
	SYS2(SYS_kill, pid, SIGKILL);
	while (SYS4(SYS_wait4, pid, 0, __WCLONE, 0) == -EINTR)
		;
}

/* mallinfo2 misses the cache at each free block. At the end of a program that has left many, it may take longer than is
 * worth while. 0: so it is. */
static uint64_t worth_at_end_ns(void)
{
	uint64_t age_ns = sys_clock_ns(CLOCK_MONOTONIC) - mw_proc->start_ns;
	uint64_t worth_ns = age_ns / WALK_SHARE + WALK_LEAST_NS;

	return atomic_load(&mw_gate.gaps) * WALK_NS <= worth_ns ? worth_ns : 0;
}

/* A function of its own, from which the child does not return: its frames lie below, where the parent has nothing. */
static MW_NOINLINE long start_guest(uint64_t worth_ns, uint64_t guest_ns)
{
	long pid = SYS5(SYS_clone, CLONE_VM | CLONE_VFORK | CLONE_UNTRACED, 0, 0, 0, 0);

	if (pid == 0)
		child(worth_ns, guest_ns);
	return pid;
}

/*
 * The child need not have a copy of the memory: for a large process that takes longer than the answer. As in vfork the
 * thread waits until the child is gone, and takes back what that has changed. For the only thread, at the end: libc's
 * locks are not taken then, and one that a child left locked in a broken heap would be asked for by nobody.
 */
static void take_as_guest(uint64_t worth_ns, uint64_t now_ns)
{
	const struct real real = mw_real;
	const uint32_t level = mw_tls.level;
	const int err = errno;
	long pid = start_guest(worth_ns, patience_ns(now_ns));

	mw_real = real;
	mw_tls.level = level;
	errno = err;
	while (pid > 0 && SYS4(SYS_wait4, pid, 0, __WCLONE, 0) == -EINTR)
		;
}

static bool may_have_guest(void)
{
	return mw_allocator == SHM_ALLOCATOR_GLIBC && *libc_single_thread_flag() && !mw_several_streams();
}

/* `last`: the process ends. */
static void take(struct shm_heap *to, uint64_t worth_ns, bool last)
{
	uint64_t begin_ns = sys_clock_ns(CLOCK_MONOTONIC);
	long pid;

	to->allocator = mw_allocator;
	to->known = 0;
	to->version[0] = '\0';
	to->monotonic_ns = begin_ns;
	atomic_store(&to->child_done, 0);
	if (mw_allocator == SHM_ALLOCATOR_UNKNOWN || !worth_ns || !may_clone())
		return;
	if (last && may_have_guest()) {
		take_as_guest(worth_ns, begin_ns);
	} else {
		pid = SYS5(SYS_clone, CLONE_UNTRACED, 0, 0, 0, 0);
		if (pid == 0)
			child(worth_ns, 0);
		if (pid > 0)
			await_child((int)pid);
	}
	to->held_ns = sys_clock_ns(CLOCK_MONOTONIC) - begin_ns;
}

/* `worth_ns`: what the answer may take of processor time, 0 for none. */
static void read_heap(uint64_t worth_ns, bool last)
{
	struct shm_heap *to = &mw_gate.heap;
	sys_sigset signals;
	uint32_t serial;

	/* a child that was forked past every handler has its parent's gate yet; one of vfork has its parent's memory */
	if (!atomic_load(&mw_proc->attached) || sys_getpid() != mw_proc->pid)
		return;
	serial = atomic_load(&to->serial);
	if (serial & 1 || !atomic_compare_exchange_strong(&to->serial, &serial, serial + 1))
		return; /* another thread is at it */
	atomic_fetch_and(&mw_state, ~(uint32_t)SHM_WANT_HEAP);
	signals = sys_block_signals();
	take(to, worth_ns, last);
	atomic_store(&to->serial, serial + 2);
	sys_futex_wake(&to->serial);
	sys_restore_signals(signals);
}

void mw_heap_read(void)
{
	read_heap(patience_ns(sys_clock_ns(CLOCK_MONOTONIC)), false);
}

void mw_heap_read_last(void)
{
	bool first = (uint32_t)SYS0(SYS_getppid) == mw_proc->reporter_pid;

	if (!(mw_proc->flags & SHM_FLAG_LAST_HEAP))
		return;
	if (first || sys_clock_ns(CLOCK_MONOTONIC) - mw_proc->start_ns >= YOUNG_NS)
		read_heap(worth_at_end_ns(), true);
}
