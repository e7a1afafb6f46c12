/* From records to totals: streams through the intake, without any process. */
#include "cli/ingest/intake.h"
#include "cli/model/process.h"
#include "tests/unit/stream_builder.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define PID 77u

static struct builder b;
static struct process_snapshot *forked;
static struct intake *current;

/* What their followers were told: a parent's, a forked child's. */
static struct process_totals told[2];

static void on_allocated(void *ctx, uint64_t addr, uint32_t stack, uint64_t size_bytes, uint32_t ms)
{
	struct process_totals *to = ctx;

	(void)stack, (void)ms;
	cr_assert_neq(addr, 0);
	to->allocations++;
	to->allocated_bytes += size_bytes;
	to->live_bytes += size_bytes;
	if (to->live_bytes > to->peak_live_bytes)
		to->peak_live_bytes = to->live_bytes;
}

static void on_freed(void *ctx, uint64_t addr, uint32_t stack, uint64_t size_bytes, uint32_t ms)
{
	struct process_totals *to = ctx;

	(void)stack, (void)ms;
	cr_assert_neq(addr, 0);
	to->frees++;
	to->freed_bytes += size_bytes;
	to->live_bytes -= size_bytes;
}

static struct process *on_hello(void *ctx, const struct wire_hello *hello)
{
	bool fork = hello->start == WIRE_START_FORK;
	struct process *p = process_new(hello, fork ? PROCESS_FORK : PROCESS_RUN);

	(void)ctx;
	told[fork] = (struct process_totals){0};
	process_follow(p, &(struct process_follower){&told[fork], on_allocated, on_freed});
	return p;
}

static void on_forked(void *ctx, uint32_t serial)
{
	(void)ctx;
	(void)serial;
	process_snapshot_free(forked);
	forked = process_snapshot(intake_process(current));
}

static void send(uint32_t stream, uint32_t seq)
{
	static uint64_t bytes[WIRE_CHUNK_BYTES / 8];

	intake_feed(current, bytes, make_frame(bytes, PID, stream, seq, &b));
	b.n = 0;
}

static void open_intake(enum wire_start how)
{
	current = intake_new(PID, &(struct intake_hooks){.hello = on_hello, .forked = on_forked});
	b.n = 0;
	add_hello(&b, PID, how);
}

struct sums {
	uint64_t blocks, bytes, inherited;
};

static void sum_block(void *ctx, const struct process_block *block)
{
	struct sums *sums = ctx;

	sums->inherited += block->inherited;
	sums->blocks += !block->inherited;
	sums->bytes += block->inherited ? 0 : block->size_bytes;
}

/* What must hold at all times. */
static struct process *balanced(void)
{
	struct process *p = intake_process(current);
	const struct process_totals *followed = &told[p->origin == PROCESS_FORK];
	struct sums sums = {0};
	uint64_t blocks = 0, bytes = 0;
	uint32_t next = process_next_use(p, 0);

	process_each_block(p, sum_block, &sums);
	for (uint32_t id = 0; id < 100; id++) {
		blocks += process_stack_use(p, id).live_blocks;
		bytes += process_stack_use(p, id).live_bytes;
		if (id && process_stack_use(p, id).allocations) {
			cr_assert_eq(next, id);
			next = process_next_use(p, id + 1);
		}
	}
	cr_assert_eq(next, 0);
	cr_assert_eq(p->totals.allocations - p->totals.frees, p->totals.live_blocks);
	cr_assert_eq(p->totals.allocated_bytes - p->totals.freed_bytes, p->totals.live_bytes);
	cr_assert_eq(sums.blocks, p->totals.live_blocks);
	cr_assert_eq(sums.bytes, p->totals.live_bytes);
	cr_assert_eq(sums.inherited, p->totals.inherited_live_blocks);
	cr_assert_eq(blocks, p->totals.live_blocks);
	cr_assert_eq(bytes, p->totals.live_bytes);
	cr_assert_eq(followed->allocations, p->totals.allocations);
	cr_assert_eq(followed->allocated_bytes, p->totals.allocated_bytes);
	cr_assert_eq(followed->frees, p->totals.frees);
	cr_assert_eq(followed->freed_bytes, p->totals.freed_bytes);
	cr_assert_eq(followed->peak_live_bytes, p->totals.peak_live_bytes);
	return p;
}

static void close_intake(void)
{
	process_free(intake_process(current));
	intake_free(current);
	process_snapshot_free(forked);
	forked = NULL;
}

