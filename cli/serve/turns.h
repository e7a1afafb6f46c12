/*
 * Work on the session's loop that costs something: it is done piece by piece, so that the loop reads the programs'
 * pipes in between, and what needs nothing of the session in a thread beside the loop. One piece of work has the turn
 * until it is done. All together take no more than a fourth of the time, the thread's included: when more has been
 * spent, counting from a second ago, the next one waits.
 */
#ifndef CLI_SERVE_TURNS_H
#define CLI_SERVE_TURNS_H

#include <stdint.h>

#define TURNS_PIECE_NS UINT64_C(3000000) /* a piece should not take longer, for the pipes' sake */

struct event_base; /* libevent's */
struct turns;

/* One piece of work; its owner keeps it in place until turns_end(). Zeroed = it has not asked for anything. */
struct turn {
	void (*work)(void *ctx); /* called in the loop; NULL = it does not wait for a turn */
	void *ctx;
	uint64_t due_ns;
	struct turn *next; /* those that wait, or have the turn, in the order that they came */
};

struct turns *turns_new(struct event_base *base);
void turns_free(struct turns *turns); /* turns_end() must have been called for all; NULL is accepted */

/* Has `work` called when `delay_ns` are over and nobody has the turn. When it returns, the turn is over, unless it has
 * called one of the next two. */
void turns_wait(struct turns *turns, struct turn *turn, uint64_t delay_ns, void (*work)(void *ctx), void *ctx);

/* For the work: has `work` called when `pause_ns` are over and the loop has seen to all that is ready besides. */
void turns_again(struct turns *turns, struct turn *turn, uint64_t pause_ns, void (*work)(void *ctx));

/* For the work: has `make` called in a thread, and `then` in the loop when that is done. What `make` touches belongs to
 * the thread meanwhile. */
void turns_aside(struct turns *turns, struct turn *turn, void (*make)(void *ctx), void (*then)(void *ctx));

/* It is done, or no longer wanted: it neither waits nor has the turn any more. Waits for the end of its `make`. */
void turns_end(struct turns *turns, struct turn *turn);

#endif
