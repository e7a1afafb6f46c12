#include "cli/opts_table.h"

#include "common/compiler.h"

#include <stddef.h>

static const char *const color_choices[] = {"auto", "always", "never", NULL};
static const char *const unwinder_choices[] = {"fast", "reference", NULL};
static const char *const tool_choices[] = {"memcheck", NULL};
static const char *const leak_check_choices[] = {"full", "yes", "summary", NULL};
static const char *const format_text[] = {"text", NULL};
static const char *const format_json[] = {"json", NULL};
static const char *const format_sarif[] = {"sarif", NULL};
static const char *const format_junit[] = {"junit", NULL};
static const char *const format_valgrind_xml[] = {"valgrind-xml", NULL};
static const char *const format_gitlab[] = {"gitlab", NULL};
static const char *const format_tap[] = {"tap", NULL};
static const char *const format_markdown[] = {"markdown", NULL};
static const char *const format_folded[] = {"folded", NULL};
static const char *const format_html[] = {"html", NULL};
static const char *const format_svg[] = {"svg", NULL};
static const char *const format_timeline[] = {"timeline", NULL};
static const char *const export_formats[] = {"speedscope", "massif", NULL};
static const char *const format_pprof[] = {"pprof", NULL};
static const char *const format_pprof_peak[] = {"pprof-peak", NULL};
static const char *const format_pprof_leaks[] = {"pprof-leaks", NULL};

/* Commands that write a report, and all that write something about processes. */
#define REPORTED (OPTS_RUN | OPTS_SCAN | OPTS_MERGE | OPTS_REPORT)
#define ENDED    (OPTS_RUN | OPTS_REPORT) /* … of processes that have ended, or will have */
#define ASKED    (REPORTED | OPTS_STAT | OPTS_DIFF)

#define CI (ENDED | OPTS_MERGE) /* that can write what a CI service reads */

/* Commands that judge by gates. */
#define GATED (ENDED | OPTS_MERGE)

#define TO(field) .offset = offsetof(struct options, field)

