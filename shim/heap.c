/* Writable process-wide: the functions found, once at the start; the gate's part, by whoever has made `serial` odd. */
#include "shim/heap.h"

#include "shim/boot.h"
#include "shim/libc_glibc.h"
#include "shim/next.h"
#include "shim/process.h"
#include "shim/real.h"
#include "shim/writer.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define PATIENCE_MIN  UINT64_C(50000000) /* ns; at most a twenty-fifth of the process's time, between these */
#define PATIENCE_MAX  UINT64_C(500000000)
#define STARVED       4 /* times as long, when the child has not had that much of a processor yet */
#define LOOK_MS       2
#define YOUNG_NS      UINT64_C(100000000)
#define WALK_NS       UINT64_C(150) /* for each free block */
#define WALK_SHARE    100               /* of the process's time: what the walks at its end may take … */
#define WALK_LEAST_NS UINT64_C(5000000) /* … and this */
#define ALARM_SECONDS 2      /* for a child whose parent was killed */
#define ALL_ARENAS    "4096" /* jemalloc's MALLCTL_ARENAS_ALL */

/* What libc has, and what may be there of each other allocator; the kind is that of malloc's own object. */
#define LIBC_FUNCTIONS(X)                                                                                              \
	X(struct mallinfo2, mallinfo2, "mallinfo2", (void))                                                            \
	X(int, malloc_info, "malloc_info", (int, FILE *))                                                              \
	X(FILE *, open_memstream, "open_memstream", (char **, size_t *))                                               \
	X(int, close_stream, "fclose", (FILE *))                                                                       \
	X(const char *, libc_version, "gnu_get_libc_version", (void))
#define FOREIGN_FUNCTIONS(X)                                                                                           \
	X(int, mallctl, "mallctl", (const char *, void *, size_t *, void *, size_t))                                   \
	X(int, property, "MallocExtension_GetNumericProperty", (const char *, size_t *))                               \
	X(const char *, tc_version, "tc_version", (int *, int *, const char **))                                       \
	X(void, mi_process_info, "mi_process_info",                                                                    \
	  (size_t *, size_t *, size_t *, size_t *, size_t *, size_t *, size_t *, size_t *))                            \
	X(int, mi_version, "mi_version", (void))

static struct {
#define HEAP_MEMBER(ret, name, symbol, params) ret(*name) params;
	LIBC_FUNCTIONS(HEAP_MEMBER)
	FOREIGN_FUNCTIONS(HEAP_MEMBER)
#undef HEAP_MEMBER
} heap;
static enum shm_allocator allocator;

/* ---- what there is to ask */

/* Not another library's, which has the allocator only linked to itself. */
static bool is_allocators(const void *function)
{
	return function && mw_real_is_allocators((uint64_t)(uintptr_t)function);
}

static enum shm_allocator find_kind(void)
{
	if (is_allocators((const void *)heap.mallctl))
		return SHM_ALLOCATOR_JEMALLOC;
	if (is_allocators((const void *)heap.property))
		return SHM_ALLOCATOR_TCMALLOC;
	return is_allocators((const void *)heap.mi_process_info) ? SHM_ALLOCATOR_MIMALLOC : SHM_ALLOCATOR_UNKNOWN;
}

#define NEXT_SYMBOL(ret, name, symbol, params) {symbol, (void **)(void *)&heap.name},

void mw_heap_init(void)
{
	static const struct next_symbol libc[] = {LIBC_FUNCTIONS(NEXT_SYMBOL)};
	static const struct next_symbol foreign[] = {FOREIGN_FUNCTIONS(NEXT_SYMBOL)};

	allocator = SHM_ALLOCATOR_GLIBC;
	mw_next_find(libc, MW_ARRAY_LEN(libc));
	if (!mw_real_foreign())
		return;
	mw_next_find(foreign, MW_ARRAY_LEN(foreign));
	allocator = find_kind();
}

/* ---- in the child: it may allocate, and crash */

static void put(struct shm_heap *to, unsigned index, uint64_t value)
{
	to->values[index] = value;
	to->known |= 1u << index;
}

static void put_version(struct shm_heap *to, const char *version)
{
	size_t n = version ? strnlen(version, sizeof(to->version) - 1) : 0;
	const char *dash = version ? memchr(version, '-', n) : NULL; /* then comes what it was built of */

	if (dash)
		n = (size_t)(dash - version);
	memcpy(to->version, version, n);
	to->version[n] = '\0';
}

static uint64_t number_at(const char *text)
{
	uint64_t value = 0;

	while (*text >= '0' && *text <= '9')
		value = value * 10 + (uint64_t)(*text++ - '0');
	return value;
}

