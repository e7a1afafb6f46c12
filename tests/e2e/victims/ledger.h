/*
 * A ledger of live blocks per function that a victim keeps outside the heap: static tables, written out at the end with
 * write(2). The truth that reports are compared with. One thread, or under the caller's own lock.
 */
#ifndef TESTS_E2E_VICTIMS_LEDGER_H
#define TESTS_E2E_VICTIMS_LEDGER_H

#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LEDGER_SLOTS (1u << 20)
#define LEDGER_SITES 64

struct ledger_block {
	uintptr_t address; /* 0: never used; 1: was removed */
	size_t size_bytes;
	const char *site;
};

static struct ledger_block ledger_blocks[LEDGER_SLOTS];
static struct {
	const char *site;
	unsigned long blocks, bytes;
} ledger_sites[LEDGER_SITES];

static inline unsigned ledger_hash(uintptr_t address)
{
	return (unsigned)((uint64_t)address * UINT64_C(0x9e3779b97f4a7c15) >> 44) % LEDGER_SLOTS;
}

static inline void ledger_count(const char *site, long blocks, long bytes)
{
	for (unsigned i = 0; i < LEDGER_SITES; i++) {
		if (!ledger_sites[i].site)
			ledger_sites[i].site = site;
		if (strcmp(ledger_sites[i].site, site) == 0) {
			ledger_sites[i].blocks += (unsigned long)blocks;
			ledger_sites[i].bytes += (unsigned long)bytes;
			return;
		}
	}
	_exit(99);
}

static inline void ledger_add(const void *block, size_t size_bytes, const char *site)
{
	unsigned i = ledger_hash((uintptr_t)block);

	if (!block)
		_exit(98);
	while (ledger_blocks[i].address > 1)
		i = (i + 1) % LEDGER_SLOTS;
	ledger_blocks[i] = (struct ledger_block){(uintptr_t)block, size_bytes, site};
	ledger_count(site, 1, (long)size_bytes);
}

static inline void ledger_remove(uintptr_t address)
{
	unsigned i = ledger_hash(address);

	while (ledger_blocks[i].address != address) {
		if (ledger_blocks[i].address == 0)
			_exit(97);
		i = (i + 1) % LEDGER_SLOTS;
	}
	ledger_count(ledger_blocks[i].site, -1, -(long)ledger_blocks[i].size_bytes);
	ledger_blocks[i].address = 1;
}

/* "FUNCTION BLOCKS BYTES" lines, in the order of first use. */
static inline void ledger_write(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	char line[200];

	for (unsigned i = 0; i < LEDGER_SITES && ledger_sites[i].site; i++) {
		int n = snprintf(line, sizeof(line), "%s %lu %lu\n", ledger_sites[i].site, ledger_sites[i].blocks,
				 ledger_sites[i].bytes);

		if (ledger_sites[i].blocks && write(fd, line, (size_t)n) != n)
			_exit(96);
	}
	close(fd);
}

static inline unsigned ledger_random(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(*state >> 33);
}

#endif
