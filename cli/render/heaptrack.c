/*
 * heaptrack's data file, version 3, for heaptrack_print and heaptrack_gui: each allocation and free in their order,
 * with the stacks that made them. Numbers are hexadecimal.
 *
 * First come the strings, code addresses ("i", with the functions inlined there) and stacks, as a tree of those ("t",
 * its parent nearer to main), all from 1 on; then the infos ("a", a size and a stack, from 0 on), and the events.
 *
 * heaptrack_gui wants the allocations of each info to begin in the order of the infos: those that are only freed come
 * last. A free right behind the allocation of the same info is one of a temporary block, which struct event_log takes
 * care of; so is, by an oversight, each free of info 0 behind another free: but for temporary blocks, frees of it name
 * another info of the same stack and size, the last of all.
 *
 * The format is of a single process: the one with the largest peak.
 */
#include "cli/render/render.h"

#include "cli/analysis/event_log.h"
#include "cli/base/xalloc.h"
#include "cli/render/packing.h"
#include "cli/render/pprof_tables.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MADE_BY      UINT64_C(0x10400) /* the version of heaptrack that writes the same */
#define FORMAT       3
#define PAGE_BYTES   UINT64_C(4096)
#define BUFFER_BYTES ((size_t)32768)
#define NUMBER_MAX   17 /* a blank and 16 digits */

struct info {
	uint64_t size_bytes, node;
	uint32_t number; /* as it is written */
};

#define NO_NUMBER UINT32_MAX

struct heaptrack {
	struct packing *packing;
	const struct report_process *process;
	struct pprof_index strings; /* by address: those of a report are kept once */
	struct pprof_index ips, nodes;
	uint64_t *stacks;   /* the node of each stack of the events */
	struct info *infos; /* of the log; its numbers are from 1 on */
	size_t n_infos, cap_infos;
	uint32_t n_numbered;
	uint64_t allocated; /* info of the allocation just before; 0 = it was a free */
	size_t used;
	char buffer[BUFFER_BYTES];
};

static const char no_stack[] = "(no stack)";

/* ---- lines */

static void flush(struct heaptrack *h)
{
	packing_write(h->packing, h->buffer, h->used);
	h->used = 0;
}

static void put_char(struct heaptrack *h, char c)
{
	if (h->used == BUFFER_BYTES)
		flush(h);
	h->buffer[h->used++] = c;
}

static void put_number(struct heaptrack *h, uint64_t value)
{
	unsigned n_digits = value ? (67 - (unsigned)__builtin_clzll(value)) / 4 : 1;

	if (h->used + NUMBER_MAX > BUFFER_BYTES)
		flush(h);
	h->buffer[h->used++] = ' ';
	for (unsigned i = n_digits; i-- > 0; value >>= 4)
		h->buffer[h->used + i] = "0123456789abcdef"[value & 15];
	h->used += n_digits;
}

/* The begin of a line: numbers may follow. */
static void put_line(struct heaptrack *h, char tag, uint64_t value)
{
	put_char(h, tag);
	put_number(h, value);
}

static void put_end(struct heaptrack *h)
{
	put_char(h, '\n');
}

