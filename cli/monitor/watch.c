#include "cli/monitor/watch.h"

#include <string.h>
#include <unistd.h>

void watch_print(struct watch *watch, struct trend *trend)
{
	struct out *out = out_fd(STDERR_FILENO, "standard error");
	struct err ignored = {0};

	trend->change_bytes = (int64_t)(trend->live_bytes - (watch->n ? watch->values[0] : 0));
	memmove(watch->values + 1, watch->values, sizeof(watch->values) - sizeof(watch->values[0]));
	watch->values[0] = trend->live_bytes;
	watch->n += watch->n < TREND_VALUES;
	memcpy(trend->values, watch->values, sizeof(trend->values));
	trend->n_values = watch->n;
	trend_print(trend, trend_wants_utf8(), out);
	out_close(out, &ignored);
}
