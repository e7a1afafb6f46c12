#include "cli/render/metric_lines.h"

#include "cli/render/utf8.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void metric_head(const struct metric_lines *lines, const char *name, const char *type, const char *help)
{
	size_t n = strlen(name);

	/* OpenMetrics names a counter without the ending that its sample has */
	if (lines->openmetrics && n > 6 && strcmp(name + n - 6, "_total") == 0)
		n -= 6;
	out_printf(lines->out, "# HELP %.*s %s\n# TYPE %.*s %s\n", (int)n, name, help, (int)n, name, type);
}

static void put_real(const struct metric_lines *lines, double value)
{
	if (isinf(value))
		out_printf(lines->out, "%sInf\n", value < 0 ? "-" : "+");
	else
		out_printf(lines->out, "%.17g\n", value);
}

void metric_whole(const struct metric_lines *lines, const char *name, const char *type, const char *help,
		  uint64_t value)
{
	metric_head(lines, name, type, help);
	out_printf(lines->out, "%s %" PRIu64 "\n", name, value);
}

void metric_real(const struct metric_lines *lines, const char *name, const char *type, const char *help, double value)
{
	metric_head(lines, name, type, help);
	out_printf(lines->out, "%s ", name);
	put_real(lines, value);
}

void metric_labelled(const struct metric_lines *lines, const char *name, const char *label, const char *value,
		     double number)
{
	char *text = utf8_repair(value);

	out_printf(lines->out, "%s{%s=\"", name, label);
	for (const char *s = text; *s; s++) {
		if (*s == '\n')
			out_str(lines->out, "\\n");
		else if (*s == '"' || *s == '\\')
			out_printf(lines->out, "\\%c", *s);
		else
			out_char(lines->out, *s);
	}
	out_str(lines->out, "\"} ");
	put_real(lines, number);
	free(text);
}
