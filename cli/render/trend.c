#include "cli/render/trend.h"

#include "cli/render/format.h"
#include "common/compiler.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool trend_wants_utf8(void)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
	const char *term = getenv("TERM");

	if (term && !strcmp(term, "dumb"))
		return false;
	for (size_t i = 0; i < MW_ARRAY_LEN(names); i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
	}
	return false;
}

/* "512", "12.3M", "31M": three digits at most, powers of 1024. */
static const char *brief(struct format_buf *buf, uint64_t bytes)
{
	static const char units[] = "BKMGTPE";
	double value = (double)bytes;
	size_t unit = 0;

	while (value >= 999.5 && unit + 2 < sizeof(units)) {
		value /= 1024;
		unit++;
	}
	snprintf(buf->text, sizeof(buf->text), "%.*f%c", unit && value < 99.95 ? 1 : 0, value, units[unit]);
	return buf->text;
}

void trend_graph(const uint64_t *values, size_t n, bool utf8, struct out *out)
{
	static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	static const char *const ascii[] = {"_", ".", ",", "-", "=", "+", "*", "#"};
	uint64_t low = UINT64_MAX, high = 0;

	for (size_t i = 0; i < n; i++) {
		low = values[i] < low ? values[i] : low;
		high = values[i] > high ? values[i] : high;
	}
	for (size_t i = 0; i < n; i++) {
		double share = high > low ? (double)(values[i] - low) / (double)(high - low) : 0;
		size_t height = (size_t)(share * 7.999);

		out_str(out, utf8 ? blocks[height] : ascii[height]);
	}
}

void trend_print(const struct trend *trend, bool utf8, struct out *out)
{
	uint64_t change = trend->change_bytes < 0 ? -(uint64_t)trend->change_bytes : (uint64_t)trend->change_bytes;
	struct format_buf a, b, c, d;
	uint64_t oldest_first[TREND_VALUES];
	char clock[16] = "";
	struct tm tm;

	if (localtime_r(&trend->time, &tm))
		strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	out_printf(out, "%s live %s (%c%s) objs %s rss %s", clock, brief(&a, trend->live_bytes),
		   trend->change_bytes < 0 ? '-' : '+', brief(&b, change), format_count(&c, trend->live_blocks),
		   brief(&d, trend->rss_bytes));
	if (trend->percent >= 0)
		out_printf(out, " %.0f%% of %s", trend->percent, brief(&a, trend->limit_bytes));
	if (trend->n_processes > 1)
		out_printf(out, " in %s processes", format_count(&b, trend->n_processes));
	out_char(out, ' ');
	for (size_t i = 0; i < trend->n_values; i++)
		oldest_first[i] = trend->values[trend->n_values - 1 - i];
	trend_graph(oldest_first, trend->n_values, utf8, out);
	out_char(out, '\n');
}