/* clang-format off */
const struct opt_entry opts_table[] = {
	{"text", "[=FILE]", "text report to FILE ('-' is stdout; default: stderr)", format_text,
	 .kind = OPT_OUTPUT, .group = GROUP_REPORT, .commands = ASKED},
	{"log-file", "FILE", "the same as --text=FILE", format_text,
	 .kind = OPT_OUTPUT, .group = GROUP_REPORT, .commands = ASKED},
	{"json", "FILE", "machine-readable report (schema memwatch-report/1)", format_json,
	 .kind = OPT_OUTPUT, .group = GROUP_REPORT, .commands = ASKED},
	{"folded", "FILE", "collapsed stacks, for flame graphs", format_folded,
	 .kind = OPT_OUTPUT, .group = GROUP_REPORT, .commands = REPORTED},
	{"html", "FILE", "one page with charts, flame graph and tables, for a browser", format_html,
	 .kind = OPT_OUTPUT, .group = GROUP_REPORT, .commands = REPORTED},
	{"svg", "FILE", "flame graph of the live bytes, a picture", format_svg,
	 .kind = OPT_OUTPUT, .group = GROUP_REPORT, .commands = REPORTED},
	{"timeline", "FILE", "what happened when, as trace events for Perfetto", format_timeline,
	 .kind = OPT_OUTPUT, .group = GROUP_REPORT, .commands = ENDED},
	{"export", "FORMAT:FILE", "for viewers: speedscope, massif (ms_print)", export_formats,
	 .kind = OPT_EXPORT, .group = GROUP_REPORT, .commands = ENDED},
	{"sarif", "FILE", "SARIF 2.1.0, for code scanning", format_sarif,
	 .kind = OPT_OUTPUT, .group = GROUP_CI, .commands = CI},
	{"junit", "FILE", "JUnit XML: a test for each gate", format_junit,
	 .kind = OPT_OUTPUT, .group = GROUP_CI, .commands = CI},
	{"valgrind-xml", "FILE", "valgrind's XML, protocol 4 of memcheck", format_valgrind_xml,
	 .kind = OPT_OUTPUT, .group = GROUP_CI, .commands = CI},
	{"gitlab", "FILE", "GitLab's Code Quality", format_gitlab,
	 .kind = OPT_OUTPUT, .group = GROUP_CI, .commands = CI},
	{"tap", "FILE", "TAP 13: a test for each gate", format_tap,
	 .kind = OPT_OUTPUT, .group = GROUP_CI, .commands = CI},
	{"markdown", "FILE", "a summary for people", format_markdown,
	 .kind = OPT_OUTPUT, .group = GROUP_CI, .commands = CI},
	{"github", NULL, "annotations and a step summary (default under GITHUB_ACTIONS)", TO(github),
	 .kind = OPT_FLAG, .group = GROUP_CI, .commands = CI},
	{"source-root", "DIR", "what paths in CI formats are relative to (default: the repository)", TO(source_root),
	 .kind = OPT_TEXT, .group = GROUP_CI, .commands = CI},
	{"pprof", "FILE", "profile for go tool pprof: allocated and live, by stack", format_pprof,
	 .kind = OPT_OUTPUT, .group = GROUP_REPORT, .commands = ENDED},
	{"pprof-peak", "FILE", "the same of what was live at the peak", format_pprof_peak,
	 .kind = OPT_OUTPUT, .group = GROUP_REPORT, .commands = ENDED},
	{"pprof-leaks", "FILE", "the same of what is definitely or indirectly lost", format_pprof_leaks,
	 .kind = OPT_OUTPUT, .group = GROUP_REPORT, .commands = ENDED},
	{"top", "N", "records shown in the text report (default 20; totals cover all)", TO(top),
	 .kind = OPT_NUMBER, .max = 1000000000, .most = 1000000000, .group = GROUP_REPORT,
	 .commands = REPORTED | OPTS_DIFF},
	{"show", "LIST", "verdicts in the text: definite, indirect, possible, reachable, all",
	 TO(show), .kind = OPT_VERDICTS, .group = GROUP_REPORT, .commands = REPORTED},
	{"suppressions", "FILE", "leave out known leaks (LeakSanitizer's or Valgrind's syntax)", TO(suppressions),
	 .kind = OPT_TEXTS, .group = GROUP_REPORT, .commands = ENDED},
	{"gen-suppressions", "[=all]", "print a suppression for each record that is shown", TO(gen_suppressions),
	 .kind = OPT_YESALL, .group = GROUP_REPORT, .commands = ENDED},
	{"color", "WHEN", "auto, always or never", color_choices, TO(color),
	 .kind = OPT_CHOICE, .group = GROUP_REPORT, .commands = ASKED},
	{"quiet", NULL, "print nothing when nothing was found", TO(quiet), .letter = 'q',
	 .kind = OPT_FLAG, .group = GROUP_REPORT, .commands = REPORTED | OPTS_DIFF},
	{"verbose", NULL, "say more, and show all processes", TO(verbose), .letter = 'v',
	 .kind = OPT_FLAG, .group = GROUP_REPORT, .commands = ASKED | OPTS_DIFF},
	{"depth", "N", "frames kept of a stack, 1 to 256 (default 256)", TO(depth),
	 .kind = OPT_NUMBER, .min = 1, .max = OPTS_DEPTH_MAX, .most = OPTS_DEPTH_MAX, .group = GROUP_RECORD,
	 .commands = ENDED},
	{"record", "FILE", "keep a recording of the run, for memwatch report", TO(record), .letter = 'o',
	 .kind = OPT_FILE, .group = GROUP_RECORD, .commands = OPTS_RUN},
	{"trace-children", "yes|no", "follow fork, vfork, exec and posix_spawn (default yes)", TO(trace_children),
	 .kind = OPT_YESNO, .group = GROUP_RECORD, .commands = OPTS_RUN},
	{"no-scan", NULL, "no verdicts: what is not freed is \"live at exit\"", TO(no_scan),
	 .kind = OPT_FLAG, .group = GROUP_RECORD, .commands = OPTS_RUN},
	{"free-stacks", NULL, "record where blocks are freed, to tell of double frees where the first was",
	 TO(free_stacks), .kind = OPT_FLAG, .group = GROUP_RECORD, .commands = OPTS_RUN},
	{"interval", "DURATION", "between two points of the history (default 1s; at first less)",
	 TO(interval_ns), .kind = OPT_DURATION, .min = 1000000, .group = GROUP_LIMIT, .commands = OPTS_RUN},
	{"watch", NULL, "print a trend line to stderr each interval", TO(watch),
	 .kind = OPT_FLAG, .group = GROUP_LIMIT, .commands = OPTS_RUN},
	{"limit", "SIZE|auto", "for warnings and forecast (default auto: cgroup, rlimits, RAM)",
	 TO(limit_bytes), .kind = OPT_LIMIT, .min = 1, .group = GROUP_LIMIT, .commands = OPTS_RUN},
	{"warn", "LIST", "thresholds in percent of the limit (default 70,80,90)", TO(warn),
	 .kind = OPT_THRESHOLDS, .group = GROUP_LIMIT, .commands = ENDED},
	{"on-warning", "CMD", "run CMD by sh when a threshold is crossed, at most once a second", TO(on_warning),
	 .kind = OPT_TEXT, .group = GROUP_LIMIT, .commands = OPTS_RUN},
	{"hard-limit", "SIZE", "beyond it, allocations fail with ENOMEM", TO(hard_limit),
	 .kind = OPT_SIZE, .min = 1, .group = GROUP_LIMIT, .commands = OPTS_RUN},
	{"max-stack", "SIZE", "RLIMIT_STACK of the program, at least 128K", TO(max_stack),
	 .kind = OPT_SIZE, .min = 131072, .group = GROUP_LIMIT, .commands = OPTS_RUN},
	{"http", "[=[ADDR:]PORT]", "serve profiles, metrics, the report (default 127.0.0.1:6060)", TO(http),
	 .kind = OPT_ADDRESS, .group = GROUP_REPORT, .commands = OPTS_RUN},
	{"http-token", "TOKEN", "what requests must show; needed where others can reach ADDR", TO(http_token),
	 .kind = OPT_TEXT, .group = GROUP_REPORT, .commands = OPTS_RUN},
	{"metrics-file", "FILE", "metrics for Prometheus's node-exporter, anew on each interval", TO(metrics_file),
	 .kind = OPT_TEXT, .group = GROUP_REPORT, .commands = OPTS_RUN},
	{"scan-every", "DURATION", "leak scans while the program runs, each DURATION", TO(scan_every_ns),
	 .kind = OPT_DURATION, .group = GROUP_RECORD, .commands = OPTS_RUN},
	{"scan-percent", "P", "leak scans while it runs, each time live bytes grew by P %", TO(scan_percent),
	 .kind = OPT_NUMBER, .min = 1, .max = 100000, .most = 100000, .group = GROUP_RECORD, .commands = OPTS_RUN},
	{"interval", "DURATION", "say it again each DURATION", TO(repeat_ns),
	 .kind = OPT_DURATION, .group = GROUP_RECORD, .commands = OPTS_STAT},
	{"self-test", NULL, "plant a leak of each kind here, and tell whether it is found", TO(self_test),
	 .kind = OPT_FLAG, .group = GROUP_RECORD, .commands = OPTS_DOCTOR},
	{"fail-on", "LIST", "verdicts, leak, growth, limit, mismatch, new, grew, any, none",
	 TO(fail_on), .kind = OPT_GATES, .group = GROUP_GATE, .commands = GATED | OPTS_DIFF},
	{"max-leaked", "SIZE", "fail when more is definitely or indirectly lost", TO(max_leaked),
	 .kind = OPT_SIZE, .group = GROUP_GATE, .commands = GATED},
	{"max-leaked-blocks", "N", "the same in blocks", TO(max_leaked_blocks),
	 .kind = OPT_COUNT, .group = GROUP_GATE, .commands = GATED},
	{"max-peak", "SIZE", "fail when more is live at the peak of a process", TO(max_peak),
	 .kind = OPT_SIZE, .group = GROUP_GATE, .commands = GATED},
	{"baseline", "FILE", "known findings: only new and grown ones fail", TO(baseline),
	 .kind = OPT_TEXT, .group = GROUP_GATE, .commands = GATED},
	{"write-baseline", "FILE", "write the findings of this run to FILE as known ones", TO(write_baseline),
	 .kind = OPT_TEXT, .group = GROUP_GATE, .commands = GATED},
	{"exit-code", "N", "status when a gate fails and the program did not (default 23)", TO(exit_code),
	 .kind = OPT_NUMBER, .max = 255, .most = 255, .group = GROUP_GATE, .commands = GATED | OPTS_DIFF},
	{"tool", "memcheck", "lines begin with ==PID==", tool_choices, TO(memcheck),
	 .kind = OPT_CHOICE, .min = 1, .group = GROUP_VALGRIND, .commands = REPORTED},
	{"error-exitcode", "N", "--exit-code=N; without a gate, valgrind's errors are one",
	 TO(error_exitcode), .kind = OPT_NUMBER, .max = 255, .most = 255, .group = GROUP_VALGRIND,
	 .commands = ENDED},
	{"errors-for-leak-kinds", "LIST", "leaks that --error-exitcode counts (default definite,possible)",
	 TO(error_kinds), .kind = OPT_VERDICTS, .group = GROUP_VALGRIND, .commands = ENDED},
	{"leak-check", "full", "summary: leaks are no errors; the report is always full", leak_check_choices,
	 TO(leak_check), .kind = OPT_CHOICE, .min = LEAK_CHECK_FULL, .group = GROUP_VALGRIND, .commands = ENDED},
	{"show-reachable", "yes|no", "yes is --show=all", TO(show),
	 .kind = OPT_VERDICTS, .group = GROUP_VALGRIND, .commands = ENDED},
	{"show-leak-kinds", "LIST", "the same as --show=LIST", TO(show),
	 .kind = OPT_VERDICTS, .group = GROUP_VALGRIND, .commands = ENDED},
	{"num-callers", "N", "the same as --depth=N", TO(depth),
	 .kind = OPT_NUMBER, .min = 1, .max = 500, .most = OPTS_DEPTH_MAX, .group = GROUP_VALGRIND,
	 .commands = OPTS_RUN},
	{"trace-children-skip", "LIST", "programs left out of the report, with their children", TO(trace_children_skip),
	 .kind = OPT_TEXT, .group = GROUP_VALGRIND, .commands = OPTS_RUN},
	{"xml", "yes|no", "with yes, --xml-file must be given", TO(xml),
	 .kind = OPT_YESNO, .group = GROUP_VALGRIND, .commands = CI},
	{"xml-file", "FILE", "the same as --valgrind-xml=FILE", format_valgrind_xml,
	 .kind = OPT_OUTPUT, .group = GROUP_VALGRIND, .commands = CI},
	{"help", NULL, "this text", TO(help), .letter = 'h',
	 .kind = OPT_FLAG, .group = GROUP_GENERAL, .commands = OPTS_ALL},
	{"version", NULL, "the version", TO(version),
	 .kind = OPT_FLAG, .group = GROUP_GENERAL, .commands = OPTS_ALL},
	{"timeout", "DURATION", "for an answer", TO(timeout_ns),
	 .kind = OPT_DURATION, .group = GROUP_HIDDEN, .commands = OPTS_SCAN | OPTS_STAT},
	{"validate-unwind", NULL, "walk each stack with both unwinders and count the differences", TO(validate_unwind),
	 .kind = OPT_FLAG, .group = GROUP_HIDDEN, .commands = OPTS_RUN},
	{"unwinder", "fast|reference", "which unwinder walks the stacks", unwinder_choices, TO(unwinder),
	 .kind = OPT_CHOICE, .group = GROUP_HIDDEN, .commands = OPTS_RUN},
	{"self-test-victim", NULL, "be what --self-test watches", TO(self_test_victim),
	 .kind = OPT_FLAG, .group = GROUP_HIDDEN, .commands = OPTS_DOCTOR},
	{"options-table", NULL, "dump this table", TO(options_table),
	 .kind = OPT_FLAG, .group = GROUP_HIDDEN, .commands = OPTS_HELP},
};
/* clang-format on */

const size_t opts_table_entries = MW_ARRAY_LEN(opts_table);
