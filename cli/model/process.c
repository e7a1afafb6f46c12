#include "cli/model/process.h"

#include "cli/base/xalloc.h"
#include "cli/model/releases.h"
#include "cli/model/state.h"

#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REASONS_MAX 32 /* sentences kept; a corrupt stream must not fill the report */

struct process_snapshot {
	struct live *live;
	char *exe;
	char **argv;
	size_t argc;
	uint64_t blocks, bytes;
	bool foreign_operators;
	struct said *said;
};

struct process *process_new(const struct wire_hello *hello, enum process_origin origin)
{
	struct process *process = xcalloc(1, sizeof(*process));

	process->pid = (int)hello->pid;
	process->parent_pid = (int)hello->ppid;
	process->origin = origin;
	process->exit = (struct process_exit){.kind = PROCESS_RUNNING, .code = -1};
	process->start_realtime_ns = (int64_t)hello->realtime_ns;
	process->start_monotonic_ns = process->end_monotonic_ns = hello->monotonic_ns;
	process->completeness.complete = true;
	process->stacks = stacks_new();
	process->modules = modules_new();
	process->threads = threads_new();
	process->state = xcalloc(1, sizeof(*process->state));
	process->state->live = live_new();
	process->state->mappings = mappings_new();
	process->state->said = said_new();
	return process;
}

static void free_strings(char **strings, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(strings[i]);
	free(strings);
}

static char **copy_strings(char *const *strings, size_t n)
{
	char **copy = xcalloc(n + 1, sizeof(*copy));

	for (size_t i = 0; i < n; i++)
		copy[i] = xstrdup(strings[i]);
	return copy;
}

static void free_pending(struct pending_realloc *pending)
{
	while (pending) {
		struct pending_realloc *outer = pending->outer;

		free(pending);
		pending = outer;
	}
}

static void state_free(struct process_state *state)
{
	for (size_t i = 0; i < state->n_uses; i++)
		free(state->uses[i]);
	for (size_t i = 0; i < state->n_streams; i++)
		free_pending(state->streams[i].pending);
	free_pending(state->spare);
	live_free(state->live);
	mappings_free(state->mappings);
	said_free(state->said);
	freed_free(state->freed);
	free(state->uses);
	free(state->streams);
	free(state);
}

void process_free(struct process *process)
{
	if (!process)
		return;
	state_free(process->state);
	stacks_free(process->stacks);
	modules_free(process->modules);
	threads_free(process->threads);
	mismatches_release(&process->mismatches);
	free_strings(process->argv, process->argc);
	free_strings(process->completeness.reasons, process->completeness.n_reasons);
	free(process->exe);
	free(process);
}

void process_clock(struct process *process, uint64_t monotonic_ns)
{
	struct process_state *state = process->state;

	if (monotonic_ns < process->end_monotonic_ns)
		return; /* a HELLO from the future */
	process->end_monotonic_ns = monotonic_ns;
	state->now_ns = monotonic_ns - process->start_monotonic_ns;
	state->now_ms = state->now_ns / 1000000 < UINT32_MAX ? (uint32_t)(state->now_ns / 1000000) : UINT32_MAX;
}

int process_pid(const struct process *process)
{
	return process->pid;
}

int process_parent_pid(const struct process *process)
{
	return process->parent_pid;
}

/* argv as it comes: strings each ended by NUL; the last may be cut. */
static void set_argv(struct process *process, const char *text, size_t n_bytes)
{
	size_t cap = 0, n = 0;
	char **argv = NULL;

	while (n_bytes > 0) {
		size_t length = strnlen(text, n_bytes);

		argv = xgrow(argv, &cap, n + 1, sizeof(*argv));
		argv[n++] = xstrndup(text, length);
		length += length < n_bytes;
		text += length;
		n_bytes -= length;
	}
	argv = xgrow(argv, &cap, n + 1, sizeof(*argv));
	argv[n] = NULL;
	free_strings(process->argv, process->argc);
	process->argv = argv;
	process->argc = n;
}