Test(process, totals_and_peak)
{
	struct process *p;

	open_intake(WIRE_START_EXEC);
	add_alloc(&b, 0x1000, 100, 1);
	add_alloc(&b, 0x2000, 50, 2);
	add_free(&b, 0x1000);
	add_alloc(&b, 0x3000, 0, 2); /* zero-size blocks are blocks */
	add_free(&b, 0x9000);
	send(0, 0);
	p = balanced();
	cr_assert_eq(p->totals.allocations, 3);
	cr_assert_eq(p->totals.frees, 1);
	cr_assert_eq(p->totals.live_blocks, 2);
	cr_assert_eq(p->totals.live_bytes, 50);
	cr_assert_eq(p->totals.peak_live_bytes, 150);
	cr_assert_eq(p->completeness.unknown_frees, 1);
	cr_assert_eq(p->completeness.records, 6);
	close_intake();
}

Test(process, realloc_moved_in_place_failed_freed)
{
	struct process *p;

	open_intake(WIRE_START_EXEC);
	for (uint64_t i = 1; i <= 4; i++)
		add_alloc(&b, i << 12, 10, 1);
	add_realloc_begin(&b, 0x1000);
	add_realloc_end(&b, 0x5000, WIRE_REALLOC_DONE, 20, 2);
	add_realloc_begin(&b, 0x2000);
	add_realloc_end(&b, 0x2000, WIRE_REALLOC_DONE, 30, 2);
	add_realloc_begin(&b, 0x3000);
	add_realloc_end(&b, 0x3000, WIRE_REALLOC_FAILED, 1 << 30, 2);
	add_realloc_begin(&b, 0x4000);
	add_realloc_end(&b, 0, WIRE_REALLOC_FREED, 0, 2);
	send(0, 0);
	p = balanced();
	cr_assert_eq(p->totals.reallocations, 2);
	cr_assert_eq(p->totals.allocations, 6);
	cr_assert_eq(p->totals.frees, 3);
	cr_assert_eq(p->totals.live_blocks, 3);
	cr_assert_eq(p->totals.live_bytes, 60);
	cr_assert_eq(p->totals.failed_allocations, 1);
	cr_assert_eq(p->totals.peak_live_bytes, 70);
	cr_assert_eq(p->completeness.unknown_frees, 0);
	close_intake();
}

Test(process, realloc_nested_and_unfinished)
{
	struct process_exit how = {PROCESS_SIGNALED, -1, 9};
	struct process_block block;
	struct process *p;

	open_intake(WIRE_START_EXEC);
	add_alloc(&b, 0x1000, 10, 1);
	add_alloc(&b, 0x2000, 20, 1);
	add_realloc_begin(&b, 0x1000); /* a signal handler calls realloc, too, and then the process is killed */
	add_realloc_begin(&b, 0x2000);
	add_realloc_end(&b, 0x3000, WIRE_REALLOC_DONE, 40, 2);
	send(0, 0);
	p = balanced();
	cr_assert_eq(p->totals.live_bytes, 50);
	cr_assert(!process_find_block(p, 0x1000, &block));
	intake_finish(current, &how, 5000);
	balanced();
	cr_assert(process_find_block(p, 0x1000, &block));
	cr_assert_eq(block.size_bytes, 10);
	cr_assert(p->completeness.complete && p->ended);
	cr_assert_eq(p->exit.signal, 9);
	close_intake();
}

Test(process, temporary_allocations)
{
	open_intake(WIRE_START_EXEC);
	add_alloc(&b, 0x1000, 1, 1);
	add_free(&b, 0x1000); /* temporary */
	add_alloc(&b, 0x1000, 1, 1);
	add_alloc(&b, 0x2000, 1, 1);
	add_free(&b, 0x1000); /* not: another allocation came first */
	add_free(&b, 0x2000); /* temporary */
	send(0, 0);
	cr_assert_eq(balanced()->totals.temporary_allocations, 2);
	close_intake();
}

Test(process, temporary_is_per_thread)
{
	struct process *p;

	open_intake(WIRE_START_EXEC);
	intake_streams(current, 2);
	add_thread(&b, 100, "one");
	add_stamp(&b, 10);
	add_alloc(&b, 0x1000, 1, 1);
	add_stamp(&b, 40);
	add_free(&b, 0x1000);
	send(0, 0);
	add_thread(&b, 200, "two");
	add_stamp(&b, 20);
	add_free(&b, 0x1000);
	add_alloc(&b, 0x1000, 7, 1);
	send(1, 0);
	intake_flush(current);
	p = balanced();
	cr_assert_eq(p->totals.temporary_allocations, 0);
	cr_assert_eq(p->totals.frees, 2);
	cr_assert_eq(p->completeness.unknown_frees, 0);
	cr_assert_eq(p->completeness.unseen_frees, 0);
	close_intake();
}

