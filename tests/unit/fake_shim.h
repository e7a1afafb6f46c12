/* Plays the shim's part of common/shm.h in a test's child process. */
#ifndef TESTS_UNIT_FAKE_SHIM_H
#define TESTS_UNIT_FAKE_SHIM_H

#include "common/shm.h"
#include "common/tsc.h"
#include "tests/unit/stream_builder.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

struct fake_shim {
	const char *folder;
	struct shm_session *session;
	struct shm_slot *slot;
	uint8_t *chunks;
	uint32_t index;
	int pipe_fd; /* -1: polled */
};

static inline void fake_require(bool ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	_exit(99);
}

static inline void *fake_map(const char *folder, const char *name, size_t n_bytes)
{
	char path[SHM_PATH_MAX * 2 + 64];
	void *p;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	fake_require(fd >= 0, path);
	p = mmap(NULL, n_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	fake_require(p != MAP_FAILED, "mmap");
	close(fd);
	return p;
}

/* Takes a slot, and the pipe unless it is to be polled. Says no hello. */
static inline void fake_take(struct fake_shim *shim, const char *folder, bool polled)
{
	char name[SHM_PATH_MAX * 2 + 32];
	uint32_t ready;

	shim->folder = folder;
	shim->session = fake_map(folder, SHM_SESSION_FILE, sizeof(*shim->session));
	fake_require(shim->session->magic == SHM_SESSION_MAGIC, "session");
	shim->index = atomic_fetch_add(&shim->session->next_slot, 1);
	while ((ready = atomic_load(&shim->session->slots_ready)) <= shim->index)
		syscall(SYS_futex, &shim->session->slots_ready, FUTEX_WAIT, ready, NULL, NULL, 0);
	snprintf(name, sizeof(name), "%u" SHM_SLOT_MEM_SUFFIX, shim->index);
	shim->slot = fake_map(folder, name, shm_chunk_offset(128));
	fake_require(shim->slot->magic == SHM_SLOT_MAGIC, "slot");
	shim->chunks = (uint8_t *)shim->slot + shm_chunk_offset(0);
	snprintf(name, sizeof(name), "%s/%u" SHM_SLOT_PIPE_SUFFIX, folder, shim->index);
	shim->pipe_fd = polled ? -1 : open(name, O_WRONLY | O_CLOEXEC);
	fake_require(polled || shim->pipe_fd >= 0, name);
	atomic_store(&shim->slot->polled, polled);
	atomic_store(&shim->slot->n_streams, 1);
	atomic_store(&shim->slot->pid, (uint32_t)getpid());
}

static inline struct shm_stream *fake_stream(struct fake_shim *shim, uint32_t stream)
{
	if (stream >= atomic_load(&shim->slot->n_streams))
		atomic_store(&shim->slot->n_streams, stream + 1);
	return &shim->slot->streams[stream];
}

static inline uint8_t *fake_chunk(struct fake_shim *shim, uint32_t stream)
{
	return shim->chunks + (size_t)stream * WIRE_CHUNK_BYTES;
}

/* Sends the stream's chunk: over the pipe, the first `n_bytes` of the frame (SIZE_MAX: all); or by being polled. */
static inline void fake_send(struct fake_shim *shim, uint32_t stream, size_t n_bytes)
{
	struct shm_stream *s = fake_stream(shim, stream);
	uint64_t published = atomic_load(&s->published);
	uint32_t seq = (uint32_t)(published >> 32), end = (uint32_t)published, drained;
	uint8_t *chunk = fake_chunk(shim, stream);
	size_t whole = sizeof(struct wire_frame) + end;

	wire_frame_init((struct wire_frame *)(void *)chunk, (uint32_t)getpid(), stream, seq, end);
	if (shim->pipe_fd < 0) {
		atomic_store(&s->want_drain, seq + 1);
		while ((drained = atomic_load(&s->drained)) < seq + 1)
			syscall(SYS_futex, &s->drained, FUTEX_WAIT, drained, NULL, NULL, 0);
	} else {
		if (n_bytes > whole)
			n_bytes = whole;
		fake_require(write(shim->pipe_fd, chunk, n_bytes) == (ssize_t)n_bytes, "write");
		if (n_bytes < whole)
			return;
	}
	atomic_store(&s->published, (uint64_t)(seq + 1) << 32);
}

/* Puts the records in the stream's chunk, sending full ones, publishes, and empties the builder. */
static inline void fake_put(struct fake_shim *shim, uint32_t stream, struct builder *b)
{
	struct shm_stream *s = fake_stream(shim, stream);
	uint64_t published = atomic_load(&s->published);

	if ((uint32_t)published + b->n * 8 > WIRE_PAYLOAD_MAX) {
		fake_send(shim, stream, SIZE_MAX);
		published = atomic_load(&s->published);
	}
	memcpy(fake_chunk(shim, stream) + sizeof(struct wire_frame) + (uint32_t)published, b->words, b->n * 8);
	atomic_store(&s->published, published + b->n * 8);
	b->n = 0;
}

static inline uint64_t fake_hello(struct fake_shim *shim, enum wire_start how, uint32_t parent_slot, uint32_t serial)
{
	static struct builder b;
	struct timespec t;
	struct wire_hello hello = {.version = WIRE_VERSION,
				   .pid = (uint32_t)getpid(),
				   .ppid = (uint32_t)getppid(),
				   .start = how,
				   .tsc = tsc_ordered(),
				   .parent_slot = parent_slot,
				   .fork_serial = serial};

	clock_gettime(CLOCK_MONOTONIC, &t);
	hello.monotonic_ns = (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
	b.n = 0;
	add_ext(&b, WIRE_HELLO, 0, &hello, sizeof(hello));
	fake_put(shim, 0, &b);
	return hello.tsc;
}

#endif
