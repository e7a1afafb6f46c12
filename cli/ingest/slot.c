#include "cli/ingest/slot.h"

#include "common/io.h"
#include "common/tsc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PIPE_BYTES (1 << 20)
#define NAME_BYTES 24

static void mem_name(char *name, uint32_t index)
{
	snprintf(name, NAME_BYTES, "%u" SHM_SLOT_MEM_SUFFIX, index);
}

static void pipe_name(char *name, uint32_t index)
{
	snprintf(name, NAME_BYTES, "%u" SHM_SLOT_PIPE_SUFFIX, index);
}

static int make_mem(const struct slot *slot)
{
	const struct {
		uint64_t magic;
		uint32_t version;
	} head = {SHM_SLOT_MAGIC, SHM_VERSION}; /* the beginning of struct shm_slot; the rest is zero */
	const size_t head_bytes = offsetof(struct shm_slot, pid);
	const struct shm_gate gate = {
		0}; /* takes its memory now: a full /dev/shm is an error here, and not in a program */
	char name[NAME_BYTES];
	int fd, rc = -1;

	mem_name(name, slot->index);
	fd = openat(slot->dir_fd, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	if (ftruncate(fd, (off_t)shm_slot_file_bytes()) == 0 && write(fd, &head, head_bytes) == (ssize_t)head_bytes &&
	    pwrite(fd, &gate, sizeof(gate), (off_t)shm_gate_offset()) == (ssize_t)sizeof(gate))
		rc = 0;
	close(fd);
	return rc;
}

int slot_make(struct slot *slot, int dir_fd, uint32_t index)
{
	char name[NAME_BYTES];

	*slot = (struct slot){.index = index, .dir_fd = dir_fd, .pipe_fd = -1};
	pipe_name(name, index);
	if (make_mem(slot) == 0 && mkfifoat(dir_fd, name, 0600) == 0)
		slot->pipe_fd = openat(dir_fd, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (slot->pipe_fd < 0) {
		int errnum = errno;

		slot_release(slot);
		errno = errnum;
		return -1;
	}
	return 0;
}

void slot_release(struct slot *slot)
{
	char name[NAME_BYTES];

	if (slot->pipe_fd >= 0)
		close(slot->pipe_fd);
	slot->pipe_fd = -1;
	for (size_t i = 0; i < SLOT_WINDOWS; i++) {
		if (slot->windows[i])
			munmap(slot->windows[i], (size_t)SLOT_WINDOW_CHUNKS * WIRE_CHUNK_BYTES);
		slot->windows[i] = NULL;
	}
	if (slot->shm)
		munmap(slot->shm, sizeof(*slot->shm));
	slot->shm = NULL;
	if (slot->gate)
		munmap(slot->gate, sizeof(*slot->gate));
	slot->gate = NULL;
	mem_name(name, slot->index);
	unlinkat(slot->dir_fd, name, 0);
	pipe_name(name, slot->index);
	unlinkat(slot->dir_fd, name, 0);
}

int slot_open_mem(const struct slot *slot)
{
	char name[NAME_BYTES];

	mem_name(name, slot->index);
	return openat(slot->dir_fd, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
}

/* Maps a part of the slot's file; NULL if it is not to be had. */
static void *map_part(const struct slot *slot, uint64_t offset, size_t n_bytes)
{
	int fd = slot_open_mem(slot);
	struct stat st;
	void *p = MAP_FAILED;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0 && (uint64_t)st.st_size >= offset + n_bytes)
		p = mmap(NULL, n_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)offset);
	close(fd);
	return p == MAP_FAILED ? NULL : p;
}

bool slot_map(struct slot *slot)
{
	if (!slot->shm) {
		slot->shm = map_part(slot, 0, sizeof(*slot->shm));
		slot->gate = map_part(slot, shm_gate_offset(), sizeof(*slot->gate));
		if (slot->shm) /* as much as the user's limit on pipes grants */
			(void)(fcntl(slot->pipe_fd, F_SETPIPE_SZ, PIPE_BYTES) < 0 &&
			       fcntl(slot->pipe_fd, F_SETPIPE_SZ, PIPE_BYTES / 4));
	}
	return slot->shm;
}

uint64_t slot_pid_ns(const struct slot *slot)
{
	return slot->shm->pid_ns;
}

uint32_t slot_pid(const struct slot *slot)
{
	return atomic_load_explicit(&slot->shm->pid, memory_order_acquire);
}

uint32_t slot_n_streams(const struct slot *slot)
{
	uint32_t n = atomic_load_explicit(&slot->shm->n_streams, memory_order_acquire);

	return n < SHM_MAX_STREAMS ? n : SHM_MAX_STREAMS;
}

bool slot_polled(const struct slot *slot)
{
	return atomic_load_explicit(&slot->shm->polled, memory_order_acquire);
}

void slot_counters(const struct slot *slot, struct process_counters *counters)
{
	const struct shm_slot *shm = slot->shm;

	counters->shim_bytes = atomic_load_explicit(&shm->shim_bytes, memory_order_relaxed);
	counters->truncated_stacks = atomic_load_explicit(&shm->truncated_stacks, memory_order_relaxed);
	counters->lost_records = atomic_load_explicit(&shm->lost_records, memory_order_relaxed);
	counters->slow_stacks = atomic_load_explicit(&shm->slow_stacks, memory_order_relaxed);
	counters->checked_stacks = atomic_load_explicit(&shm->checked_stacks, memory_order_relaxed);
	counters->bypassed = shm->bypassed;
	counters->differing_stacks = atomic_load_explicit(&shm->differing_stacks, memory_order_relaxed);
	counters->hard_limit_failed = atomic_load_explicit(&shm->hard_limit_failed, memory_order_relaxed);
	counters->refused_allocations = atomic_load_explicit(&shm->refused_allocations, memory_order_relaxed);
}

bool slot_ending(const struct slot *slot, struct capture_ending *how)
{
	const struct shm_slot *shm = slot->shm;
	uint32_t request = atomic_load_explicit(&shm->scan_request, memory_order_acquire);

	if (!request || atomic_load_explicit(&shm->scan_done, memory_order_relaxed) == request)
		return false;
	*how = (struct capture_ending){
		.scan_request = request,
		.scan_tid = atomic_load_explicit(&shm->scan_tid, memory_order_relaxed),
		.boundary_tid = shm->boundary_tid,
		.scan_sp = shm->scan_sp,
		.boundary_sp = shm->boundary_sp,
		.scan_fs_base = shm->scan_fs_base,
	};
	return true;
}

void slot_tls(const struct slot *slot, struct capture_place *place)
{
	place->tls_offset = slot->shm->tls_offset;
	place->tls_bytes = slot->shm->tls_bytes;
	place->malloc_addr = slot->shm->malloc_addr;
	place->bypassed = slot->shm->bypassed;
}

uint32_t slot_scan_request(const struct slot *slot)
{
	return atomic_load(&slot->shm->scan_request);
}

void slot_scan_done(struct slot *slot, uint32_t request)
{
	struct shm_slot *shm = slot->shm;

	if (atomic_load(&shm->scan_done) == request || slot_scan_request(slot) != request)
		return;
	atomic_store(&shm->scan_done, request);
	syscall(SYS_futex, &shm->scan_done, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

bool slot_asked(const struct slot *slot, struct capture_question *question)
{
	const struct shm_slot *shm = slot->shm;
	const struct shm_question *from = &shm->question;
	uint32_t asked = atomic_load_explicit(&from->asked, memory_order_acquire);

	if (!asked || atomic_load_explicit(&from->answered, memory_order_relaxed) == asked >> 8)
		return false;
	*question = (struct capture_question){
		.serial = asked >> 8,
		.what = (enum shm_ask)(asked & 0xff),
		.where =
			{
				.scan_tid = atomic_load_explicit(&from->tid, memory_order_relaxed),
				.scan_sp = from->sp,
				.scan_fs_base = from->fs_base,
				.boundary_tid = shm->boundary_tid,
				.boundary_sp = shm->boundary_sp,
			},
	};
	return true;
}

void slot_answer(struct slot *slot, const struct capture_question *question, const struct shm_answer *answer)
{
	struct shm_question *to = &slot->shm->question;

	to->answer = *answer;
	atomic_store(&to->answered, question->serial);
	syscall(SYS_futex, &to->answered, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

bool slot_want(struct slot *slot, enum shm_state want)
{
	uint32_t state = slot->gate ? atomic_load(&slot->gate->state) : 0;

	while ((state & SHM_STATE_MASK) == SHM_STATE_ON && !(state & (uint32_t)want))
		if (atomic_compare_exchange_weak(&slot->gate->state, &state, state | (uint32_t)want))
			return true;
	return false;
}

bool slot_heap(const struct slot *slot, struct shm_heap *heap)
{
	const struct shm_heap *from = &slot->gate->heap;
	uint32_t serial = slot->gate ? atomic_load(&from->serial) : 0;

	if (serial == 0 || serial & 1)
		return false;
	memcpy(heap, from, sizeof(*heap));
	atomic_thread_fence(memory_order_acquire);
	heap->version[sizeof(heap->version) - 1] = '\0';
	return atomic_load(&from->serial) == serial;
}

int slot_read(const struct slot *slot, const struct drain *drain, void *buf, size_t n_bytes)
{
	return (int)drain_read(drain, slot->pipe_fd, buf, n_bytes);
}

bool slot_has_writer(const struct slot *slot)
{
	struct pollfd p = {.fd = slot->pipe_fd, .events = POLLIN};

	return poll(&p, 1, 0) == 0 || p.revents & POLLIN;
}

static const uint8_t *chunk(struct slot *slot, uint32_t stream)
{
	uint32_t window = stream / SLOT_WINDOW_CHUNKS;

	if (!slot->windows[window])
		slot->windows[window] = map_part(slot, shm_chunk_offset(window * SLOT_WINDOW_CHUNKS),
						 (size_t)SLOT_WINDOW_CHUNKS * WIRE_CHUNK_BYTES);
	if (!slot->windows[window])
		return NULL;
	return slot->windows[window] + (size_t)(stream % SLOT_WINDOW_CHUNKS) * WIRE_CHUNK_BYTES;
}

static void place_stream(struct slot *slot, struct intake *intake, uint32_t stream, uint64_t *scratch)
{
	struct frames *frames = intake_frames(intake);
	struct shm_stream *shm = &slot->shm->streams[stream];
	uint32_t done = frames_done(frames, stream);
	uint64_t published = atomic_load_explicit(&shm->published, memory_order_acquire);
	uint32_t seq = (uint32_t)(published >> 32), end = (uint32_t)published;
	const uint8_t *from;

	if (seq != frames_seq(frames, stream) || end <= done || end > WIRE_PAYLOAD_MAX || end % 8)
		return;
	from = chunk(slot, stream);
	if (!from)
		return;
	memcpy(scratch, from + sizeof(struct wire_frame), end);
	atomic_thread_fence(memory_order_acquire);
	if ((uint32_t)(atomic_load_explicit(&shm->published, memory_order_relaxed) >> 32) != seq)
		return; /* it has gone over the pipe meanwhile, and the chunk may hold other records */
	/* What these records depend on in other streams was there before them. */
	intake_streams(intake, slot_n_streams(slot));
	frames_place(frames, stream, scratch, end / 8);
}

void slot_place(struct slot *slot, struct intake *intake, uint64_t *scratch)
{
	uint32_t n = slot_n_streams(slot);

	for (uint32_t i = 0; i < n; i++)
		place_stream(slot, intake, i, scratch);
}

void slot_drained(struct slot *slot, struct intake *intake)
{
	struct frames *frames = intake_frames(intake);
	uint32_t n = slot_n_streams(slot);

	for (uint32_t i = 0; i < n; i++) {
		struct shm_stream *shm = &slot->shm->streams[i];
		uint32_t want = atomic_load_explicit(&shm->want_drain, memory_order_acquire);
		uint32_t end = (uint32_t)atomic_load_explicit(&shm->published, memory_order_acquire);

		if (want == 0 || atomic_load_explicit(&shm->drained, memory_order_relaxed) == want)
			continue;
		if (frames_seq(frames, i) == want - 1 && frames_done(frames, i) == end)
			frames_next(frames, i);
		if (frames_seq(frames, i) < want)
			continue;
		atomic_store_explicit(&shm->drained, want, memory_order_release);
		syscall(SYS_futex, &shm->drained, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
	}
}

uint64_t slot_watermark(const struct slot *slot, uint64_t *targets, uint32_t *n_targets)
{
	uint64_t mark = tsc_ordered();
	uint32_t n = slot_n_streams(slot);

	for (uint32_t i = 0; i < n; i++) {
		const struct shm_stream *shm = &slot->shm->streams[i];
		uint64_t inflight = atomic_load_explicit(&shm->inflight, memory_order_acquire);

		if (inflight > slot->disregard && inflight < mark)
			mark = inflight;
		targets[i] = atomic_load_explicit(&shm->published, memory_order_acquire);
	}
	*n_targets = n;
	return mark;
}

void slot_disregard(struct slot *slot)
{
	slot->disregard = tsc_ordered();
}

bool slot_reached(struct intake *intake, const uint64_t *targets, uint32_t n_targets, bool give_up)
{
	struct frames *frames = intake_frames(intake);
	bool all = true;

	for (uint32_t i = 0; i < n_targets; i++) {
		uint32_t seq = (uint32_t)(targets[i] >> 32), mine = frames_seq(frames, i);

		if (mine > seq || (mine == seq && frames_done(frames, i) >= (uint32_t)targets[i]))
			continue;
		all = false;
		if (!give_up)
			return false;
		if (mine < seq)
			frames_skip(frames, i, seq);
	}
	return all;
}