Test(process, threads_of_blocks)
{
	struct process_block block;
	struct process *p;

	open_intake(WIRE_START_EXEC);
	add_alloc(&b, 0x1000, 1, 1);
	add_thread(&b, 100, "one");
	add_alloc(&b, 0x2000, 1, 1);
	add_thread(&b, 200, "two"); /* the stream's next writer */
	add_alloc(&b, 0x3000, 1, 1);
	add_thread(&b, 200, "renamed");
	send(0, 0);
	p = balanced();
	cr_assert(process_find_block(p, 0x1000, &block));
	cr_assert_str_eq(threads_get(p->threads, block.thread)->name, "");
	cr_assert(process_find_block(p, 0x2000, &block));
	cr_assert_str_eq(threads_get(p->threads, block.thread)->name, "one");
	cr_assert(process_find_block(p, 0x3000, &block));
	cr_assert_str_eq(threads_get(p->threads, block.thread)->name, "renamed");
	close_intake();
}

Test(process, lost_free)
{
	struct process *p;

	open_intake(WIRE_START_EXEC);
	add_alloc(&b, 0x1000, 10, 1);
	add_alloc(&b, 0x1000, 20, 2);
	send(0, 0);
	p = balanced();
	cr_assert_eq(p->totals.live_bytes, 20);
	cr_assert_eq(p->completeness.unseen_frees, 1);
	close_intake();
}

Test(process, forked_child)
{
	struct process_exit how = {PROCESS_EXITED, 0, 0};
	struct process_block block;
	struct intake *parent;
	struct process *p;

	open_intake(WIRE_START_EXEC);
	add_thread(&b, 100, "parent");
	add_node(&b, 1, 0, 0x400, 0);
	for (uint64_t i = 1; i <= 1000; i++)
		add_alloc(&b, i << 12, 10, 1);
	add_ext(&b, WIRE_FORK, 5, "", 0);
	add_free(&b, 0x1000);
	send(0, 0);
	cr_assert_eq(balanced()->totals.live_blocks, 999);
	parent = current;
	open_intake(WIRE_START_FORK);
	send(0, 0);
	process_inherit(intake_process(current), forked);
	forked = NULL;
	add_free(&b, 0x1000); /* inherited, twice: the second is unknown */
	add_free(&b, 0x1000);
	add_alloc(&b, 0x2000, 7, 1); /* where the parent's block is still thought to be */
	add_realloc_begin(&b, 0x3000);
	add_realloc_end(&b, 0x9000000, WIRE_REALLOC_DONE, 9, 1);
	send(0, 1);
	p = balanced();
	cr_assert_eq(p->totals.inherited_blocks, 1000);
	cr_assert_eq(p->totals.inherited_bytes, 10000);
	cr_assert_eq(p->totals.inherited_live_blocks, 997);
	cr_assert_eq(p->totals.live_blocks, 2);
	cr_assert_eq(p->totals.live_bytes, 16);
	cr_assert_eq(p->totals.frees, 0);
	cr_assert_eq(p->completeness.unknown_frees, 1);
	cr_assert_eq(p->completeness.unseen_frees, 0);
	cr_assert_eq(stacks_walk(p->stacks, 1, NULL, 8, NULL), 0, "its stacks are its own");
	cr_assert(process_find_block(p, 0x4000, &block));
	cr_assert(block.inherited && block.stack == 0 && block.thread == 0);
	cr_assert(process_find_block(p, 0x9000000, &block));
	cr_assert(!block.inherited && block.stack == 1);
	intake_finish(current, &how, 9000);
	close_intake();
	current = parent;
	cr_assert_eq(balanced()->totals.live_blocks, 999);
	close_intake();
}

