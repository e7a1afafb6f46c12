/*
 * When to read a process's pipe: as soon as something comes; but of one that writes steadily every millisecond or two,
 * so that not each of its writes has to wake us, which costs the writer more than the copying of what it writes. The
 * faster it writes the shorter the rest, lest it fill the pipe meanwhile and have to wait; none if it writes as fast as
 * we read.
 */
#ifndef CLI_INGEST_PIPE_WAIT_H
#define CLI_INGEST_PIPE_WAIT_H

#include <stdbool.h>
#include <stddef.h>

struct event_base;
struct pipe_wait;

/* The pipe must have its size by now. `ready` is called when it may have something, or has no writer any more. Off at
 * first. */
struct pipe_wait *pipe_wait_new(struct event_base *base, int fd, void (*ready)(void *ctx), void *ctx);
void pipe_wait_free(struct pipe_wait *wait);

void pipe_wait_on(struct pipe_wait *wait);
void pipe_wait_off(struct pipe_wait *wait);

/* After `ready` has read, while on: how much there was. */
void pipe_wait_read(struct pipe_wait *wait, size_t n_bytes);

/* Whether what comes now would not wake us. */
bool pipe_wait_rests(const struct pipe_wait *wait);

#endif
