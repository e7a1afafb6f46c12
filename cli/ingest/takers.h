/*
 * Wakes an event loop when a process takes a slot of the session, or waits for one: a thread that sleeps on the futex
 * `takers` (common/shm.h) makes a descriptor readable. (inotify on the folder would do it too, but to end it takes the
 * kernel 4 to 17 ms, in which the session cannot end.)
 */
#ifndef CLI_INGEST_TAKERS_H
#define CLI_INGEST_TAKERS_H

#include "common/shm.h"

#include <pthread.h>
#include <stdbool.h>

struct takers {
	struct shm_session *session;
	int fd; /* an eventfd, to be read when it is readable; -1 = cannot be had: look now and then */
	pthread_t thread;
	_Atomic bool stop;
};

void takers_start(struct takers *takers, struct shm_session *session);

/* Also of one that could not be started. */
void takers_stop(struct takers *takers);

#endif