static bool load_module(struct process *process, const char *bytes, size_t n_bytes, size_t path_bytes)
{
	struct wire_module wire;
	uint32_t index;

	if (n_bytes < sizeof(wire) || path_bytes > n_bytes - sizeof(wire))
		return false;
	memcpy(&wire, bytes, sizeof(wire));
	index = modules_load(process->modules, &wire, bytes + sizeof(wire), path_bytes);
	if (!index)
		return false;
	/* Another stream may have told of nodes in it before. */
	stacks_resolve(process->stacks, wire.start, wire.end, index);
	return true;
}

static void set_thread(struct process *process, uint32_t stream, uint32_t tid, const char *name, size_t name_bytes)
{
	struct stream_state *state = state_stream(process, stream);

	if (threads_get(process->threads, state->thread)->tid == tid && tid != 0) {
		threads_rename(process->threads, state->thread, name, name_bytes);
		return;
	}
	state->thread = threads_add(process->threads, tid, name, name_bytes);
	state->last_addr = 0;
}

bool process_announce(struct process *process, uint32_t stream, const uint64_t *words, size_t n_words)
{
	const char *bytes = (const char *)(words + 1);
	size_t n_bytes = (n_words - 1) * 8;
	uint32_t aux = (uint32_t)(words[0] >> 32);
	bool sane = true;

	process->completeness.records++;
	switch (words[0] >> 8 & 0xff) {
	case WIRE_EXE:
		sane = aux <= n_bytes;
		if (sane) {
			free(process->exe);
			process->exe = xstrndup(bytes, aux);
		}
		break;
	case WIRE_ARGV:
		sane = aux <= n_bytes;
		if (sane)
			set_argv(process, bytes, aux);
		break;
	case WIRE_MODULE_LOAD:
		sane = load_module(process, bytes, n_bytes, aux);
		break;
	case WIRE_MODULE_UNLOAD:
		sane = n_bytes >= 8;
		if (sane)
			modules_unload(process->modules, (uint32_t)words[1]);
		break;
	case WIRE_THREAD:
		set_thread(process, stream, aux, bytes, n_bytes < 16 ? n_bytes : 16);
		break;
	case WIRE_CONFINED:
		process->confined = true;
		process_remark(process, true,
			       "After %.3f s it confined itself with seccomp so that recording had to stop: what it "
			       "allocated and freed from there on is not known.",
			       (double)process->state->now_ns / 1e9);
		break;
	case WIRE_FREE_STACK:
		sane = n_bytes >= 8;
		if (sane)
			release_announced(process, stream, words[1], aux);
		break;
	case WIRE_OPERATORS:
		process->foreign_operators = true;
		break;
	case WIRE_SCAN: /* of abort() among others: the program's own, not the allocator's */
		release_excused(state_stream(process, stream));
		break;
	default:
		sane = said_announce(process, stream, words, n_words);
		break;
	}
	process->state->malformed += !sane;
	return sane;
}

struct process_snapshot *process_snapshot(struct process *process)
{
	struct process_snapshot *snapshot = xcalloc(1, sizeof(*snapshot));

	snapshot->live = live_clone(process->state->live);
	snapshot->exe = process->exe ? xstrdup(process->exe) : NULL;
	snapshot->argv = copy_strings(process->argv, process->argc);
	snapshot->argc = process->argc;
	snapshot->foreign_operators = process->foreign_operators;
	snapshot->said = said_clone(process->state->said);
	snapshot->blocks = live_count(process->state->live);
	snapshot->bytes = process->totals.live_bytes + process->totals.inherited_live_bytes;
	/* Blocks in an unfinished realloc of another thread are in the totals, not in the table. */
	for (size_t i = 0; i < process->state->n_streams; i++)
		for (struct pending_realloc *p = process->state->streams[i].pending; p; p = p->outer)
			if (p->block.key)
				snapshot->bytes -= live_entry_size(&p->block);
	return snapshot;
}

