/*
 * A piece is a row of records, each a number whose two lowest bits are an op, and what the op has behind it. Numbers
 * have seven bits in a byte, low ones first, the highest bit telling that more follow.
 */
#include "cli/analysis/event_log.h"

#include "cli/base/xalloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define RECORD_MAX  ((size_t)32) /* bytes of a record, at most 3 numbers */
#define BYTES_FIRST ((size_t)1024)
_Static_assert(SPOOL_PIECE_MAX % BYTES_FIRST == 0, "doubled until it is a piece");
#define SLOTS_FIRST ((size_t)256)
#define SLOTS_MAX   ((size_t)1 << 16) /* infos that are remembered: more than most programs have */

enum op {
	OP_ALLOCATED, /* number: info */
	OP_FREED,
	OP_TIME,  /* number: milliseconds since the last */
	OP_OTHER, /* number: 0: an info; its size, its stack; 1: resident; bytes */
};

struct info {
	uint64_t size_bytes;
	uint32_t stack;
	uint32_t number, second; /* 0 = none yet */
};

struct event_log {
	struct spool *spool;
	uint8_t *bytes; /* of the piece in the making */
	size_t used, cap;
	struct spool_piece *pieces;
	size_t n_pieces, cap_pieces;
	struct info *slots; /* by hash; of those that have the same the last one told of */
	size_t n_slots, n_used;
	uint32_t n_infos;
	uint32_t ms;
	uint64_t last_addr; /* of the allocation just before, and its info; 0 = it was something else */
	uint32_t last_info;
};

/* ---- writing */

struct event_log *event_log_new(struct spool *spool)
{
	struct event_log *log = xcalloc(1, sizeof(*log));

	log->spool = spool;
	log->n_slots = SLOTS_FIRST;
	log->slots = xcalloc(log->n_slots, sizeof(*log->slots));
	return log;
}

void event_log_free(struct event_log *log)
{
	if (!log)
		return;
	free(log->bytes);
	free(log->pieces);
	free(log->slots);
	free(log);
}

static void put_piece(struct event_log *log)
{
	if (log->used == 0)
		return;
	log->pieces = xgrow(log->pieces, &log->cap_pieces, log->n_pieces + 1, sizeof(*log->pieces));
	log->pieces[log->n_pieces++] = spool_put(log->spool, log->bytes, log->used);
	log->used = 0;
}

static inline void put_number(struct event_log *log, uint64_t value)
{
	for (; value >= 0x80; value >>= 7)
		log->bytes[log->used++] = (uint8_t)(value | 0x80);
	log->bytes[log->used++] = (uint8_t)value;
}

/* Begins a record. */
static inline void put_op(struct event_log *log, enum op op, uint64_t number)
{
	if (log->used + RECORD_MAX > log->cap) {
		if (log->cap == SPOOL_PIECE_MAX) {
			put_piece(log);
		} else {
			log->cap = log->cap ? log->cap * 2 : BYTES_FIRST;
			log->bytes = xreallocarray(log->bytes, log->cap, 1);
		}
	}
	put_number(log, number << 2 | op);
}

static inline void put_time(struct event_log *log, uint32_t ms)
{
	if (ms <= log->ms)
		return;
	put_op(log, OP_TIME, ms - log->ms);
	log->ms = ms;
}

static inline struct info *slot_of(const struct event_log *log, uint32_t stack, uint64_t size_bytes)
{
	uint64_t h = (size_bytes * UINT64_C(0x9e3779b97f4a7c15) + stack) * UINT64_C(0xff51afd7ed558ccd);

	return &log->slots[h >> 40 & (log->n_slots - 1)];
}

static void grow(struct event_log *log)
{
	struct info *old = log->slots;
	size_t n_old = log->n_slots;

	log->n_slots *= 2;
	log->slots = xcalloc(log->n_slots, sizeof(*log->slots));
	log->n_used = 0;
	for (size_t i = 0; i < n_old; i++) {
		struct info *slot = slot_of(log, old[i].stack, old[i].size_bytes);

		if (!old[i].number)
			continue;
		log->n_used += !slot->number;
		*slot = old[i];
	}
	free(old);
}

