/* One piece of work done by several threads at once, the caller's among them. */
#ifndef CLI_BASE_CREW_H
#define CLI_BASE_CREW_H

#define CREW_MAX 8u

/* How many threads are worth while for so much work, of which `share` is enough for one: 1 to CREW_MAX, and no more
 * than there are processors for this process. */
unsigned crew_size(unsigned long work, unsigned long share);

/* What the caller's thread does while it waits for the others; it is called again and again. */
struct crew_wait {
	void (*meanwhile)(void *ctx); /* NULL: nothing, it works with them */
	void *ctx;
};

struct crew {
	unsigned n; /* threads, at most CREW_MAX */
	struct crew_wait wait;
};

/* Runs `work` with each number below `n`, each in a thread of its own, 0 in the caller's if that has nothing else to
 * do; returns when all are done. If a thread cannot be had, the caller does what was meant for it. The threads take no
 * signals. */
void crew_run(const struct crew *crew, void (*work)(void *ctx, unsigned member), void *ctx);

#endif
