#include "cli/session/beside.h"

#include "cli/base/clock.h"
#include "cli/ingest/capture.h"
#include "cli/model/process.h"
#include "cli/session/parts.h"
#include "cli/symbols/symbols.h"

#include <time.h>

#define PERIOD_NS UINT64_C(1000000) /* the fastest writers fill a pipe in little more */

static void attend_waiting(void *ctx)
{
	static const struct timespec period = {.tv_nsec = PERIOD_NS};
	const struct beside *beside = ctx;

	capture_attend(beside->capture, beside->but);
	clock_nanosleep(CLOCK_MONOTONIC, 0, &period, NULL);
}

void beside_begin(struct beside *beside, struct capture *capture, const struct process *process,
		  struct symbols *symbols)
{
	*beside = (struct beside){.but = process->ended ? NULL : process, .symbols = symbols};
	/* another program may just be taking its place */
	if (!capture || (capture_active(capture) == (beside->but != NULL) && process->exit.kind != PROCESS_EXECED))
		return;
	beside->capture = capture;
	symbols_meanwhile(symbols, attend_waiting, beside);
}

void beside_name(const struct beside *beside, struct report_rest *rest)
{
	while (beside->capture && !parts_name_until(rest, clock_now_ns() + PERIOD_NS))
		capture_attend(beside->capture, beside->but);
	report_process_complete(rest);
}

void beside_end(const struct beside *beside)
{
	symbols_meanwhile(beside->symbols, NULL, NULL);
}
