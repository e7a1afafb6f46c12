#include "cli/session/beside.h"

#include "cli/base/clock.h"
#include "cli/ingest/capture.h"
#include "cli/model/process.h"
#include "cli/session/parts.h"
#include "cli/symbols/symbols.h"

#include <time.h>

#define PERIOD_NS      UINT64_C(1000000) /* the fastest writers fill a pipe in little more */
#define STACKS_AT_ONCE 64                /* between two looks at the clock */

static void attend_waiting(void *ctx)
{
	static const struct timespec period = {.tv_nsec = PERIOD_NS};

	capture_attend(ctx, NULL);
	clock_nanosleep(CLOCK_MONOTONIC, 0, &period, NULL);
}

struct capture *beside_begin(struct capture *capture, const struct process *process, struct symbols *symbols)
{
	/* another program may just be taking its place */
	if (!capture || (capture_active(capture) == 0 && process->exit.kind != PROCESS_EXECED))
		return NULL;
	symbols_meanwhile(symbols, attend_waiting, capture);
	return capture;
}

void beside_build(struct capture *others, const struct process *process, struct symbols *symbols,
		  const struct build_options *options, struct report_process *out)
{
	struct report_rest *rest = report_process_begin(process, symbols, options, out);

	while (others && !parts_name_until(rest, clock_now_ns() + PERIOD_NS))
		capture_attend(others, NULL);
	report_process_end(rest, out);
}

void beside_end(struct symbols *symbols)
{
	symbols_meanwhile(symbols, NULL, NULL);
}

void beside_name(struct capture *capture, const struct process *process, struct report_ahead *ahead)
{
	uint64_t end_ns = clock_now_ns() + PERIOD_NS;

	while (!report_ahead_name(ahead, STACKS_AT_ONCE)) {
		if (clock_now_ns() < end_ns)
			continue;
		if (capture_active(capture) > 1)
			capture_attend(capture, process);
		end_ns = clock_now_ns() + PERIOD_NS;
	}
}
