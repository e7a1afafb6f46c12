#include "cli/scan/memory.h"

#include "cli/base/pagemap.h"
#include "cli/base/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE          4096u
#define PAGEMAP_THERE (UINT64_C(3) << 62) /* in memory, or swapped out */

static uint64_t address(const struct iovec *piece)
{
	return (uint64_t)(uintptr_t)piece->iov_base;
}

size_t memory_read(const struct scan_memory *memory, const struct iovec *pieces, size_t n_pieces, void *buf)
{
	struct iovec rest[MEMORY_PIECES_MAX];
	size_t unreadable = 0, i = 0;
	char *to = buf;

	memcpy(rest, pieces, n_pieces * sizeof(*pieces));
	while (i < n_pieces) {
		size_t n = memory->read(memory->ctx, rest + i, n_pieces - i, to), hole;

		to += n;
		for (; i < n_pieces && n >= rest[i].iov_len; i++)
			n -= rest[i].iov_len;
		if (i == n_pieces)
			break;
		rest[i].iov_base = (char *)rest[i].iov_base + n;
		rest[i].iov_len -= n;
		hole = PAGE - address(&rest[i]) % PAGE;
		if (hole > rest[i].iov_len)
			hole = rest[i].iov_len;
		memset(to, 0, hole);
		to += hole;
		unreadable += hole;
		rest[i].iov_base = (char *)rest[i].iov_base + hole;
		rest[i].iov_len -= hole;
		i += rest[i].iov_len == 0;
	}
	return unreadable;
}

size_t memory_read_at(const struct scan_memory *memory, uint64_t addr, void *buf, size_t n_bytes)
{
	struct iovec piece = {(void *)(uintptr_t)addr, n_bytes};

	return n_bytes ? memory_read(memory, &piece, 1, buf) : 0;
}

uint64_t memory_touched(const struct scan_memory *memory, uint64_t addr, uint64_t end)
{
	return memory->touched ? memory->touched(memory->ctx, addr, end) : addr;
}

static size_t read_by_call(void *ctx, const struct iovec *pieces, size_t n_pieces, void *buf)
{
	const struct live_memory *live = ctx;
	struct iovec to = {buf, 0};
	ssize_t n;

	for (size_t i = 0; i < n_pieces; i++)
		to.iov_len += pieces[i].iov_len;
	n = process_vm_readv(live->pid, &to, 1, pieces, n_pieces, 0);
	return n > 0 ? (size_t)n : 0;
}

static size_t read_by_file(void *ctx, const struct iovec *pieces, size_t n_pieces, void *buf)
{
	const struct live_memory *live = ctx;
	size_t done = 0;

	for (size_t i = 0; i < n_pieces; i++) {
		size_t here = 0;

		while (here < pieces[i].iov_len) {
			ssize_t n = pread(live->mem_fd, (char *)buf + done, pieces[i].iov_len - here,
					  (off_t)(address(&pieces[i]) + here));

			if (n < 0 && errno == EINTR)
				continue;
			if (n <= 0)
				return done;
			here += (size_t)n;
			done += (size_t)n;
		}
	}
	return done;
}

static uint64_t touched(void *ctx, uint64_t addr, uint64_t end)
{
	struct live_memory *live = ctx;
	uint64_t entries[512], first;

	if (addr < end && live->asks_pagemap) {
		if (pagemap_first(live->pagemap_fd, addr, end, &first))
			return first;
		live->asks_pagemap = false;
	}
	while (addr < end) {
		uint64_t page = addr / PAGE, n_pages = (end - 1) / PAGE - page + 1;
		ssize_t n;

		if (n_pages > 512)
			n_pages = 512;
		n = live->pagemap_fd < 0 ? -1 : pread(live->pagemap_fd, entries, n_pages * 8, (off_t)(page * 8));
		if (n < 8)
			return addr;
		for (size_t i = 0; i < (size_t)n / 8; i++, addr = ++page * PAGE)
			if (entries[i] & PAGEMAP_THERE)
				return addr < end ? addr : end;
	}
	return end;
}

static int open_mem(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	return open(path, O_RDONLY | O_CLOEXEC);
}

int live_memory_open(struct live_memory *live, pid_t pid, uint64_t probe, struct err *err)
{
	struct iovec piece = {(void *)(uintptr_t)probe, 8};
	uint64_t word;
	int cause;

	*live = (struct live_memory){{live, read_by_call, touched, true}, pid, -1, pagemap_open(pid), true};
	live->asks_pagemap = live->pagemap_fd >= 0;
	if (read_by_call(live, &piece, 1, &word) == 8)
		return 0;
	cause = errno;
	live->memory.read = read_by_file;
	live->mem_fd = open_mem(pid);
	if (live->mem_fd >= 0 && read_by_file(live, &piece, 1, &word) == 8)
		return 0;
	live_memory_close(live);
	return err_set_errno(err, cause, "the memory of process %d cannot be read", (int)pid);
}

void live_memory_close(struct live_memory *live)
{
	if (live->mem_fd >= 0)
		close(live->mem_fd);
	if (live->pagemap_fd >= 0)
		close(live->pagemap_fd);
	live->mem_fd = live->pagemap_fd = -1;
}
