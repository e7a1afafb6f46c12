#include "cli/scan/unstopped.h"

#include "cli/base/xalloc.h"
#include "cli/scan/tasks.h"

#include <inttypes.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_BYTES  ((size_t)256 << 10)
#define RECORD_ALIGN 64u    /* of struct pthread */
#define NUMBER_FROM  0x280u /* where in it the thread's number is looked for: 0x2d0 since glibc 2.10 */
#define NUMBER_END   0x400u
#define RECORD_BYTES NUMBER_END

/* ---- what the kernel tells of a thread */

/* Nanoseconds on a CPU, 0 if not known; those of the time that it runs without a break may not be in it yet. */
static uint64_t cpu_ns(int pid, int tid)
{
	FILE *file = tasks_open(pid, tid, "schedstat");
	uint64_t ns = 0;

	if (!file)
		return 0;
	if (fscanf(file, "%" SCNu64, &ns) != 1)
		ns = 0;
	fclose(file);
	return ns;
}

/*
 * proc(5): "running"; or the number of the system call, its six arguments, the stack pointer and the program counter;
 * or −1 and these two.
 */
void unstopped_look_at(int pid, struct stop_thread *thread)
{
	FILE *file = tasks_open(pid, thread->tid, "syscall");
	uint64_t args[6], sp, pc;
	char line[512] = "";
	long number;

	if (!file)
		return;
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	fclose(file);
	thread->running = strncmp(line, "running", 7) == 0;
	if (sscanf(line, "-1 %" SCNx64 " %" SCNx64, &sp, &pc) == 2) {
		thread->sp = sp;
	} else if (sscanf(line,
			  "%ld %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64
			  " %" SCNx64,
			  &number, &args[0], &args[1], &args[2], &args[3], &args[4], &args[5], &sp, &pc) == 9) {
		thread->sp = sp;
		thread->regs = (struct user_regs_struct){.rdi = args[0],
							 .rsi = args[1],
							 .rdx = args[2],
							 .r10 = args[3],
							 .r8 = args[4],
							 .r9 = args[5],
							 .rsp = sp,
							 .rip = pc};
		thread->has_args = true;
	}
}

static void add_thread(void *ctx, int tid)
{
	struct stop *stop = ctx;
	struct stop_thread *thread;

	if (tasks_has_ended(stop->pid, tid))
		return;
	stop->threads = xgrow(stop->threads, &stop->cap_threads, stop->n_threads + 1, sizeof(*stop->threads));
	thread = &stop->threads[stop->n_threads++];
	*thread = (struct stop_thread){.tid = tid, .cpu_ns = cpu_ns(stop->pid, tid)};
	unstopped_look_at(stop->pid, thread);
}

void unstopped_begin(struct stop *stop, int pid)
{
	*stop = (struct stop){.pid = pid, .unstoppable = true};
	sem_init(&stop->ready, 0, 0);
	sem_init(&stop->release, 0, 0);
	tasks_each(pid, add_thread, stop);
}

struct running {
	const struct stop *stop;
	int except;
	size_t n;
};

static void count_running(void *ctx, int tid)
{
	struct running *running = ctx;
	const struct stop *stop = running->stop;
	struct stop_thread now = {.tid = tid};

	if (tid == running->except || tasks_has_ended(stop->pid, tid))
		return;
	for (size_t i = 0; i < stop->n_threads; i++) {
		const struct stop_thread *thread = &stop->threads[i];

		if (thread->tid != tid)
			continue;
		unstopped_look_at(stop->pid, &now);
		running->n += thread->running || now.running || now.sp != thread->sp ||
			      cpu_ns(stop->pid, tid) != thread->cpu_ns;
		return;
	}
	running->n++;
}

size_t unstopped_ran(const struct stop *stop, int except)
{
	struct running running = {stop, except, 0};

	tasks_each(stop->pid, count_running, &running);
	return running.n;
}

/* ---- where its record is */

static size_t n_unknown(const struct stop *stop)
{
	size_t n = 0;

	for (size_t i = 0; i < stop->n_threads; i++)
		n += !stop->threads[i].stopped && !stop->threads[i].gone && !stop->threads[i].fs_base;
	return n;
}

/* Whose record it is, whose first bytes these are: NULL = none's that is looked for. */
static struct stop_thread *owner_of(struct stop *stop, const char *record)
{
	for (size_t at = NUMBER_FROM; at < NUMBER_END; at += sizeof(int)) {
		int number;

		memcpy(&number, record + at, sizeof(number));
		for (size_t i = 0; i < stop->n_threads; i++) {
			struct stop_thread *thread = &stop->threads[i];

			if (thread->tid == number && !thread->stopped && !thread->gone && !thread->fs_base)
				return thread;
		}
	}
	return NULL;
}

static void look_at(struct stop *stop, const struct scan_memory *memory, uint64_t addr)
{
	char record[RECORD_BYTES];
	struct stop_thread *thread;

	if (memory_read_at(memory, addr, record, sizeof(record)))
		return;
	thread = owner_of(stop, record);
	if (thread)
		thread->fs_base = addr;
}

static void look_through(struct stop *stop, const struct map *map, const struct scan_memory *memory, uint64_t *buf)
{
	uint64_t addr = map->start;

	while (addr < map->end) {
		uint64_t from = memory_touched(memory, addr, map->end) & ~(uint64_t)(RECORD_ALIGN - 1);
		size_t n_bytes = map->end - from < CHUNK_BYTES ? map->end - from : CHUNK_BYTES;

		if (n_bytes == 0)
			break;
		memory_read_at(memory, from, buf, n_bytes);
		for (size_t i = 0; i < n_bytes / 8; i += RECORD_ALIGN / 8)
			if (buf[i] == from + i * 8 && buf[i + 2] == buf[i])
				look_at(stop, memory, buf[i]);
		addr = from + n_bytes;
	}
}

void unstopped_find_records(struct stop *stop, const struct maps *maps, const struct scan_memory *memory)
{
	uint64_t *buf = NULL;

	/* from the top: stacks are mapped there, and the heap is below */
	for (size_t i = maps->n; i-- > 0 && n_unknown(stop);) {
		const struct map *map = &maps->items[i];

		if (!map->readable || !map->writable || map->shared || map->inode)
			continue;
		buf = buf ? buf : xmalloc(CHUNK_BYTES);
		look_through(stop, map, memory, buf);
	}
	free(buf);
}
