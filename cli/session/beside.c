#include "cli/session/beside.h"

#include "cli/base/clock.h"
#include "cli/ingest/capture.h"
#include "cli/model/process.h"
#include "cli/symbols/symbols.h"

#include <time.h>

#define STACKS_AT_ONCE 64
#define PERIOD_NS      UINT64_C(1000000) /* the fastest writers fill a pipe in little more */

static void attend_waiting(void *ctx)
{
	static const struct timespec period = {.tv_nsec = PERIOD_NS};

	capture_attend(ctx);
	clock_nanosleep(CLOCK_MONOTONIC, 0, &period, NULL);
}

static void name_beside(struct capture *capture, struct report_rest *rest)
{
	uint64_t next_ns = 0;

	while (!report_process_name(rest, STACKS_AT_ONCE)) {
		if (clock_now_ns() < next_ns)
			continue;
		capture_attend(capture);
		next_ns = clock_now_ns() + PERIOD_NS;
	}
}

void beside_build(struct capture *capture, const struct process *process, struct symbols *symbols,
		  const struct build_options *options, struct report_process *out)
{
	/* another program may just be taking its place */
	bool others = capture && (capture_active(capture) > 0 || process->exit.kind == PROCESS_EXECED);
	struct report_rest *rest;

	if (others)
		symbols_meanwhile(symbols, attend_waiting, capture);
	rest = report_process_begin(process, symbols, options, out);
	if (others)
		name_beside(capture, rest);
	report_process_end(rest, out);
	symbols_meanwhile(symbols, NULL, NULL);
}
