/*
 * One order for the records of all streams of a process.
 *
 * Each stream is in program order by itself, and has a time: its last STAMP. Records wait in a queue per stream until
 * order_merge() is told a time below which nothing more can come (the watermark, see common/shm.h); those up to it
 * are delivered, least time first. Between two stamps the records of a stream stay together, so that the work of
 * merging is per stamp, not per record. With a single stream there is nothing to order: order_through() delivers at
 * once.
 */
#ifndef CLI_INGEST_ORDER_H
#define CLI_INGEST_ORDER_H

#include "cli/ingest/decode.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct order;

struct order *order_new(const struct decode_sink *sink);
void order_free(struct order *order);

/* Appends a payload of a stream to its queue, whose words before `from` were delivered earlier. */
void order_push(struct order *order, uint32_t stream, const struct decode_payload *payload, size_t from);

/* Delivers it at once, after all that is queued; for as long as there is one stream. */
void order_through(struct order *order, uint32_t stream, const struct decode_payload *payload, size_t from);

/* Delivers all records with a time below `watermark`. */
void order_merge(struct order *order, uint64_t watermark);

/* Delivers everything: no stream says more. */
void order_flush(struct order *order);

/* Forgets what waits. */
void order_discard(struct order *order);

/* Bytes that wait. */
size_t order_backlog(const struct order *order);

/* Bytes that were dropped because they were not records. */
uint64_t order_bad_bytes(const struct order *order);

#endif