/* malloc_info's XML: an element for each arena, and totals behind the last. */
static void put_arenas(struct shm_heap *to, const char *xml)
{
	static const char heap_begin[] = "<heap nr=", most_begin[] = "<system type=\"max\" size=\"";
	const char *at, *last = xml;
	uint64_t n = 0;

	for (at = xml; (at = strstr(at, heap_begin)); at++)
		n++;
	for (at = xml; (at = strstr(at, most_begin)); at++)
		last = at;
	put(to, SHM_GLIBC_N_ARENAS, n);
	if (last != xml)
		put(to, SHM_GLIBC_SYSTEM_MAX, number_at(last + sizeof(most_begin) - 1));
}

static struct real libc_real;

static void *malloc_apart(size_t size)
{
	void *p = mw_boot_alloc(size, 16);

	return p ? p : libc_real.malloc(size);
}

static void *calloc_apart(size_t n, size_t size)
{
	void *p = n < UINT32_MAX && size < UINT32_MAX ? mw_boot_alloc(n * size, 16) : NULL; /* all zeros */

	return p ? p : libc_real.calloc(n, size);
}

/* What a stream needs is not taken from libc's heap, which would merge its free blocks on that occasion: pages copied
 * one by one. */
static void leave_heap_alone(void)
{
	libc_real = mw_real;
	mw_real.malloc = malloc_apart;
	mw_real.calloc = calloc_apart;
}

static void read_arenas(struct shm_heap *to)
{
	char *xml = NULL;
	size_t n = 0;
	FILE *file;

	if (!heap.open_memstream || !heap.close_stream || !heap.malloc_info)
		return;
	file = heap.open_memstream(&xml, &n);
	if (file && heap.malloc_info(0, file) == 0 && heap.close_stream(file) == 0 && xml)
		put_arenas(to, xml);
}

/* malloc_info walks as mallinfo2 does, for two figures more: only if both together take no longer than is worth it. */
static void read_glibc(struct shm_heap *to, uint64_t worth_ns)
{
	struct mallinfo2 info;

	leave_heap_alone();
	if (heap.libc_version)
		put_version(to, heap.libc_version());
	if (!heap.mallinfo2)
		return;
	info = heap.mallinfo2();
	put(to, SHM_GLIBC_ARENA, info.arena);
	put(to, SHM_GLIBC_HBLKHD, info.hblkhd);
	put(to, SHM_GLIBC_UORDBLKS, info.uordblks);
	put(to, SHM_GLIBC_FORDBLKS, info.fordblks);
	put(to, SHM_GLIBC_FSMBLKS, info.fsmblks);
	put(to, SHM_GLIBC_KEEPCOST, info.keepcost);
	if (sys_clock_ns(CLOCK_PROCESS_CPUTIME_ID) <= worth_ns / 2)
		read_arenas(to);
}

static void put_ctl(struct shm_heap *to, unsigned index, const char *name)
{
	uint64_t value = 0;
	size_t n = sizeof(value);

	/* an unsigned or a size_t, as it happens to be */
	if (heap.mallctl(name, &value, &n, NULL, 0) == 0) {
		put(to, index, value);
		return;
	}
	n = sizeof(unsigned);
	if (heap.mallctl(name, &value, &n, NULL, 0) == 0)
		put(to, index, value);
}

static void read_jemalloc(struct shm_heap *to)
{
	static const struct {
		enum shm_jemalloc index;
		const char *name;
	} names[] = {
		{SHM_JEMALLOC_ALLOCATED, "stats.allocated"},
		{SHM_JEMALLOC_ACTIVE, "stats.active"},
		{SHM_JEMALLOC_METADATA, "stats.metadata"},
		{SHM_JEMALLOC_RESIDENT, "stats.resident"},
		{SHM_JEMALLOC_MAPPED, "stats.mapped"},
		{SHM_JEMALLOC_RETAINED, "stats.retained"},
		{SHM_JEMALLOC_TCACHE, "stats.arenas." ALL_ARENAS ".tcache_bytes"},
		{SHM_JEMALLOC_DIRTY_NPURGE, "stats.arenas." ALL_ARENAS ".dirty_npurge"},
		{SHM_JEMALLOC_MUZZY_NPURGE, "stats.arenas." ALL_ARENAS ".muzzy_npurge"},
		{SHM_JEMALLOC_N_ARENAS, "arenas.narenas"},
	};
	const char *version = NULL;
	uint64_t epoch = 1;
	size_t n = sizeof(version);

	if (heap.mallctl("version", &version, &n, NULL, 0) == 0)
		put_version(to, version);
	heap.mallctl("epoch", NULL, NULL, &epoch, sizeof(epoch)); /* or they are those of the last time */
	for (size_t i = 0; i < MW_ARRAY_LEN(names); i++)
		put_ctl(to, names[i].index, names[i].name);
}

