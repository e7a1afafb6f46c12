/* Programs whose memory is of a known kind, in runs of 10 s, 60 s and a day, on machines of all sorts. */
#include "tests/unit/growth_sim.h"

static void steady(struct sim *sim, long step)
{
	(void)step;
	sim_leak(sim, 24 + (uint64_t)(sim_random(sim) * 1000));
}

static void one_in_fifty(struct sim *sim, long step)
{
	for (int i = 0; i < 5; i++) {
		if ((step * 5 + i) % 50 == 0)
			sim_leak(sim, 1000);
		else
			sim_push(sim, 1000);
		while (sim->n_queue - sim->first > 10)
			sim_shift(sim);
	}
}

static void warm_up_and_leak(struct sim *sim, long step)
{
	if (step < sim->how->n_steps / 10)
		for (int i = 0; i < 20; i++)
			sim_alloc(sim, SIM_SUBJECT, 500);
	else
		sim_leak(sim, 500);
}

static void slow(struct sim *sim, long step)
{
	if (step % (long)fmax(1, sim->how->per_second) == 0)
		sim_leak(sim, 64);
}

static void requests(struct sim *sim, long step)
{
	if (step * 10 / sim->how->n_steps % 2)
		return;
	sim_churn(sim, 10000);
	sim_leak(sim, 300);
}

static void lru(struct sim *sim, long step)
{
	(void)step;
	sim_push(sim, 1000);
	if (sim->n_queue - sim->first > (size_t)sim->how->n_steps / 4)
		sim_shift(sim);
}

static void large_lru(struct sim *sim, long step)
{
	(void)step;
	sim_push(sim, 1000);
	if (sim->n_queue - sim->first > (size_t)sim->how->n_steps * 8 / 10)
		sim_shift(sim);
}

static void full_lru(struct sim *sim, long step)
{
	(void)step;
	sim_push(sim, 1000);
	if (sim->n_queue - sim->first > (size_t)sim->how->n_steps * 93 / 100)
		sim_shift(sim);
}

static void random_cache(struct sim *sim, long step)
{
	size_t i = (size_t)(sim_random(sim) * fmin(1000, (double)sim->how->n_steps / 4));

	(void)step;
	sim_free(sim, sim->queue[i]);
	sim->queue[i] = sim_alloc(sim, SIM_SUBJECT, 1000);
}

static void sawtooth(struct sim *sim, long step)
{
	long tooth = sim->how->n_steps / 6 + 1;

	sim_push(sim, 200);
	while (step % tooth == tooth - 1 && sim->first < sim->n_queue)
		sim_shift(sim);
}

static void two_teeth(struct sim *sim, long step)
{
	long tooth = sim->how->n_steps * 52 / 100;

	sim_push(sim, 200);
	while (step % tooth == tooth - 1 && sim->first < sim->n_queue)
		sim_shift(sim);
}

static void warm_up(struct sim *sim, long step)
{
	if (step < sim->how->n_steps / 4)
		for (int i = 0; i < 20; i++)
			sim_alloc(sim, SIM_SUBJECT, 500);
}

static void slow_warm_up(struct sim *sim, long step)
{
	/* as keys of a table that are met for the first time: ever fewer */
	if (sim_random(sim) < exp(-4.0 * (double)step / (double)sim->how->n_steps))
		sim_alloc(sim, SIM_SUBJECT, 500);
}

static void stops(struct sim *sim, long step)
{
	if (step < sim->how->n_steps * 7 / 10)
		sim_alloc(sim, SIM_SUBJECT, 1000);
}

static void table(struct sim *sim, long step)
{
	if (step && (step & (step - 1)) == 0) { /* doubles when it is full, in one block */
		sim_push(sim, (uint64_t)step * 2000);
		if (sim->n_queue - sim->first > 1)
			sim_shift(sim);
	}
}

static void few_at_random(struct sim *sim, long step)
{
	if (sim_random(sim) * (double)sim->how->n_steps < 12)
		sim_alloc(sim, SIM_SUBJECT, 100000);
	(void)step;
}

struct expected {
	const char *name;
	void (*step)(struct sim *sim, long step);
	bool grows;
};

