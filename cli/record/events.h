/*
 * The events of EVENTS records, packed: a program's own are much alike, so that most take 3 to 8 bytes of the 24 of a
 * struct mem_event, before zstd. One struct events_packer for each record; packer and unpacker keep the same memory of
 * what they have seen of it.
 *
 *   batch   u8 number of events, 1 to MEM_EVENT_BATCH; u16 stream; the events
 *   event   u8 op | near << 4 | EVENTS_KNOWN | EVENTS_RESULT; u8 kind; EVENTS_RESULT: u8 result; then
 *           EVENTS_KNOWN   u8 place: a free of the block that was put last at this place of the memory
 *           otherwise      u8 lengths: of what follows, in bytes, by the tables in events.c: bits 0 to 2 of the
 *                          address's difference, 3 to 5 of the size, 6 and 7 of the stack's difference; then these
 *
 * Differences are those to the event before that was, or was not, a NODE as well; their sign is in the lowest bit. The
 * memory has EVENTS_PLACES blocks of ALLOC and REALLOC_END, by bits 4 and up of their address.
 */
#ifndef CLI_RECORD_EVENTS_H
#define CLI_RECORD_EVENTS_H

#include "cli/base/pack.h"
#include "cli/model/event.h"

#include <stddef.h>
#include <stdint.h>

#define EVENTS_KNOWN     0x40u
#define EVENTS_RESULT    0x80u
#define EVENTS_PLACES    256u
#define EVENTS_BATCH_MAX (3 + MEM_EVENT_BATCH * 23) /* bytes of a batch */

struct events_block {
	uint64_t addr, size_bytes;
	uint32_t stack;
	uint8_t kind;
};

struct events_last {
	uint64_t addr;
	uint32_t stack;
};

/* Zeroed at the begin of a record. */
struct events_packer {
	struct events_last last[2]; /* of a NODE: [1] */
	struct events_block blocks[EVENTS_PLACES];
};

/* Packs 1 to MEM_EVENT_BATCH events of one stream, with addresses of WIRE_ADDR_BITS, to `to`, where EVENTS_BATCH_MAX
 * bytes and 8 that may be spoilt must be; returns the bytes used. */
size_t events_pack(struct events_packer *packer, const struct mem_event *events, size_t n, uint8_t *to);

/* The next batch, of at most MEM_EVENT_BATCH: how many; 0 when it is no batch, and from->bad is set. What the events
 * say is not looked at. */
size_t events_unpack(struct events_packer *packer, struct unpack *from, struct mem_event *events);

#endif