Test(process, what_it_is)
{
	struct stack_frame frame;
	struct process *p;

	open_intake(WIRE_START_EXEC);
	add_text(&b, WIRE_EXE, "/bin/prog", 9);
	add_text(&b, WIRE_ARGV, "prog\0-x\0\0cut", 12);
	add_node(&b, 1, 0, 0x1010, 0); /* announced by another stream before its module */
	add_module(&b, 1, 0x1000, 0x2000, "/bin/prog");
	add_node(&b, 2, 1, 0x2000, 0);
	add_node(&b, 3, 1, 0x2000, WIRE_NODE_EXACT);
	send(0, 0);
	p = balanced();
	cr_assert_str_eq(p->exe, "/bin/prog");
	cr_assert_eq(p->argc, 4);
	cr_assert(!strcmp(p->argv[1], "-x") && !strcmp(p->argv[2], "") && !strcmp(p->argv[3], "cut") && !p->argv[4]);
	cr_assert_eq(modules_count(p->modules), 1);
	cr_assert_eq(modules_get(p->modules, 1)->build_id_bytes, 4);
	cr_assert_eq(stacks_walk(p->stacks, 1, &frame, 1, NULL), 1);
	cr_assert_eq(frame.module, 1);
	stacks_walk(p->stacks, 2, &frame, 1, NULL);
	cr_assert_eq(frame.module, 1);
	stacks_walk(p->stacks, 3, &frame, 1, NULL);
	cr_assert_eq(frame.module, 0);
	close_intake();
}

static void add_map(uint64_t addr, uint64_t length)
{
	add_one(&b, wire_addr_word(WIRE_MAP, addr, WIRE_KIND_MMAP));
	add_one(&b, length);
	add_one(&b, 3);
}

static void add_unmap(uint64_t addr, uint64_t length)
{
	add_one(&b, wire_addr_word(WIRE_UNMAP, addr, WIRE_KIND_MUNMAP));
	add_one(&b, length);
}

Test(process, mappings)
{
	struct process *p;

	open_intake(WIRE_START_EXEC);
	add_map(0x10000, 0x4000);
	add_map(0x20000, 0x1000);
	add_unmap(0x11000, 0x1000); /* in the middle: two are left */
	add_map(0x13000, 0x10000); /* over the end of the first and all of the second */
	add_unmap(0x50000, 0x1000);
	send(0, 0);
	p = balanced();
	cr_assert_eq(p->mappings.maps, 3);
	cr_assert_eq(p->mappings.unmaps, 2);
	cr_assert_eq(p->mappings.live_maps, 3);
	cr_assert_eq(p->mappings.live_bytes, 0x1000 + 0x1000 + 0x10000);
	cr_assert_eq(p->mappings.mapped_bytes - p->mappings.unmapped_bytes, p->mappings.live_bytes);
	close_intake();
}

Test(process, losses_are_told)
{
	struct process_exit how = {PROCESS_EXITED, 0, 0};
	struct process *p;

	open_intake(WIRE_START_EXEC);
	send(0, 0);
	add_alloc(&b, 0, 10, 1); /* no block is there */
	add_realloc_end(&b, 0x1000, WIRE_REALLOC_DONE, 5, 1); /* without a begin */
	add_one(&b, 0);
	send(0, 2);
	p = balanced();
	cr_assert(p->completeness.complete);
	intake_finish(current, &how, 5000);
	cr_assert(!p->completeness.complete);
	cr_assert_geq(p->completeness.lost_records, 3);
	cr_assert_geq(p->completeness.n_reasons, 3);
	for (size_t i = 0; i < p->completeness.n_reasons; i++)
		cr_assert_eq(p->completeness.reasons[i][strlen(p->completeness.reasons[i]) - 1], '.');
	close_intake();
}

Test(process, counters_of_the_shim)
{
	struct process_exit how = {PROCESS_EXITED, 0, 0};
	struct process_counters counters = {.shim_bytes = 5, .truncated_stacks = 6, .lost_records = 7};
	struct process *p;

	open_intake(WIRE_START_EXEC);
	send(0, 0);
	p = intake_process(current);
	process_set_counters(p, &counters);
	intake_finish(current, &how, 5000);
	cr_assert_eq(p->shim_bytes, 5);
	cr_assert_eq(p->completeness.truncated_stacks, 6);
	cr_assert_eq(p->completeness.lost_records, 7);
	cr_assert(!p->completeness.complete);
	close_intake();
}

Test(process, no_hello_no_process)
{
	current = intake_new(PID, &(struct intake_hooks){.hello = on_hello});
	b.n = 0;
	add_alloc(&b, 0x1000, 1, 1);
	send(0, 0);
	cr_assert_null(intake_process(current));
	cr_assert(intake_dropped(current));
	close_intake();
}