static const struct expected kinds[] = {
	{"steady", steady, true},
	{"one in fifty", one_in_fifty, true},
	{"warm-up and leak", warm_up_and_leak, true},
	{"slow", slow, true},
	{"requests", requests, true},
	{"LRU cache", lru, false},
	{"LRU cache, turned over by a quarter", large_lru, false},
	{"LRU cache that has just begun to turn over", full_lru, false},
	{"random cache", random_cache, false},
	{"sawtooth", sawtooth, false},
	{"two teeth", two_teeth, false},
	{"warm-up", warm_up, false},
	{"slow warm-up", slow_warm_up, false},
	{"a leak that stops", stops, false},
	{"a table", table, false},
};

static void expect_one(const struct expected *kind, const struct sim_case *how)
{
	const struct growth_finding *found;
	struct sim sim;

	sim_run(&sim, how);
	found = sim_finding(&sim, SIM_SUBJECT);
	if (kind->grows) {
		double since = found ? found->judgement.since_seconds : 0, rate;

		cr_assert(found && found->judgement.verdict == GROWTH_GROWING, "%s, %.0f s: %s", kind->name,
			  sim.seconds, found ? found->judgement.why : "nothing");
		rate = (double)sim.leaked_bytes /
		       (sim.seconds - (kind->step == warm_up_and_leak ? sim.seconds / 10 : 0));
		cr_expect_float_eq(found->judgement.bytes_per_second, rate, 0.1 * rate,
				   "%s, %.0f s, since %g: %g, not %g", kind->name, sim.seconds, since,
				   found->judgement.bytes_per_second, rate);
		cr_expect(found->judgement.confidence > 0.5 && found->judgement.confidence < 1);
	} else {
		cr_expect(!found || found->judgement.verdict != GROWTH_GROWING, "%s, %.0f s, grows: %s", kind->name,
			  sim.seconds, found->judgement.why);
	}
	found = sim_finding(&sim, SIM_CHURN);
	cr_expect(!found || found->judgement.verdict != GROWTH_GROWING, "churn beside %s: %s", kind->name,
		  found ? found->judgement.why : "");
	sim_close(&sim);
}

static void expect_all(const struct sim_case *how)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		struct sim_case one = *how;

		one.step = kinds[i].step;
		expect_one(&kinds[i], &one);
	}
}

Test(growth, in_ten_seconds)
{
	expect_all(&(struct sim_case){.n_steps = 1000, .per_second = 100, .slower = 1, .churn_bytes = 20000});
}

Test(growth, in_a_minute)
{
	expect_all(&(struct sim_case){.n_steps = 6000, .per_second = 100, .slower = 1, .churn_bytes = 20000});
}

Test(growth, in_a_day)
{
	expect_all(&(struct sim_case){.n_steps = 86400, .per_second = 1, .slower = 1, .churn_bytes = 5000});
}

Test(growth, on_slow_and_busy_machines_the_same)
{
	for (unsigned long seed = 1; seed <= 5; seed++) {
		expect_all(&(struct sim_case){.n_steps = 3000,
					      .per_second = 100,
					      .slower = (double)seed,
					      .jitter = 1,
					      .churn_bytes = 10000,
					      .seed = seed});
	}
}

/* The reporter gets hardly any time: it reads late, and all at once. Leaks of few blocks may be missed then. */
Test(growth, when_records_are_read_late_nothing_else_grows)
{
	for (unsigned long seed = 1; seed <= 5; seed++) {
		for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
			const struct sim_case how = {.step = kinds[i].step,
						     .n_steps = 1000,
						     .per_second = 100,
						     .slower = 1,
						     .churn_bytes = 10000,
						     .stall = 0.4,
						     .seed = seed};

			if (!kinds[i].grows || kinds[i].step == steady)
				expect_one(&kinds[i], &how);
		}
	}
}

/* A dozen blocks that stay, at no particular times: a program's odds and ends. */
Test(growth, few_blocks_at_random_are_rarely_taken_for_growth)
{
	int n_growing = 0;

	for (unsigned long seed = 1; seed <= 200; seed++) {
		const struct sim_case how = {.step = few_at_random,
					     .n_steps = 1000,
					     .per_second = 50,
					     .slower = 1,
					     .churn_bytes = 2000,
					     .seed = seed};
		const struct growth_finding *found;
		struct sim sim;

		sim_run(&sim, &how);
		found = sim_finding(&sim, SIM_SUBJECT);
		n_growing += found && found->judgement.verdict == GROWTH_GROWING;
		sim_close(&sim);
	}
	cr_expect_leq(n_growing, 10, "%d of 200", n_growing);
}
