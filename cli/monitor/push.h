/*
 * --push: metrics to a Pushgateway, profiles to a Pyroscope, every --push-every and at the end. A profile has what the
 * program has allocated since the one before, and what is live. Nothing waits for a server but memwatch's own end, for
 * at most PUSH_SECONDS; what cannot be sent is told on standard error, and changes no status.
 */
#ifndef CLI_MONITOR_PUSH_H
#define CLI_MONITOR_PUSH_H

#include "cli/analysis/report.h"
#include "cli/monitor/monitor.h"
#include "cli/session/tracker.h"

struct push;
struct event_base; /* libevent's */

/* NULL if the options do not ask for it; every function here accepts that. `tracker` must outlive `monitor`. */
struct push *push_open(struct tracker *tracker, struct monitor *monitor, struct event_base *base);

/* A process has ended, and its model is still there. */
void push_ended(struct push *push, struct tracked *tracked);

/* Before the event base goes: what is on its way is given up. */
void push_stop(struct push *push);

/* Sends what is left, `report` being that of the whole run (NULL = there is none), and frees. */
void push_finish(struct push *push, const struct report *report);

#endif
