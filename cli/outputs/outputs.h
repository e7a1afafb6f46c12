/* Writes a report in the formats and to the files that were asked for: FILE patterns, "-", stderr; colour or not. */
#ifndef CLI_OUTPUTS_OUTPUTS_H
#define CLI_OUTPUTS_OUTPUTS_H

#include "cli/analysis/report.h"
#include "cli/base/err.h"
#include "cli/opts/opts.h"

#include <time.h>

/* One output: a file for each process, or for each program, when the pattern tells them apart, else one for all. -1 and
 * the first error; the other files are still written. */
int outputs_write(const struct opts_output *output, const struct options *options, const struct report *report,
		  time_t start, struct err *err);

/* The name, to be freed, of the one file for all of a report: that of its first process, the program. `start` 0: when
 * that began. NULL and `err` when it cannot be expanded. */
char *outputs_path(const char *pattern, const struct report *report, time_t start, struct err *err);

/* One format into a stream that is no terminal. */
void outputs_render(const char *format, const struct options *options, const struct report *report, struct out *out);

/* The environment's word on colour for a stream that is a terminal or not (NO_COLOR, CLICOLOR_FORCE, CLICOLOR, TERM).
 */
bool outputs_wants_color(enum color_when when, bool is_terminal);

/* Verdicts, as a set of 1 << enum verdict, whose stacks none of the reports that are asked for will tell: they need no
 * names, which may cost more than the whole rest of the report. */
unsigned outputs_unread_verdicts(const struct options *options);

/* Whether any output reads the sites, and their ages. */
bool outputs_want_sites(const struct options *options);
bool outputs_want_ages(const struct options *options);

/* Whether any output reads the MemStats. */
bool outputs_want_memstats(const struct options *options);

/* The name, a pattern, of the output that reads each event; NULL = none does. */
const char *outputs_events_path(const struct options *options);

/* How many of the stacks that made the peak are read by the outputs: the text shows a few with -v, others 100. */
size_t outputs_peak_stacks(const struct options *options);

/* Where the text goes to standard output unless told otherwise: whether another format has been told to go there, so
 * that this output, which is told of no file, is left out. */
bool outputs_gives_way(const struct options *options, const struct opts_output *output);

#endif
