#include "cli/render/format.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

const char *format_count(struct format_buf *buf, uint64_t n)
{
	char digits[24];
	int length = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n);
	char *to = buf->text;

	for (int i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			*to++ = ',';
		*to++ = digits[i];
	}
	*to = '\0';
	return buf->text;
}

const char *format_noun(struct format_buf *buf, uint64_t n, const char *noun)
{
	struct format_buf count;

	snprintf(buf->text, sizeof(buf->text), "%s %s%s", format_count(&count, n), noun, n == 1 ? "" : "s");
	return buf->text;
}

const char *format_size(struct format_buf *buf, uint64_t bytes)
{
	static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	double value = (double)bytes / 1024;
	size_t unit = 0;

	if (bytes < 1024)
		return format_noun(buf, bytes, "byte");
	/* 1023.95 would print as 1024.0 */
	while (value >= 1023.95 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		value /= 1024;
		unit++;
	}
	snprintf(buf->text, sizeof(buf->text), "%.1f %s", value, units[unit]);
	return buf->text;
}

const char *format_amount(struct format_buf *buf, struct report_amount amount)
{
	struct format_buf bytes, blocks;

	snprintf(buf->text, sizeof(buf->text), "%.40s in %.40s", format_noun(&bytes, amount.bytes, "byte"),
		 format_noun(&blocks, amount.blocks, "block"));
	return buf->text;
}

const char *format_seconds(struct format_buf *buf, double seconds)
{
	unsigned long long whole = seconds > 0 ? (unsigned long long)(seconds + 0.5) : 0;

	if (!(seconds >= 0.00005)) /* negative and NaN too */
		snprintf(buf->text, sizeof(buf->text), "0 s");
	else if (seconds < 0.09995)
		snprintf(buf->text, sizeof(buf->text), "%.1f ms", seconds * 1e3);
	else if (seconds < 59.995)
		snprintf(buf->text, sizeof(buf->text), "%.2f s", seconds);
	else if (whole < 3600)
		snprintf(buf->text, sizeof(buf->text), "%llu min %02llu s", whole / 60, whole % 60);
	else if (whole < 86400)
		snprintf(buf->text, sizeof(buf->text), "%llu h %02llu min", whole / 3600, whole / 60 % 60);
	else
		snprintf(buf->text, sizeof(buf->text), "%llu d %02llu h", whole / 86400, whole / 3600 % 24);
	return buf->text;
}

const char *format_percent(struct format_buf *buf, uint64_t part, uint64_t whole)
{
	double percent = whole ? (double)part * 100 / (double)whole : 0;

	if (part && percent < 1)
		snprintf(buf->text, sizeof(buf->text), "< 1 %%");
	else
		snprintf(buf->text, sizeof(buf->text), "%.0f %%", part < whole && percent > 99 ? 99 : percent);
	return buf->text;
}

const char *format_time(struct format_buf *buf, int64_t realtime_ns)
{
	time_t seconds = (time_t)(realtime_ns / 1000000000);
	struct tm tm;
	size_t n;

	if (!gmtime_r(&seconds, &tm))
		memset(&tm, 0, sizeof(tm));
	n = strftime(buf->text, sizeof(buf->text), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf->text + n, sizeof(buf->text) - n, ".%03dZ", (int)(realtime_ns % 1000000000 / 1000000));
	return buf->text;
}

const char *format_signal(struct format_buf *buf, int signal)
{
	const char *name = sigabbrev_np(signal);

	if (name)
		snprintf(buf->text, sizeof(buf->text), "SIG%s", name);
	else if (signal >= SIGRTMIN && signal <= SIGRTMAX)
		snprintf(buf->text, sizeof(buf->text), "SIGRTMIN+%d", signal - SIGRTMIN);
	else
		snprintf(buf->text, sizeof(buf->text), "signal %d", signal);
	return buf->text;
}

const char *format_basename(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}
