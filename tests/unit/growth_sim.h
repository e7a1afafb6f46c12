/*
 * A process made of events, with a clock of its own, whose memory is of a known kind: for the tests of growth. The
 * subject has stack SIM_SUBJECT; beside it there is churn.
 */
#ifndef TESTS_UNIT_GROWTH_SIM_H
#define TESTS_UNIT_GROWTH_SIM_H

#include "cli/analysis/growth.h"
#include "cli/model/event.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#define SIM_SUBJECT 1u
#define SIM_CHURN   2u
#define SIM_HELD    64u

struct sim;

/* What happens, and how fast. */
struct sim_case {
	void (*step)(struct sim *sim, long step);
	long n_steps;
	double per_second;  /* steps */
	double slower;      /* 1; of a busy machine more */
	double jitter;      /* 0; 1: steps last randomly long */
	double churn_bytes; /* a step */
	double stall;       /* 0; the records are read this seldom: seconds, on average */
	unsigned long seed;
};

struct sim {
	const struct sim_case *how;
	struct process *process;
	struct growth growth;
	double seconds; /* now */
	uint64_t next;  /* address */
	uint64_t held[SIM_HELD];
	uint64_t *queue; /* of the subject's blocks that are to be freed one day: oldest first */
	size_t n_queue, first;
	uint64_t leaked_blocks, leaked_bytes;
	unsigned long state;
};

static inline double sim_random(struct sim *sim)
{
	sim->state = sim->state * 6364136223846793005UL + 1442695040888963407UL;
	return (double)(sim->state >> 11) / 9007199254740992.0;
}

static inline uint64_t sim_alloc(struct sim *sim, uint32_t stack, uint64_t n_bytes)
{
	const struct mem_event event = {.op = WIRE_ALLOC, .addr = sim->next, .size_bytes = n_bytes, .stack = stack};

	process_apply(sim->process, &event, 1);
	sim->next += 16;
	return event.addr;
}

static inline void sim_free(struct sim *sim, uint64_t addr)
{
	const struct mem_event event = {.op = WIRE_FREE, .addr = addr};

	if (addr)
		process_apply(sim->process, &event, 1);
}

static inline void sim_leak(struct sim *sim, uint64_t n_bytes)
{
	sim_alloc(sim, SIM_SUBJECT, n_bytes);
	sim->leaked_blocks++;
	sim->leaked_bytes += n_bytes;
}

/* At the end of the queue; there are as many places as steps, and 20 times that in a warm-up. */
static inline void sim_push(struct sim *sim, uint64_t n_bytes)
{
	sim->queue[sim->n_queue++] = sim_alloc(sim, SIM_SUBJECT, n_bytes);
}

static inline void sim_shift(struct sim *sim)
{
	sim_free(sim, sim->queue[sim->first++]);
}

static inline void sim_churn(struct sim *sim, double n_bytes)
{
	while (n_bytes > 0) {
		size_t i = (size_t)(sim_random(sim) * SIM_HELD);
		uint64_t size = 16 + (uint64_t)(sim_random(sim) * 2000);

		sim_free(sim, sim->held[i]);
		sim->held[i] = sim_alloc(sim, SIM_CHURN, size);
		n_bytes -= (double)size;
	}
}

static inline void sim_open(struct sim *sim, const struct sim_case *how)
{
	const struct wire_hello hello = {.version = WIRE_VERSION, .pid = 1, .start = WIRE_START_EXEC};
	const struct mem_event nodes[] = {{.op = WIRE_NODE, .addr = 0x1001, .stack = SIM_SUBJECT},
					  {.op = WIRE_NODE, .addr = 0x2001, .stack = SIM_CHURN}};

	*sim = (struct sim){.how = how, .process = process_new(&hello, PROCESS_RUN), .next = 0x10000};
	sim->state = how->seed * 7919 + 1;
	sim->queue = calloc((size_t)how->n_steps * 20 + 1, sizeof(*sim->queue));
	cr_assert_not_null(sim->queue);
	process_apply(sim->process, nodes, 2);
	growth_sample(&sim->growth, sim->process, 0);
}

static inline void sim_close(struct sim *sim)
{
	growth_release(&sim->growth);
	process_free(sim->process);
	free(sim->queue);
}

/* A sample is taken as the monitor does: each hundredth of its age, 10 ms at first, a second at last. */
static inline void sim_run(struct sim *sim, const struct sim_case *how)
{
	double next_sample = 0, next_read = 0;

	sim_open(sim, how);
	for (long step = 0; step < how->n_steps; step++) {
		double length = how->slower / how->per_second;

		sim->seconds += how->jitter > 0 ? -log(1 - sim_random(sim)) * length : length;
		if (sim->seconds >= next_read) {
			process_clock(sim->process, (uint64_t)(sim->seconds * 1e9));
			next_read = sim->seconds + 2 * sim_random(sim) * how->stall;
			next_sample = how->stall > 0 ? 0 : next_sample;
		}
		sim_churn(sim, how->churn_bytes);
		how->step(sim, step);
		if (sim->seconds < next_sample)
			continue;
		growth_sample(&sim->growth, sim->process, sim->seconds);
		next_sample = how->stall > 0 ? INFINITY : sim->seconds + fmin(1, fmax(0.01, sim->seconds / 100));
	}
	growth_judge(&sim->growth, sim->process, true);
}

/* NULL: nothing is said of the stack. */
static inline const struct growth_finding *sim_finding(const struct sim *sim, uint32_t stack)
{
	for (size_t i = 0; i < sim->growth.n_findings; i++)
		if (sim->growth.findings[i].stack == stack)
			return &sim->growth.findings[i];
	return NULL;
}

#endif