void process_snapshot_free(struct process_snapshot *snapshot)
{
	if (!snapshot)
		return;
	live_free(snapshot->live);
	said_free(snapshot->said);
	free(snapshot->exe);
	free_strings(snapshot->argv, snapshot->argc);
	free(snapshot);
}

void process_inherit(struct process *process, struct process_snapshot *snapshot)
{
	struct process_totals *totals = &process->totals;

	live_free(process->state->live);
	said_free(process->state->said);
	process->state->said = snapshot->said;
	free_strings(process->argv, process->argc);
	free(process->exe);
	process->state->live = snapshot->live;
	process->exe = snapshot->exe;
	process->argv = snapshot->argv;
	process->argc = snapshot->argc;
	process->foreign_operators |= snapshot->foreign_operators;
	totals->inherited_blocks = totals->inherited_live_blocks = snapshot->blocks;
	totals->inherited_bytes = totals->inherited_live_bytes = snapshot->bytes;
	free(snapshot);
}

void process_lose(struct process *process, uint64_t n_records, uint64_t n_bytes)
{
	process->completeness.lost_records += n_records;
	process->completeness.lost_bytes += n_bytes;
}

void process_remark(struct process *process, bool incomplete, const char *fmt, ...)
{
	struct process_completeness *c = &process->completeness;
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (incomplete)
		c->complete = false;
	for (size_t i = 0; i < c->n_reasons; i++)
		if (!strcmp(c->reasons[i], text))
			return;
	if (c->n_reasons >= REASONS_MAX)
		return;
	c->reasons = xreallocarray(c->reasons, c->n_reasons + 1, sizeof(*c->reasons));
	c->reasons[c->n_reasons++] = xstrdup(text);
}

void process_set_counters(struct process *process, const struct process_counters *counters)
{
	process->state->counters = *counters;
	process->shim_bytes = counters->shim_bytes;
	if (counters->bypassed)
		process_remark(process, true,
			       "The program has an allocator of its own linked into it, whose blocks are not seen; "
			       "link it as a shared library, or without it.");
	process->totals.refused_allocations = counters->refused_allocations;
	process->completeness.truncated_stacks = counters->truncated_stacks;
	process->completeness.slow_stacks = counters->slow_stacks;
	process->completeness.checked_stacks = counters->checked_stacks;
	process->completeness.differing_stacks = counters->differing_stacks;
}

/* What is known at the end about loss, in words. */
static void conclude(struct process *process)
{
	struct process_completeness *c = &process->completeness;
	uint64_t shim_lost = process->state->counters.lost_records, malformed = process->state->malformed;
	uint64_t explained = process->state->n_explained; /* a realloc that aborts is no unknown free yet */
	uint64_t unexplained = c->unknown_frees > explained ? c->unknown_frees - explained : 0;
	uint64_t unkept = said_dropped(process->state->said);

	if (shim_lost) {
		c->lost_records += shim_lost;
		process_remark(process, true, "%" PRIu64 " call%s could not be recorded in the program.", shim_lost,
			       shim_lost == 1 ? "" : "s");
	}
	if (malformed) {
		c->lost_records += malformed;
		process_remark(process, true, "%" PRIu64 " record%s of the stream made no sense and %s left out.",
			       malformed, malformed == 1 ? "" : "s", malformed == 1 ? "was" : "were");
	}
	if (unkept)
		process_remark(process, false,
			       "%" PRIu64 " thing%s that the program said by memwatch.h could not be kept.", unkept,
			       unkept == 1 ? "" : "s");
	if (c->lost_bytes)
		process_remark(process, true, "%" PRIu64 " bytes of the stream could not be read.", c->lost_bytes);
	if (unexplained)
		process_remark(process, false, "%" PRIu64 " free%s of a block whose allocation was not seen.",
			       unexplained, unexplained == 1 ? "" : "s");
	if (c->unseen_frees)
		process_remark(process, false, "%" PRIu64 " allocation%s at an address whose free was not seen.",
			       c->unseen_frees, c->unseen_frees == 1 ? "" : "s");
	if (process->state->counters.hard_limit_failed)
		process_remark(process, false,
			       "--hard-limit was not kept: the allocator does not tell the sizes of blocks.");
	if (c->lost_records)
		c->complete = false;
}

