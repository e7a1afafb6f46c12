/* What was live at the peak, by stack, against a count that keeps all of it at each new peak. */
#include "cli/model/process.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define STACKS 40u
#define BLOCKS 500u

static uint64_t state;

static uint32_t random_below(uint32_t n)
{
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(state >> 33) % n;
}

struct amount {
	uint64_t blocks, bytes;
};

struct model {
	struct amount live[STACKS], peak[STACKS];
	uint64_t live_bytes, peak_bytes, high;
	uint64_t size[BLOCKS];
	uint32_t stack[BLOCKS];
};

static void change(struct model *m, uint32_t stack, uint64_t size, bool add)
{
	m->live[stack].blocks += add ? 1 : -UINT64_C(1);
	m->live[stack].bytes += add ? size : -size;
	m->live_bytes += add ? size : -size;
	m->high = m->live_bytes > m->high ? m->live_bytes : m->high;
	if (m->live_bytes > m->peak_bytes) {
		m->peak_bytes = m->live_bytes;
		memcpy(m->peak, m->live, sizeof(m->peak));
	}
}

static struct process *make(void)
{
	const struct wire_hello hello = {.version = WIRE_VERSION, .pid = 1, .start = WIRE_START_EXEC};

	return process_new(&hello, PROCESS_RUN);
}

static void apply(struct process *process, uint8_t op, uint64_t addr, uint64_t size, uint32_t stack)
{
	struct mem_event event = {.op = op, .addr = addr, .size_bytes = size, .stack = stack};

	if (op == WIRE_REALLOC_END)
		event.result = WIRE_REALLOC_DONE;
	process_apply(process, &event, 1);
}

static void step(struct process *process, struct model *m, uint32_t likely_free)
{
	uint32_t at = random_below(BLOCKS), stack = 1 + random_below(STACKS - 1);
	uint64_t addr = 0x10000 + at * 64, size = random_below(1000);

	if (m->stack[at] && random_below(100) < likely_free) {
		apply(process, WIRE_FREE, addr, 0, 0);
		change(m, m->stack[at], m->size[at], false);
		m->stack[at] = 0;
	} else if (m->stack[at]) {
		apply(process, WIRE_REALLOC_BEGIN, addr, 0, 0);
		apply(process, WIRE_REALLOC_END, addr, size, stack);
		change(m, m->stack[at], m->size[at], false);
		change(m, stack, size, true);
		m->size[at] = size;
		m->stack[at] = stack;
	} else {
		apply(process, WIRE_ALLOC, addr, size, stack);
		change(m, stack, size, true);
		m->size[at] = size;
		m->stack[at] = stack;
	}
}

static void collect(void *ctx, uint32_t stack, uint64_t n_blocks, uint64_t n_bytes)
{
	struct amount *found = ctx;

	cr_assert_lt(stack, STACKS);
	found[stack] = (struct amount){n_blocks, n_bytes};
}

static void compare(const struct process *process, const struct model *m)
{
	struct amount found[STACKS] = {0};
	uint64_t sum = 0;

	process_each_peak(process, collect, found);
	for (uint32_t i = 0; i < STACKS; i++) {
		sum += found[i].bytes;
		cr_assert_eq(found[i].bytes, m->peak[i].bytes, "stack %u", i);
	}
	cr_assert_eq(sum, process->totals.peak_live_bytes);
	cr_assert_eq(sum, m->peak_bytes);
}

Test(peak, stacks_are_those_of_the_moment)
{
	for (uint64_t seed = 1; seed <= 30; seed++) {
		struct process *process = make();
		struct model m = {0};

		state = seed;
		/* waves: rising, falling, and rising again, not always as high */
		for (uint32_t wave = 0; wave < 12; wave++) {
			for (uint32_t i = 0, n = random_below(600); i < n; i++) {
				step(process, &m, wave % 2 ? 80 : 10);
				if (i % 50 == 0)
					compare(process, &m);
			}
		}
		compare(process, &m);
		process_free(process);
	}
}

Test(peak, of_a_process_without_blocks_is_nothing)
{
	struct process *process = make();
	struct model m = {0};

	compare(process, &m);
	process_free(process);
}

Test(peak, high_is_since_the_last_call)
{
	struct process *process = make();
	struct model m = {0};

	state = 5;
	for (int i = 0; i < 2000; i++) {
		step(process, &m, 40);
		if (i % 37 == 0) {
			cr_assert_eq(process_take_high(process), m.high);
			m.high = m.live_bytes;
		}
	}
	process_free(process);
}