static void read_tcmalloc(struct shm_heap *to)
{
	static const struct {
		enum shm_tcmalloc index;
		const char *name;
	} names[] = {
		{SHM_TCMALLOC_ALLOCATED, "generic.current_allocated_bytes"},
		{SHM_TCMALLOC_HEAP_SIZE, "generic.heap_size"},
		{SHM_TCMALLOC_PAGEHEAP_FREE, "tcmalloc.pageheap_free_bytes"},
		{SHM_TCMALLOC_PAGEHEAP_UNMAPPED, "tcmalloc.pageheap_unmapped_bytes"},
		{SHM_TCMALLOC_THREAD_CACHES, "tcmalloc.current_total_thread_cache_bytes"},
	};

	if (heap.tc_version)
		put_version(to, heap.tc_version(NULL, NULL, NULL));
	for (size_t i = 0; i < MW_ARRAY_LEN(names); i++) {
		size_t value = 0;

		if (heap.property(names[i].name, &value))
			put(to, names[i].index, value);
	}
}

static void read_mimalloc(struct shm_heap *to)
{
	size_t elapsed, user, system, rss, peak_rss, commit = 0, peak_commit = 0, faults;
	int version = heap.mi_version ? heap.mi_version() : 0;
	char text[] = "0.0.0";

	if (version > 0 && version < 1000) {
		text[0] = (char)('0' + version / 100);
		text[2] = (char)('0' + version / 10 % 10);
		text[4] = (char)('0' + version % 10);
		put_version(to, text);
	}
	heap.mi_process_info(&elapsed, &user, &system, &rss, &peak_rss, &commit, &peak_commit, &faults);
	put(to, SHM_MIMALLOC_COMMIT, commit);
	put(to, SHM_MIMALLOC_PEAK_COMMIT, peak_commit);
}

struct kernel_sigaction {
	void (*handler)(int);
	unsigned long flags;
	void (*restorer)(void);
	sys_sigset mask;
};

/* Nothing that happens here may be seen: no message, no core file, no handler of the program's; and it ends, even if
 * the program is killed meanwhile. */
static void be_unseen(void)
{
	const struct kernel_sigaction standard = {0};
	sys_sigset clock = UINT64_C(1) << (SIGALRM - 1);

	SYS2(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL);
	SYS2(SYS_prctl, PR_SET_DUMPABLE, 0);
	SYS4(SYS_rt_sigaction, SIGABRT, &standard, 0, sizeof(sys_sigset));
	SYS4(SYS_rt_sigaction, SIGALRM, &standard, 0, sizeof(sys_sigset));
	SYS4(SYS_rt_sigprocmask, SIG_UNBLOCK, &clock, 0, sizeof(clock));
	SYS1(SYS_alarm, ALARM_SECONDS);
	if (SYS3(SYS_close_range, 0, ~0u, 0) < 0) {
		for (int fd = 0; fd < 3; fd++)
			sys_close(fd);
	}
}

static void child(uint64_t worth_ns)
{
	struct shm_heap *to = &mw_gate.heap;

	mw_tls.level += WRITER_MUTED;
	be_unseen();
	switch (allocator) {
	case SHM_ALLOCATOR_GLIBC:
		read_glibc(to, worth_ns);
		break;
	case SHM_ALLOCATOR_JEMALLOC:
		read_jemalloc(to);
		break;
	case SHM_ALLOCATOR_TCMALLOC:
		read_tcmalloc(to);
		break;
	case SHM_ALLOCATOR_MIMALLOC:
		read_mimalloc(to);
		break;
	case SHM_ALLOCATOR_UNKNOWN:
		break;
	}
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
	return at && number_at(at + sizeof(word) - 1) == mw_proc->n_filters;
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

static void take(struct shm_heap *to, uint64_t worth_ns)
{
	uint64_t begin_ns = sys_clock_ns(CLOCK_MONOTONIC);
	long pid;

	to->allocator = allocator;
	to->known = 0;
	to->version[0] = '\0';
	to->monotonic_ns = begin_ns;
	atomic_store(&to->child_done, 0);
	if (allocator == SHM_ALLOCATOR_UNKNOWN || !worth_ns || !may_clone())
		return;
	pid = SYS5(SYS_clone, CLONE_UNTRACED, 0, 0, 0, 0);
	if (pid == 0)
		child(worth_ns);
	if (pid > 0)
		await_child((int)pid);
	to->held_ns = sys_clock_ns(CLOCK_MONOTONIC) - begin_ns;
}

/* `worth_ns`: what the answer may take of processor time, 0 for none. */
static void read_heap(uint64_t worth_ns)
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
	take(to, worth_ns);
	atomic_store(&to->serial, serial + 2);
	sys_futex_wake(&to->serial);
	sys_restore_signals(signals);
}

void mw_heap_read(void)
{
	read_heap(patience_ns(sys_clock_ns(CLOCK_MONOTONIC)));
}

void mw_heap_read_last(void)
{
	bool first = (uint32_t)SYS0(SYS_getppid) == mw_proc->reporter_pid;

	if (!(mw_proc->flags & SHM_FLAG_LAST_HEAP))
		return;
	if (first || sys_clock_ns(CLOCK_MONOTONIC) - mw_proc->start_ns >= YOUNG_NS)
		read_heap(worth_at_end_ns());
}
