/*
 * Any bytes as a process's pipe: frames, order, decode and model must take them without a crash, a hang or unbalanced
 * totals. The first byte says in what pieces they come and when the streams are merged. Frames get a right check sum,
 * and a hello this version, so that the fuzzer gets past them.
 */
#include "cli/ingest/intake.h"
#include "cli/model/process.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct process *on_hello(void *ctx, const struct wire_hello *hello)
{
	(void)ctx;
	return process_new(hello, PROCESS_RUN);
}

static void on_forked(void *ctx, uint32_t serial)
{
	struct intake **intake = ctx;
	struct wire_hello hello = {.version = WIRE_VERSION, .start = WIRE_START_FORK, .fork_serial = serial};
	struct process *child = process_new(&hello, PROCESS_FORK);

	process_inherit(child, process_snapshot(intake_process(*intake)));
	process_free(child);
}

/* Makes headers of what looks like one, and a hello of what follows if that looks like one. */
static void mend(uint8_t *bytes, size_t size)
{
	const uint32_t magic = WIRE_MAGIC, hello = WIRE_HELLO << 8 | WIRE_EXT, version = WIRE_VERSION;
	struct wire_frame header;

	for (size_t at = 0; at + sizeof(header) <= size; at++) {
		uint8_t *first = bytes + at + sizeof(header);

		if (memcmp(bytes + at, &magic, sizeof(magic)) != 0)
			continue;
		memcpy(&header, bytes + at, sizeof(header));
		wire_frame_init(&header, 1, header.stream & 7, header.seq & 7, header.payload_bytes & 0xff8);
		memcpy(bytes + at, &header, sizeof(header));
		if (at + sizeof(header) + 12 <= size && memcmp(first, &hello, 2) == 0)
			memcpy(first + 8, &version, sizeof(version));
	}
}

struct sums {
	uint64_t blocks, bytes;
};

static void sum_block(void *ctx, const struct process_block *block)
{
	struct sums *sums = ctx;

	if (!block->inherited) {
		sums->blocks++;
		sums->bytes += block->size_bytes;
	}
}

static void check(struct process *process)
{
	const struct process_totals *t = &process->totals;
	struct sums sums = {0};

	process_each_block(process, sum_block, &sums);
	if (t->allocations - t->frees != t->live_blocks || t->allocated_bytes - t->freed_bytes != t->live_bytes)
		abort();
	if (sums.blocks != t->live_blocks || sums.bytes != t->live_bytes)
		abort();
	for (uint32_t id = 1; id <= stacks_max(process->stacks) && id < 64; id++) {
		stacks_walk(process->stacks, id, NULL, 64, NULL);
		stacks_canonical(process->stacks, id);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct process_exit how = {PROCESS_EXITED, 0, 0};
	struct intake *intake = NULL;
	struct intake_hooks hooks = {.ctx = &intake, .hello = on_hello, .forked = on_forked};
	uint64_t mark = 0;
	size_t step;
	uint8_t *bytes;

	if (size < 2)
		return 0;
	step = (size_t)(data[0] & 15) * (data[0] & 15) * 8 + 1 + (data[0] >> 4);
	bytes = malloc(size - 1);
	if (!bytes)
		return 0;
	memcpy(bytes, data + 1, size - 1);
	mend(bytes, size - 1);
	intake = intake_new(1, &hooks);
	for (size_t at = 0; at < size - 1; at += step) {
		intake_feed(intake, bytes + at, size - 1 - at < step ? size - 1 - at : step);
		intake_merge(intake, mark += data[0]);
	}
	intake_finish(intake, &how, UINT64_MAX);
	if (intake_process(intake))
		check(intake_process(intake));
	process_free(intake_process(intake));
	intake_free(intake);
	free(bytes);
	return 0;
}
