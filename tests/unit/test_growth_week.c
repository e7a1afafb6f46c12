/* What history and growth cost the reporter in a week of 50,000 stacks, each of which keeps a block now and then. */
#include "cli/analysis/growth.h"
#include "cli/analysis/history.h"
#include "cli/model/event.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STACKS 50000u
#define WEEK   (7 * 86400)

/* A line of /proc/self/status, in bytes. */
static uint64_t status(const char *name)
{
	FILE *file = fopen("/proc/self/status", "re");
	char line[256];
	uint64_t kib = 0;

	cr_assert(file);
	while (fgets(line, sizeof(line), file))
		if (!strncmp(line, name, strlen(name)))
			kib = strtoull(line + strlen(name), NULL, 10);
	fclose(file);
	return kib * 1024;
}

/* From now on VmHWM is the highest since. */
static void forget_high_water(void)
{
	FILE *file = fopen("/proc/self/clear_refs", "we");

	cr_assert(file);
	fputs("5", file);
	fclose(file);
}

static void allocate(struct process *process, uint32_t stack, uint64_t addr)
{
	const struct mem_event event = {.op = WIRE_ALLOC, .addr = addr, .size_bytes = 100, .stack = stack};

	process_apply(process, &event, 1);
}

Test(growth_week, takes_less_than_100_mib)
{
	const struct wire_hello hello = {.version = WIRE_VERSION, .pid = 42, .start = WIRE_START_EXEC};
	struct process *process = process_new(&hello, PROCESS_RUN);
	const char *variant = getenv("VARIANT");
	struct growth growth = {0};
	struct history history = {0};
	uint64_t next = 0x10000, kept, before, more;

	for (uint32_t i = 1; i <= STACKS; i++) {
		const struct mem_event node = {.op = WIRE_NODE, .addr = UINT64_C(0x555500000000) + i * 16, .stack = i};

		process_apply(process, &node, 1);
	}
	for (uint32_t second = 0; second <= WEEK; second += 10) {
		struct report_sample sample = {.seconds = second, .live_bytes = next};

		process_clock(process, process->start_monotonic_ns + (uint64_t)second * 1000000000u);
		for (uint32_t i = 0; i < 10; i++) /* each stack twelve times */
			allocate(process, 1 + (second + i) % STACKS, next += 128);
		history_add(&history, &sample);
		growth_sample(&growth, process, second);
	}
	kept = windows_memory(&growth.windows) + history.cap * sizeof(*history.points) +
	       growth.n_findings * sizeof(*growth.findings);
	forget_high_water();
	before = status("VmRSS:");
	growth_judge(&growth, process, true);
	more = status("VmHWM:") - before; /* while it is judged */
	cr_expect_eq(growth.windows.n_rows, STACKS);
	cr_expect_lt(kept, 50000000);
	if (variant && !strcmp(variant, "release"))
		cr_expect_lt(kept + more, 100000000, "%lu and %lu", kept, more);
	growth_release(&growth);
	history_release(&history);
	process_free(process);
}
