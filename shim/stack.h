/*
 * Call stacks as node ids (common/wire.h). The usual walk uses the cached rules of cfi.h and, as consecutive
 * stacks share most of their outer frames, the frames of the writer's previous stack: where a frame has the same ip and
 * sp as one of them, and every word that the walk from there read last time still holds the same value, the rest of the
 * stack is the same. That is exact: a walk depends on nothing else. Frames whose walk depends on more (signal frames,
 * expressions) are barriers across which nothing is taken over.
 */
#ifndef SHIM_STACK_H
#define SHIM_STACK_H

#include "shim/arch_x86_64.h"
#include "shim/cfi.h"
#include "shim/memo.h"
#include "shim/process.h"

#include <stdint.h>

#define STACK_MAX_FRAMES 1024 /* deeper stacks are cut at the outer end and marked */
#define STACK_RULES      1024

struct writer;

struct stack_frame {
	uint64_t ip, sp, bp;
	const uint64_t *ra_slot; /* where the caller's ip was read */
	const uint64_t *bp_slot; /* where the caller's bp was read, NULL: the caller does not depend on it */
	uint64_t path;           /* mw_node_path() */
	uint32_t node;           /* 0 = not asked for yet */
	uint8_t exact;           /* ip is an interrupted instruction's */
	uint8_t barrier;         /* the step to the caller depends on more than the two slots */
	uint8_t needs_bp;        /* this frame or a caller's CFA depends on this bp */
	uint8_t kind;            /* enum rule_kind */
};

extern const uint64_t mw_no_slot; /* "the caller's ip" of an outermost frame that has no slot: 0 */

/* A writer's memory of the last stack and of the rules met; starts as zeros. */
struct stack_cache {
	uint32_t epoch;   /* of the process when filled */
	uint32_t n;       /* frames of the last stack, frames[0] the outermost; 0: not to be used again */
	uint32_t n_fresh; /* frames that the last walk made anew, fresh[0] the innermost */
	bool cut;         /* frames[0] is not the outermost of all */
	struct rule rules[STACK_RULES];
	/* of frames[], what the check of each deeper frame reads, close together */
	uint64_t ips[STACK_MAX_FRAMES];
	const uint64_t *ra_slots[STACK_MAX_FRAMES];
	uint8_t special[STACK_MAX_FRAMES]; /* a barrier, or bp_slot counts too */
	uint16_t beyond[STACK_MAX_FRAMES]; /* of the memo: the part that ends just beyond the frame; 0 = none does */
	struct stack_frame frames[STACK_MAX_FRAMES];
	struct stack_frame fresh[STACK_MAX_FRAMES]; /* while walking: innermost first */
	struct stack_memo memo;                     /* at the end, as far as it was allocated */
};

/* The node of the stack that `at` is the innermost frame of. May put NODE and MODULE records. */
uint32_t mw_stack_capture(struct writer *w, const struct regs *at);

#endif