/* Without what would end the line. */
static void put_text(struct heaptrack *h, const char *text)
{
	for (; *text; text++)
		put_char(h, (unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text);
}

/* ---- strings, code, stacks */

/* 0: there is none. */
static uint64_t string_of(struct heaptrack *h, const char *text)
{
	bool is_new;
	uint64_t number;

	if (!text || !*text)
		return 0;
	number = pprof_index_of(&h->strings, (uintptr_t)text, 0, 0, &is_new);
	if (is_new) {
		put_line(h, 's', strlen(text));
		put_char(h, ' ');
		put_text(h, text);
		put_end(h);
	}
	return number;
}

/* How many of the n frames are code at the same address: functions inlined there, and the one they are in. */
static size_t same_code(const struct report_frame *const *frames, size_t n)
{
	size_t k = 0;

	while (k + 1 < n && frames[k]->inlined)
		k++;
	return k + 1;
}

static void put_frame(struct heaptrack *h, const struct report_frame *frame)
{
	put_number(h, string_of(h, frame->function));
	put_number(h, string_of(h, frame->file));
	put_number(h, frame->line);
}

static uint64_t ip_of(struct heaptrack *h, const struct report_frame *const *frames, size_t n)
{
	bool is_new;
	uint64_t number = pprof_index_of(&h->ips, (uintptr_t)frames[0], n, 0, &is_new), module;

	if (!is_new)
		return number;
	/* the line must not be cut by those of its strings */
	module = string_of(h, frames[0]->module);
	for (size_t i = 0; i < n; i++) {
		string_of(h, frames[i]->function);
		string_of(h, frames[i]->file);
	}
	put_line(h, 'i', frames[0]->offset);
	put_number(h, module);
	for (size_t i = 0; i < n && (frames[0]->function || frames[0]->file); i++)
		put_frame(h, frames[i]);
	put_end(h);
	return number;
}

static uint64_t no_stack_ip(struct heaptrack *h)
{
	static const struct report_frame frame = {.function = no_stack};
	static const struct report_frame *const frames[] = {&frame};

	return ip_of(h, frames, 1);
}

static uint64_t node_of(struct heaptrack *h, uint64_t ip, uint64_t parent)
{
	bool is_new;
	uint64_t number = pprof_index_of(&h->nodes, ip, parent, 0, &is_new);

	if (is_new) {
		put_line(h, 't', ip);
		put_number(h, parent);
		put_end(h);
	}
	return number;
}

/* The node of its innermost frame; `ips` is memory for a number for each frame. */
static uint64_t put_stack(struct heaptrack *h, const struct report_stack *stack, uint64_t *ips)
{
	uint64_t node = 0;
	size_t n = 0;

	if (stack->n_frames == 0)
		return node_of(h, no_stack_ip(h), 0);
	for (size_t i = 0, same; i < stack->n_frames; i += same) {
		same = same_code(stack->frames + i, stack->n_frames - i);
		ips[n++] = ip_of(h, stack->frames + i, same);
	}
	while (n > 0)
		node = node_of(h, ips[--n], node);
	return node;
}

static void put_stacks(struct heaptrack *h, const struct report_events *events)
{
	uint64_t *ips;
	size_t longest = 0;

	for (size_t i = 0; i < events->n_stacks; i++)
		if (events->stacks[i].stack.n_frames > longest)
			longest = events->stacks[i].stack.n_frames;
	ips = xcalloc(longest, sizeof(*ips));
	h->stacks = xcalloc(events->n_stacks, sizeof(*h->stacks));
	for (size_t i = 0; i < events->n_stacks; i++)
		h->stacks[i] = put_stack(h, &events->stacks[i].stack, ips);
	free(ips);
}

/* ---- events */

static int by_id(const void *a, const void *b)
{
	const struct report_event_stack *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static void add_info(struct heaptrack *h, const struct report_events *events, const struct log_event *event)
{
	const struct report_event_stack key = {.id = event->stack}, *found = NULL;

	if (events->n_stacks)
		found = bsearch(&key, events->stacks, events->n_stacks, sizeof(key), by_id);
	h->infos = xgrow(h->infos, &h->cap_infos, h->n_infos + 1, sizeof(*h->infos));
	h->infos[h->n_infos++] = (struct info){event->value, found ? h->stacks[found - events->stacks] : 0, NO_NUMBER};
}

/* The whole log, an event at a time. */
static void each_event(struct heaptrack *h, const struct report_events *events, struct out *out,
		       void (*visit)(struct heaptrack *h, const struct report_events *events,
				     const struct log_event *event))
{
	struct log_reader *reader = xcalloc(1, sizeof(*reader));
	struct log_event event;

	reader->log = events->log;
	while (event_log_next(reader, &event))
		visit(h, events, &event);
	if (reader->errnum)
		out_fail(out, reader->errnum);
	free(reader);
}

static void gather_infos(struct heaptrack *h, const struct report_events *events, const struct log_event *event)
{
	if (event->kind == LOG_INFO)
		add_info(h, events, event);
	else if (event->kind == LOG_ALLOCATED && h->infos[event->value - 1].number == NO_NUMBER)
		h->infos[event->value - 1].number = h->n_numbered++;
}

static int by_number(const void *a, const void *b)
{
	const struct info *const *x = a, *const *y = b;

	return ((*x)->number > (*y)->number) - ((*x)->number < (*y)->number);
}

static void put_info(struct heaptrack *h, const struct info *info)
{
	put_line(h, 'a', info->size_bytes);
	put_number(h, info->node);
	put_end(h);
}

static void put_infos(struct heaptrack *h)
{
	const struct info **order = xcalloc(h->n_infos + 1, sizeof(*order));

	for (size_t i = 0; i < h->n_infos; i++) {
		if (h->infos[i].number == NO_NUMBER)
			h->infos[i].number = h->n_numbered++;
		order[i] = &h->infos[i];
	}
	if (h->n_infos > 1)
		qsort(order, h->n_infos, sizeof(*order), by_number);
	for (size_t i = 0; i < h->n_infos; i++)
		put_info(h, order[i]);
	if (h->n_infos)
		put_info(h, order[0]);
	free(order);
}

/* How the log's info is called in an event. */
static uint64_t number_of(const struct heaptrack *h, const struct log_event *event)
{
	uint32_t number = h->infos[event->value - 1].number;

	if (number == 0 && event->kind == LOG_FREED && h->allocated != event->value)
		return h->n_infos;
	return number;
}

static void put_event(struct heaptrack *h, const struct report_events *events, const struct log_event *event)
{
	(void)events;
	switch (event->kind) {
	case LOG_INFO:
		return;
	case LOG_ALLOCATED:
		put_line(h, '+', number_of(h, event));
		h->allocated = event->value;
		break;
	case LOG_FREED:
		put_line(h, '-', number_of(h, event));
		h->allocated = 0;
		break;
	case LOG_TIME:
		put_line(h, 'c', event->value);
		break;
	case LOG_RESIDENT:
		put_line(h, 'R', event->value / PAGE_BYTES);
	}
	put_end(h);
}

static void put_header(struct heaptrack *h)
{
	const struct report_process *process = h->process;

	put_line(h, 'v', MADE_BY);
	put_number(h, FORMAT);
	put_end(h);
	put_char(h, 'X');
	for (size_t i = 0; process && i < process->argc; i++) {
		put_char(h, ' ');
		put_text(h, process->argv[i]);
	}
	put_end(h);
	put_line(h, 'I', PAGE_BYTES);
	put_number(h, 0); /* the machine's pages: not known */
	put_end(h);
}

void render_heaptrack(const struct report *report, const struct render_options *options, struct out *out)
{
	struct heaptrack *h = xcalloc(1, sizeof(*h));
	const struct report_events *events;

	h->packing = packing_new(out, options->packing);
	h->process = report_largest_process(report);
	events = h->process ? h->process->events : NULL;
	put_header(h);
	if (events) {
		put_stacks(h, events);
		each_event(h, events, out, gather_infos);
		put_infos(h);
		each_event(h, events, out, put_event);
	}
	if (h->process && h->process->duration_seconds > 0) {
		put_line(h, 'c', (uint64_t)(h->process->duration_seconds * 1e3 + 0.5));
		put_end(h);
	}
	flush(h);
	packing_finish(h->packing);
	pprof_index_release(&h->strings);
	pprof_index_release(&h->ips);
	pprof_index_release(&h->nodes);
	free(h->stacks);
	free(h->infos);
	free(h);
}
