/*
 * What is done regularly while programs run: points of the history, thresholds of the limit, the lines of --watch. One
 * timer serves all processes. A process is sampled every 10 ms at first, then ever less often as it grows older (each
 * hundredth of its age), until --interval: so that a short run has a history too, and a long one costs nothing.
 */
#ifndef CLI_MONITOR_MONITOR_H
#define CLI_MONITOR_MONITOR_H

#include "cli/base/err.h"
#include "cli/monitor/command.h"
#include "cli/session/tracker.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct monitor;
struct event_base; /* libevent's */

/* Uses all three until monitor_close(). NULL and `err` on failure. */
struct monitor *monitor_open(struct tracker *tracker, const struct signals *signals, struct event_base *base,
			     struct err *err);
void monitor_close(struct monitor *monitor); /* NULL is accepted */

/* A process has started, is about to end with its memory still there, has ended: before the tracker's report of it. */
void monitor_start(struct monitor *monitor, struct tracked *tracked);
void monitor_ending(struct monitor *monitor, struct tracked *tracked);
void monitor_end(struct monitor *monitor, struct tracked *tracked);

/* Has `run` called every `period_ns`, with the time (CLOCK_MONOTONIC). At most MONITOR_TASKS_MAX. */
#define MONITOR_TASKS_MAX 8
void monitor_every(struct monitor *monitor, uint64_t period_ns, void (*run)(void *ctx, uint64_t now_ns), void *ctx);

/* The same, but the first time after `first_ns`, then after twice that, and so on until `period_ns`. */
void monitor_soon_every(struct monitor *monitor, uint64_t first_ns, uint64_t period_ns,
			void (*run)(void *ctx, uint64_t now_ns), void *ctx);

/* A child of ours has ended: one of the commands, perhaps. */
void monitor_reap(struct monitor *monitor);

/* Whether commands still run or are to be run. */
bool monitor_busy(const struct monitor *monitor);

#endif