void process_finish(struct process *process, const struct process_exit *how, uint64_t monotonic_ns)
{
	state_restore_pending(process);
	if (how->kind == PROCESS_SIGNALED && how->signal == SIGABRT)
		release_aborted(process);
	if (monotonic_ns > process->end_monotonic_ns)
		process->end_monotonic_ns = monotonic_ns;
	process->exit = *how;
	process->ended = true;
	conclude(process);
}

static struct process_block block_of(const struct live_entry *e)
{
	bool inherited = live_entry_inherited(e);

	/* The parent's numbers of stacks and threads mean nothing here. */
	return (struct process_block){
		.addr = live_entry_addr(e),
		.size_bytes = live_entry_size(e),
		.birth_ns = (uint64_t)e->birth_ms * 1000000,
		.stack = inherited ? 0 : e->stack,
		.thread = inherited ? 0 : live_entry_thread(e),
		.kind = (uint8_t)live_entry_kind(e),
		.inherited = inherited,
		.ignored = live_entry_ignored(e),
	};
}

struct each {
	void (*visit)(void *ctx, const struct process_block *block);
	void *ctx;
};

static void each_entry(void *ctx, const struct live_entry *e)
{
	const struct each *each = ctx;
	struct process_block block = block_of(e);

	each->visit(each->ctx, &block);
}

void process_each_block(const struct process *process, void (*visit)(void *ctx, const struct process_block *block),
			void *ctx)
{
	const struct process_state *state = process->state;
	struct each each = {visit, ctx};

	live_each(state->live, each_entry, &each);
	for (size_t i = 0; i < state->n_streams; i++)
		for (struct pending_realloc *p = state->streams[i].pending; p; p = p->outer)
			if (p->block.key)
				each_entry(&each, &p->block);
}

bool process_find_block(const struct process *process, uint64_t addr, struct process_block *block)
{
	struct live_entry e;

	if (addr - 1 >= LIVE_ADDR_MAX || !live_find(process->state->live, addr, &e))
		return false;
	*block = block_of(&e);
	return true;
}

size_t process_each_resizing(const struct process *process,
			     void (*visit)(void *ctx, const struct process_block *block, uint32_t tid), void *ctx)
{
	const struct process_state *state = process->state;
	size_t n = 0;

	for (size_t i = 0; i < state->n_streams; i++) {
		const struct stream_state *stream = &state->streams[i];

		for (const struct pending_realloc *p = stream->pending; p; p = p->outer) {
			struct process_block block;

			if (!p->block.key)
				continue;
			block = block_of(&p->block);
			n++;
			if (visit)
				visit(ctx, &block, threads_get(process->threads, stream->thread)->tid);
		}
	}
	return n;
}

uint64_t process_take_high(const struct process *process)
{
	uint64_t high = process->state->high;

	process->state->high = process->totals.live_bytes;
	return high;
}

uint64_t process_model_bytes(const struct process *process)
{
	const struct process_state *state = process->state;
	uint64_t n_bytes = live_bytes(state->live) + stacks_bytes(process->stacks);

	for (size_t i = 0; i < state->n_uses; i++)
		n_bytes += state->uses[i] ? USES_CHUNK * sizeof(**state->uses) : 0;
	n_bytes += said_bytes(state->said);
	return n_bytes + state->cap_streams * sizeof(*state->streams);
}
