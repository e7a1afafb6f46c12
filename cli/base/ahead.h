/*
 * Work in a thread of its own, ahead of the time that its outcome is needed. Between ahead_start() and ahead_finish()
 * what the work touches belongs to the thread.
 */
#ifndef CLI_BASE_AHEAD_H
#define CLI_BASE_AHEAD_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

struct ahead {
	int niceness; /* of the thread; set before ahead_start() */
	pthread_t thread;
	bool started; /* and not yet finished */
	_Atomic bool hurry, done;
	_Atomic bool left; /* by one of the two: the other releases */
	void (*release)(void *ctx);
	void *release_ctx;
	void (*work)(void *ctx);
	void *ctx;
};

/* Begins, unless there is a piece of work already or no thread can be had: false. The thread takes no signals. */
bool ahead_start(struct ahead *ahead, void (*work)(void *ctx), void *ctx);

/* Tells the work that somebody waits for it. */
void ahead_hurry(struct ahead *ahead);

/* For the work: whether somebody does. */
bool ahead_hurried(const struct ahead *ahead);

/* Whether nothing is being worked on. */
bool ahead_idle(const struct ahead *ahead);

/* Waits for the end of the work. */
void ahead_finish(struct ahead *ahead);

/* Does not wait: what is left when the work ends is released by `release`, in the thread if that is still at work. */
void ahead_abandon(struct ahead *ahead, void (*release)(void *ctx), void *ctx);

#endif
