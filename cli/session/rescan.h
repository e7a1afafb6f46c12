/*
 * Leak scans while programs run, of each watched process: by time (--scan-every), and each time that its live bytes
 * have grown by so many percent since its last scan (--scan-percent), as GOGC has a garbage collector run.
 */
#ifndef CLI_SESSION_RESCAN_H
#define CLI_SESSION_RESCAN_H

#include "cli/session/tracker.h"

struct event_base; /* libevent's */

struct rescan;

/* NULL if the tracker's options ask for none. */
struct rescan *rescan_new(struct tracker *tracker, struct event_base *base);
void rescan_free(struct rescan *rescan); /* NULL is accepted */

/* Live bytes at which a process is scanned that had `scanned_bytes` at its last scan; 0 if there was none. Not less
 * than `percent` of 4 MiB: the first megabytes of a program double all the time. */
uint64_t rescan_threshold(uint64_t scanned_bytes, unsigned percent);

#endif
