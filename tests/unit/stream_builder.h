/* Builds streams of records for tests: words of one stream, and frames around them. */
#ifndef TESTS_UNIT_STREAM_BUILDER_H
#define TESTS_UNIT_STREAM_BUILDER_H

#include "common/wire.h"

#include <string.h>

#define BUILDER_WORDS 8100

struct builder {
	uint64_t words[BUILDER_WORDS];
	size_t n;
};

static inline void add_words(struct builder *b, const uint64_t *words, size_t n)
{
	memcpy(b->words + b->n, words, n * 8);
	b->n += n;
}

static inline void add_one(struct builder *b, uint64_t word)
{
	add_words(b, &word, 1);
}

static inline void add_alloc(struct builder *b, uint64_t addr, uint64_t size, uint32_t stack)
{
	add_one(b, wire_addr_word(WIRE_ALLOC, addr, WIRE_KIND_MALLOC));
	add_one(b, wire_size_word(size, stack));
}

static inline void add_free(struct builder *b, uint64_t addr)
{
	add_one(b, wire_addr_word(WIRE_FREE, addr, WIRE_KIND_FREE));
}

static inline void add_stamp(struct builder *b, uint64_t ticks)
{
	add_one(b, ticks << 4 | WIRE_STAMP);
}

static inline void add_realloc_begin(struct builder *b, uint64_t addr)
{
	add_one(b, wire_addr_word(WIRE_REALLOC_BEGIN, addr, WIRE_KIND_REALLOC));
}

static inline void add_realloc_end(struct builder *b, uint64_t addr, enum wire_realloc result, uint64_t size,
				   uint32_t stack)
{
	add_one(b, wire_addr_word(WIRE_REALLOC_END, addr, WIRE_KIND_REALLOC) | (uint64_t)result << 4);
	add_one(b, wire_size_word(size, stack));
}

static inline void add_node(struct builder *b, uint32_t id, uint32_t parent, uint64_t ip, unsigned flags)
{
	add_one(b, ip << 16 | (uint64_t)flags << 8 | WIRE_NODE);
	add_one(b, (uint64_t)parent << 32 | id);
}

/* An EXT record with a payload of any length, padded. */
static inline void add_ext(struct builder *b, enum wire_ext type, uint32_t aux, const void *bytes, size_t n_bytes)
{
	size_t n_words = (n_bytes + 7) / 8;

	add_one(b, wire_ext_word(type, (unsigned)n_words, aux));
	memset(b->words + b->n, 0, n_words * 8);
	memcpy(b->words + b->n, bytes, n_bytes);
	b->n += n_words;
}

static inline void add_text(struct builder *b, enum wire_ext type, const char *text, size_t n_bytes)
{
	add_ext(b, type, (uint32_t)n_bytes, text, n_bytes);
}

static inline void add_hello(struct builder *b, uint32_t pid, enum wire_start start_kind)
{
	struct wire_hello hello = {.version = WIRE_VERSION,
				   .pid = pid,
				   .ppid = 1,
				   .start = start_kind,
				   .tsc = 1,
				   .monotonic_ns = 1000,
				   .parent_slot = UINT32_MAX};

	add_ext(b, WIRE_HELLO, 0, &hello, sizeof(hello));
}

static inline void add_thread(struct builder *b, uint32_t tid, const char *name)
{
	char text[16] = {0};

	strncpy(text, name, sizeof(text) - 1);
	add_ext(b, WIRE_THREAD, tid, text, sizeof(text));
}

static inline void add_module(struct builder *b, uint32_t id, uint64_t begin, uint64_t end, const char *path)
{
	char text[sizeof(struct wire_module) + 64] = {0};
	struct wire_module module = {.id = id, .bias = begin, .start = begin, .end = end, .build_id_bytes = 4};

	memcpy(text, &module, sizeof(module));
	strncpy(text + sizeof(module), path, 63);
	add_ext(b, WIRE_MODULE_LOAD, (uint32_t)strlen(path), text, sizeof(module) + strlen(path));
}

/* Header and payload one after the other at `out`; returns the number of bytes. */
static inline size_t make_frame(void *out, uint32_t pid, uint32_t stream, uint32_t seq, const struct builder *b)
{
	struct wire_frame header;

	wire_frame_init(&header, pid, stream, seq, (uint32_t)b->n * 8);
	memcpy(out, &header, sizeof(header));
	memcpy((char *)out + sizeof(header), b->words, b->n * 8);
	return sizeof(header) + b->n * 8;
}

#endif
