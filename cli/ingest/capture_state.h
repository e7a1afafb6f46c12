/* The private part of a capture, shared by capture.c (the session) and life.c (a process). */
#ifndef CLI_INGEST_CAPTURE_STATE_H
#define CLI_INGEST_CAPTURE_STATE_H

#include "cli/ingest/capture.h"
#include "cli/ingest/folder.h"
#include "cli/ingest/forks.h"
#include "cli/ingest/takers.h"
#include "cli/ingest/watched.h"

struct capture {
	struct capture_observer observer;
	const struct intake_tap *tap; /* NULL = none */
	struct event_base *base;
	struct folder folder;
	struct reader reader;
	struct forks forks;
	struct watched **items; /* in the order of their slots; DONE ones are swept out */
	size_t n_items, cap_items;
	uint32_t n_slots; /* ever made */
	uint32_t spare;
	uint32_t seen_next; /* the session's next_slot at the last look for takers */
	struct takers takers;
	struct event *takers_event, *tick_event;
	int depth; /* of calls that walk items[]: sweep at 0 only */
	bool follow;
};

/* Around all that walks items[]: what is done is freed when the last one leaves. */
void capture_enter(struct capture *capture);
void capture_leave(struct capture *capture);

/* If slots were taken since the last look: sees to their takers, and that more are ready. Costs next to nothing. */
void capture_serve_takers(struct capture *capture);

/* Somebody waits for us to look: soon, then. */
void capture_hurry(struct capture *capture);

#endif
