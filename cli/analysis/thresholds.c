#include "cli/analysis/thresholds.h"

uint32_t thresholds_step(const struct thresholds *thresholds, struct threshold_state *state, uint64_t used,
			 uint64_t limit)
{
	double percent = limit ? (double)used * 100 / (double)limit : 0;
	uint32_t crossed = 0;

	for (unsigned i = 0; i < thresholds->n; i++) {
		uint32_t bit = UINT32_C(1) << i;

		if (percent >= (double)thresholds->percent[i]) {
			crossed |= bit & ~state->above;
			state->above |= bit;
		} else if (percent < (double)thresholds->percent[i] - THRESHOLD_HYSTERESIS) {
			state->above &= ~bit;
		}
	}
	return crossed;
}

const char *threshold_severity(unsigned percent)
{
	if (percent >= 90)
		return "severe";
	return percent >= 80 ? "warning" : "notice";
}
