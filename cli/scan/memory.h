/* Reading another process's memory; behind an interface, so that tests put a picture of memory in its place. */
#ifndef CLI_SCAN_MEMORY_H
#define CLI_SCAN_MEMORY_H

#include "cli/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#define MEMORY_PIECES_MAX 512

struct scan_memory {
	void *ctx;
	/* Copies the pieces (addresses in the process), one after the other, to `buf`. Returns the number of bytes up
	 * to the first that cannot be read. */
	size_t (*read)(void *ctx, const struct iovec *pieces, size_t n_pieces, void *buf);
	/* The first address of [addr, end) in a page that is in the process's page table, or swapped out; `end` if
	 * there is none. In private memory those are all that it ever wrote to. NULL = not known. */
	uint64_t (*touched)(void *ctx, uint64_t addr, uint64_t end);
	bool by_many; /* several threads may call them at once */
};

/* Reads all, with zeros for pages that cannot be read. Returns how many bytes could not; at most MEMORY_PIECES_MAX. */
size_t memory_read(const struct scan_memory *memory, const struct iovec *pieces, size_t n_pieces, void *buf);

/* One range, as above. */
size_t memory_read_at(const struct scan_memory *memory, uint64_t addr, void *buf, size_t n_bytes);

uint64_t memory_touched(const struct scan_memory *memory, uint64_t addr, uint64_t end);

/* A live process. Needs no ptrace, but the same permission. */
struct live_memory {
	struct scan_memory memory;
	pid_t pid;
	int mem_fd;     /* /proc/PID/mem, in place of process_vm_readv(2) where that is forbidden; else -1 */
	int pagemap_fd; /* -1 = none */
	_Atomic bool
		asks_pagemap; /* the kernel can be asked for touched pages (Linux 6.7), and need not tell of each */
};

/* `probe`: an address that can be read. -1 with *err if the memory cannot be read at all. */
int live_memory_open(struct live_memory *live, pid_t pid, uint64_t probe, struct err *err);
void live_memory_close(struct live_memory *live);

#endif
