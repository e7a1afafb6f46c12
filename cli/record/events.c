#include "cli/record/events.h"

#include <string.h>

/* Bytes by their codes. Sizes of 7 bytes take 8. */
static const uint8_t size_lengths[8] = {0, 1, 2, 3, 4, 5, 6, 8};
static const uint8_t stack_lengths[4] = {0, 1, 2, 4};

static inline unsigned n_bytes_of(uint64_t value)
{
	return value ? 8 - (unsigned)__builtin_clzll(value) / 8 : 0;
}

/* A difference whose sign is in the lowest bit, and back. */
static inline uint64_t fold(uint64_t difference)
{
	return difference << 1 ^ (0 - (difference >> 63));
}

static inline uint64_t unfold(uint64_t folded)
{
	return folded >> 1 ^ (0 - (folded & 1));
}

static inline struct events_block *block_at(struct events_packer *packer, uint64_t addr)
{
	return &packer->blocks[addr >> 4 & (EVENTS_PLACES - 1)];
}

static inline struct events_last *last_of(struct events_packer *packer, const struct mem_event *ev)
{
	return &packer->last[ev->op == WIRE_NODE];
}

static inline void remember(struct events_packer *packer, const struct mem_event *ev)
{
	struct events_last *last = last_of(packer, ev);

	last->addr = ev->addr;
	last->stack = ev->stack;
	if (ev->op == WIRE_ALLOC || ev->op == WIRE_REALLOC_END)
		*block_at(packer, ev->addr) = (struct events_block){ev->addr, ev->size_bytes, ev->stack, ev->kind};
}

/* Whether the place of its address tells all that the free does. */
static inline bool is_known(const struct events_block *block, const struct mem_event *ev)
{
	if (ev->op != WIRE_FREE || ev->addr != block->addr || ev->addr == 0)
		return false;
	if (ev->near != MEM_NEAR)
		return (ev->size_bytes | ev->stack) == 0;
	return ev->size_bytes == block->size_bytes && ev->stack == block->stack && ev->result == block->kind;
}

static inline uint8_t *put(uint8_t *to, uint64_t value, unsigned n_bytes)
{
	memcpy(to, &value, sizeof(value)); /* what is too much is overwritten */
	return to + n_bytes;
}

static inline uint8_t *put_values(uint8_t *to, const struct events_last *last, const struct mem_event *ev)
{
	uint64_t addr = fold(ev->addr - last->addr);
	uint64_t stack = (uint32_t)fold((uint64_t)(int64_t)(int32_t)(ev->stack - last->stack));
	unsigned n_addr = n_bytes_of(addr), n_size = n_bytes_of(ev->size_bytes), n_stack = n_bytes_of(stack);
	unsigned size_code = n_size < 7 ? n_size : 7, stack_code = n_stack < 3 ? n_stack : 3;

	*to++ = (uint8_t)(n_addr | size_code << 3 | stack_code << 6);
	to = put(to, addr, n_addr);
	to = put(to, ev->size_bytes, size_lengths[size_code]);
	return put(to, stack, stack_lengths[stack_code]);
}

size_t events_pack(struct events_packer *packer, const struct mem_event *events, size_t n, uint8_t *to)
{
	uint8_t *begin = to;

	*to++ = (uint8_t)n;
	*to++ = (uint8_t)events[0].stream;
	*to++ = (uint8_t)(events[0].stream >> 8);
	for (size_t i = 0; i < n; i++) {
		const struct mem_event *ev = &events[i];
		const struct events_block *block = block_at(packer, ev->addr);
		bool known = is_known(block, ev), has_result = ev->result && !(known && ev->near == MEM_NEAR);

		*to++ = (uint8_t)(ev->op | ev->near << 4 | (known ? EVENTS_KNOWN : 0) |
				  (has_result ? EVENTS_RESULT : 0));
		*to++ = ev->kind;
		*to = ev->result;
		to += has_result;
		if (known)
			*to++ = (uint8_t)(block - packer->blocks);
		else
			to = put_values(to, last_of(packer, ev), ev);
		remember(packer, ev);
	}
	return (size_t)(to - begin);
}

static inline uint64_t get(struct unpack *from, unsigned n_bytes)
{
	uint64_t value = 0;

	if ((size_t)(from->end - from->at) < n_bytes) {
		from->bad = true;
		from->at = from->end;
		return 0;
	}
	memcpy(&value, from->at, n_bytes);
	from->at += n_bytes;
	return value;
}

static void get_values(struct unpack *from, const struct events_last *last, struct mem_event *ev)
{
	unsigned lengths = (unsigned)get(from, 1);

	ev->addr = last->addr + unfold(get(from, lengths & 7));
	ev->size_bytes = get(from, size_lengths[lengths >> 3 & 7]);
	ev->stack = last->stack + (uint32_t)unfold(get(from, stack_lengths[lengths >> 6]));
}

static void get_known(struct unpack *from, const struct events_packer *packer, struct mem_event *ev)
{
	const struct events_block *block = &packer->blocks[get(from, 1)];

	ev->addr = block->addr;
	if (ev->near != MEM_NEAR)
		return;
	ev->size_bytes = block->size_bytes;
	ev->stack = block->stack;
	ev->result = block->kind;
}

size_t events_unpack(struct events_packer *packer, struct unpack *from, struct mem_event *events)
{
	size_t n = get(from, 1);
	uint16_t stream = (uint16_t)get(from, 2);

	if (n == 0 || n > MEM_EVENT_BATCH)
		from->bad = true;
	for (size_t i = 0; i < n && !from->bad; i++) {
		struct mem_event *ev = &events[i];
		unsigned tag = (unsigned)get(from, 1);

		*ev = (struct mem_event){.op = tag & 15, .near = tag >> 4 & 3, .stream = stream};
		ev->kind = (uint8_t)get(from, 1);
		if (tag & EVENTS_RESULT)
			ev->result = (uint8_t)get(from, 1);
		if (tag & EVENTS_KNOWN)
			get_known(from, packer, ev);
		else
			get_values(from, last_of(packer, ev), ev);
		remember(packer, ev);
	}
	return from->bad ? 0 : n;
}
