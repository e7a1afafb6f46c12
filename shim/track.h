/*
 * Recording of events: what entry*.c and the unit tests call. Never touches errno. Any thread, any context. `at` is the
 * caller of the function that the program called.
 */
#ifndef SHIM_TRACK_H
#define SHIM_TRACK_H

#include "shim/arch_x86_64.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A block's address in a form that a leak scan does not take for one. While calls are made on behalf of a new block it
 * is kept so: what our frames leave behind on the stack may lie in a later frame of the program, and would hold the
 * block. The compiler must not see through it.
 */
static inline uint64_t track_hidden(const void *p)
{
	uint64_t hidden = ~(uint64_t)(uintptr_t)p;

	__asm__("" : "+r"(hidden));
	return hidden;
}

static inline void *track_shown(uint64_t hidden)
{
	__asm__("" : "+r"(hidden));
	return (void *)(uintptr_t)~hidden;
}

/* After the real call, before the program has the block; with p NULL a failure. Returns p: a caller that has nothing
 * else to do need not keep it. */
void *mw_track_alloc(void *p, size_t size_bytes, unsigned kind, const struct regs *at);

/* What mw_quick_alloc() (quick.h) has left to be done: `how` is what it returned and its `head`, the other three are a
 * struct regs. Returns p. All in registers, so that who calls it last needs no frame for it. */
void *mw_track_alloc_rest(void *p, size_t size_bytes, uint32_t how, uint64_t ip, uint64_t sp, uint64_t bp);

/* Before the real call; p is not NULL. */
void mw_track_free(const void *p, unsigned kind, const struct regs *at);

/* The same and the real call, for mw_quick_free(); in registers, as above. */
void mw_track_free_rest(void *p, unsigned kind, uint64_t ip, uint64_t sp, uint64_t bp);

/* Before one of these two: its stack, which is recorded anyway of those that do not fit. */
void mw_track_free_stack(const void *p, const struct regs *at);

/* Around the real call of a realloc of a block: begin before, end after, in the same thread. `p` NULL: failed, or freed
 * if the size was 0. The second returns p as mw_track_alloc() does. */
void mw_track_realloc_begin(const void *old, const struct regs *at);
void *mw_track_realloc_end(void *p, size_t size_bytes, unsigned kind, const struct regs *at);

/* The program's own mappings; unmap before the real call, map after it. */
void mw_track_map(const void *p, size_t length_bytes, unsigned kind, const struct regs *at);
void mw_track_unmap(const void *p, size_t length_bytes, unsigned kind, const struct regs *at);

/* A record of no address: type, aux and a string (may be empty). */
void mw_track_ext(unsigned type, uint32_t aux, const char *string);

/* A record about an address: type, aux, words[0] = the address, and what else there is, at most 16 words in all. False
 * if it could not be recorded. */
bool mw_track_about(unsigned type, uint32_t aux, const uint64_t *words, uint32_t n_words, const struct regs *at);

/* A point in time, with a name: WIRE_MARK or WIRE_SNAPSHOT. */
bool mw_track_mark(unsigned type, const char *name, const struct regs *at);

/* From here on what this thread allocates is ignored (+1), or one reason for it is gone (-1). */
void mw_track_ignore(int change, const struct regs *at);

/* Before fork(): a stamped WIRE_FORK with a new serial. After it, in both processes: mw_track_forked(). */
void mw_track_fork(void);
void mw_track_forked(void);

/* Operator new or delete are the program's own, or a library's that does not give whole blocks. */
void mw_track_operators(void);

#endif
