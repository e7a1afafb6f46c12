/*
 * Reports of running processes that are made bit by bit, so that whoever makes them can do something else in between
 * (analysis/build.h: all numbers are of the beginning). Should a process end meanwhile, its tracker completes them.
 */
#ifndef CLI_SESSION_PARTS_H
#define CLI_SESSION_PARTS_H

#include "cli/analysis/build.h"
#include "cli/session/tracker.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct part {
	struct tracked *tracked;
	struct report_rest *rest;
	size_t at; /* of the report's processes */
};

/* All zero at the start. */
struct parts {
	struct part *items;
	size_t n, cap;
	size_t n_settled; /* for parts_settle(): of the processes … */
	uint32_t settled; /* … and the stacks of the next one, up to this id */
	bool complete;
};

/* Which stacks of a process are the same takes long to find out, once for each. Does as many of these processes' as
 * `ns` suffice for; true when it is known of all. Meant to be called before their reports begin. */
bool parts_settle(struct parts *parts, struct tracked *const *processes, size_t n, uint64_t ns);

/* Takes over `rest`, which a function of tracker.h has begun for the report's process number `at`. */
void parts_add(struct parts *parts, struct tracked *tracked, struct report_rest *rest, size_t at);

/* Names stacks of one report until the clock is at `end_ns`. True when all are named. */
bool parts_name_until(struct report_rest *rest, uint64_t end_ns);

/* Names stacks for `ns`. True when all are named. */
bool parts_name(struct parts *parts, uint64_t ns);

/* Does all that is left to be done with the session. */
void parts_complete(struct parts *parts);

/* Completes and adds them to the report, and frees. Of complete ones in any thread. */
void parts_end(struct parts *parts, struct report *report);

#endif