static uint32_t tell_info(struct event_log *log, uint32_t stack, uint64_t size_bytes)
{
	put_op(log, OP_OTHER, 0);
	put_number(log, size_bytes);
	put_number(log, stack);
	return ++log->n_infos;
}

static inline struct info *info_of(struct event_log *log, uint32_t stack, uint64_t size_bytes)
{
	struct info *info = slot_of(log, stack, size_bytes);

	if (info->number && info->stack == stack && info->size_bytes == size_bytes)
		return info;
	if (!info->number && ++log->n_used > log->n_slots / 2 && log->n_slots < SLOTS_MAX) {
		grow(log);
		info = slot_of(log, stack, size_bytes);
	}
	*info = (struct info){.size_bytes = size_bytes, .stack = stack, .number = tell_info(log, stack, size_bytes)};
	return info;
}

void event_log_allocated(struct event_log *log, uint64_t addr, uint32_t stack, uint64_t size_bytes, uint32_t ms)
{
	put_time(log, ms);
	log->last_info = info_of(log, stack, size_bytes)->number;
	log->last_addr = addr;
	put_op(log, OP_ALLOCATED, log->last_info);
}

void event_log_freed(struct event_log *log, uint64_t addr, uint32_t stack, uint64_t size_bytes, uint32_t ms)
{
	struct info *info = info_of(log, stack, size_bytes);
	uint32_t number = info->number;

	put_time(log, ms);
	if (number == log->last_info && addr != log->last_addr) {
		if (!info->second)
			info->second = tell_info(log, stack, size_bytes);
		number = info->second;
	}
	log->last_info = 0;
	put_op(log, OP_FREED, number);
}

void event_log_resident(struct event_log *log, uint64_t n_bytes, uint32_t ms)
{
	put_time(log, ms);
	put_op(log, OP_OTHER, 1);
	put_number(log, n_bytes);
}

void event_log_end(struct event_log *log)
{
	put_piece(log);
	free(log->bytes);
	free(log->slots);
	log->bytes = NULL;
	log->slots = NULL;
	log->cap = 0;
}

/* ---- reading */

static inline uint64_t get_number(struct log_reader *reader)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 64 && reader->at < reader->end; shift += 7) {
		uint8_t byte = reader->bytes[reader->at++];

		value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			break;
	}
	return value;
}

static bool next_piece(struct log_reader *reader)
{
	const struct event_log *log = reader->log;
	const struct spool_piece *piece;

	if (reader->n_read == log->n_pieces || reader->errnum)
		return false;
	piece = &log->pieces[reader->n_read++];
	reader->errnum = spool_take(log->spool, piece, reader->bytes);
	reader->at = 0;
	reader->end = piece->n_bytes;
	return !reader->errnum;
}

static void get_other(struct log_reader *reader, uint64_t number, struct log_event *event)
{
	*event = (struct log_event){.kind = number ? LOG_RESIDENT : LOG_INFO, .value = get_number(reader)};
	if (event->kind == LOG_INFO)
		event->stack = (uint32_t)get_number(reader);
}

bool event_log_next(struct log_reader *reader, struct log_event *event)
{
	uint64_t number;

	if (reader->at == reader->end && !next_piece(reader))
		return false;
	number = get_number(reader);
	switch ((enum op)(number & 3)) {
	case OP_ALLOCATED:
		*event = (struct log_event){.kind = LOG_ALLOCATED, .value = number >> 2};
		break;
	case OP_FREED:
		*event = (struct log_event){.kind = LOG_FREED, .value = number >> 2};
		break;
	case OP_TIME:
		reader->ms += number >> 2;
		*event = (struct log_event){.kind = LOG_TIME, .value = reader->ms};
		break;
	case OP_OTHER:
		get_other(reader, number >> 2, event);
	}
	return true;
}
