/* The one thread that the shim ever makes: at the program's wish, it watches the live bytes and calls back. */
#ifndef SHIM_MONITOR_H
#define SHIM_MONITOR_H

#include "common/memwatch.h"

#include <stdbool.h>

/* As memwatch_monitor_start() and memwatch_monitor_stop(); not in signal handlers. */
bool mw_monitor_start(uint64_t max_bytes, unsigned interval_ms, memwatch_monitor_callback callback, void *ctx);
bool mw_monitor_stop(void);

/* What the program has allocated. False if there is no answer. */
bool mw_monitor_stats(struct memwatch_stats *stats, uint64_t sp);

#endif
