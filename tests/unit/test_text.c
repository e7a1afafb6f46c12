#include "cli/render/render.h"

#include "tests/unit/golden.h"
#include "tests/unit/sample_report.h"

#define SHOW_DEFAULT (1u << VERDICT_DEFINITE | 1u << VERDICT_POSSIBLE)

static const struct render_options plain = {.top = 20, .show = SHOW_DEFAULT};

Test(text, one_process)
{
	struct report_process process = sample_process();
	struct report report = sample_report(&process, 1);

	golden_render("text-one-process", "text", &report, &plain);
}

Test(text, colours)
{
	const struct render_options options = {.top = 20, .show = SHOW_DEFAULT, .color = true};
	struct report_process process = sample_process();
	struct report report = sample_report(&process, 1);

	golden_render("text-colours", "text", &report, &options);
}

Test(text, verdicts)
{
	const struct render_options options = {.top = 20, .show = ~0u};
	struct report_process process = sample_scanned();
	struct report report = sample_report(&process, 1);

	golden_render("text-verdicts", "text", &report, &options);
	golden_render("text-verdicts-lost-only", "text", &report, &plain);
}

Test(text, what_was_seen_over_time)
{
	const struct render_options verbose = {.top = 1, .show = SHOW_DEFAULT, .verbose = true};
	const struct render_options options = {.top = 1, .show = SHOW_DEFAULT};
	struct report_process process = sample_course();
	struct report report = sample_report(&process, 1);

	golden_render("text-course", "text", &report, &options);
	golden_render("text-course-verbose", "text", &report, &verbose);
}

Test(text, a_trend_that_is_none_is_not_mentioned)
{
	struct report_process process = sample_course();
	struct report report = sample_report(&process, 1);
	char *text;

	process.forecast.trend = FORECAST_NONE;
	text = render_string("text", &report, &plain);
	cr_assert(!strstr(text, "trend"));
	free(text);
	process.forecast = (struct report_forecast){.trend = FORECAST_GROWING,
						    .fitted = true,
						    .bytes_per_second = 2,
						    .low_bytes_per_second = 1,
						    .high_bytes_per_second = 3,
						    .r2 = 1,
						    .seconds_to_limit = -1};
	text = render_string("text", &report, &plain);
	cr_assert(strstr(text, "grows by 2 bytes/s (1 byte/s to 3 bytes/s, R\302\262 1.00)\n"));
	free(text);
}

Test(text, top_says_what_is_not_shown)
{
	const struct render_options options = {.top = 1, .show = SHOW_DEFAULT};
	const struct render_options all = {.top = 0, .show = SHOW_DEFAULT};
	struct report_process process = sample_process();
	struct report report = sample_report(&process, 1);
	char *text = render_string("text", &report, &options);

	cr_assert(strstr(text, "[1 of 4] 1,048,576 bytes in 16 blocks not freed at exit"));
	cr_assert(!strstr(text, "[2 of 4]"));
	cr_assert(strstr(text, "3 more records with 1,001 bytes in 5 blocks are not shown (--top=0 shows all)\n"));
	cr_assert(strstr(text, "1,049,577 bytes in 21 blocks"), "totals cover all");
	free(text);
	text = render_string("text", &report, &all);
	cr_assert(strstr(text, "[4 of 4]"));
	free(text);
}

Test(text, verbose)
{
	const struct render_options options = {.top = 20, .show = SHOW_DEFAULT, .verbose = true};
	struct report_process process = sample_process();
	struct report report = sample_report(&process, 1);

	golden_render("text-verbose", "text", &report, &options);
}

static struct report family(struct report_process processes[5])
{
	static const char *const reasons[] = {"3 records were lost because the reporter was stopped."};

	processes[0] = sample_clean(10, "/usr/bin/dash", ORIGIN_RUN);
	processes[0].shell = true;
	processes[0].totals.live_blocks = 7; /* a shell's own memory is nobody's business */
	processes[1] = sample_clean(11, "/srv/app/helper", ORIGIN_FORK);
	processes[2] = sample_process();
	processes[2].origin = ORIGIN_EXEC;
	processes[3] = sample_clean(12, "/srv/app/crasher", ORIGIN_FORK);
	processes[3].exit = (struct report_exit){.kind = EXIT_SIGNAL, .signal = 11};
	processes[3].completeness = (struct report_completeness){.records = 7,
								 .lost_records = 3,
								 .unknown_frees = 1,
								 .truncated_stacks = 2,
								 .reasons = reasons,
								 .n_reasons = 1};
	processes[4] = sample_clean(13, "/srv/app/idle", ORIGIN_EXEC);
	processes[4].totals.inherited_blocks = 9;
	return sample_report(processes, 5);
}

Test(text, several_processes)
{
	const struct render_options verbose = {.top = 1, .show = SHOW_DEFAULT, .verbose = true};
	struct report_process processes[5];
	struct report report = family(processes);

	golden_render("text-several-processes", "text", &report, &plain);
	golden_render("text-several-processes-verbose", "text", &report, &verbose);
}

Test(text, quiet_says_nothing_when_nothing_was_found)
{
	const struct render_options quiet = {.top = 20, .show = SHOW_DEFAULT, .quiet = true};
	struct report_process processes[2] = {sample_clean(1, "/usr/bin/dash", ORIGIN_RUN),
					      sample_clean(2, "/srv/app/x", ORIGIN_FORK)};
	struct report report = sample_report(processes, 2);
	char *text;

	processes[0].shell = true;
	processes[0].totals.live_blocks = 3;
	text = render_string("text", &report, &quiet);
	cr_assert_str_empty(text);
	free(text);
	processes[1].completeness.complete = false;
	text = render_string("text", &report, &quiet);
	cr_assert(strstr(text, "complete           NO"));
	free(text);
}

Test(text, quiet_shows_what_was_found)
{
	const struct render_options quiet = {.top = 20, .show = SHOW_DEFAULT, .quiet = true};
	struct report_process process = sample_process();
	struct report report = sample_report(&process, 1);
	char *text = render_string("text", &report, &quiet);

	cr_assert(strstr(text, "[4 of 4]"));
	free(text);
}

Test(text, quiet_does_not_hide_a_failed_gate)
{
	const struct render_options quiet = {.top = 20, .show = SHOW_DEFAULT, .quiet = true};
	const struct report_gate_failure failure = {"max-peak", "the peak of 5.2 MiB is over 1.0 MiB"};
	struct report_process process = sample_clean(1, "/srv/app/x", ORIGIN_RUN);
	struct report report = sample_report(&process, 1);
	char *text;

	report.gate_passed = false;
	report.gate_failures = &failure;
	report.n_gate_failures = 1;
	text = render_string("text", &report, &quiet);
	cr_assert(strstr(text, "FAILED"));
	cr_assert(strstr(text, "max-peak: the peak of 5.2 MiB is over 1.0 MiB\n"));
	free(text);
}

Test(text, a_clean_run)
{
	struct report_process process = sample_clean(77, "/srv/app/clean", ORIGIN_RUN);
	struct report report = sample_report(&process, 1);

	golden_render("text-clean", "text", &report, &plain);
}

Test(text, a_shell_alone_is_the_program)
{
	struct report_process process = sample_clean(77, "/usr/bin/bash", ORIGIN_RUN);
	struct report report = sample_report(&process, 1);
	char *text;

	process.shell = true;
	text = render_string("text", &report, &plain);
	cr_assert(strstr(text, "Summary"));
	free(text);
}

Test(text, memcheck)
{
	const struct render_options options = {.top = 3, .show = ~0u, .memcheck = true};
	struct report_process process = sample_process();
	struct report_process scanned = sample_scanned();
	struct report report = sample_report(&process, 1);

	golden_render("text-memcheck", "text", &report, &options);
	report.processes = &scanned;
	golden_render("text-memcheck-verdicts", "text", &report, &options);
}

Test(text, memcheck_every_line_has_the_prefix)
{
	const struct render_options options = {.top = 1, .show = ~0u, .memcheck = true};
	struct report_process process = sample_process();
	struct report report = sample_report(&process, 1);
	char *text = render_string("text", &report, &options);

	for (char *line = text; *line; line = strchr(line, '\n') + 1)
		cr_assert(strncmp(line, "==4242== ", 9) == 0);
	free(text);
}

/* Names come from the watched program: none may act on the terminal or forge a line of the report. */
static struct report hostile(struct report_process *process)
{
	static const char evil[] = "a\033[2J\nmemwatch: all is well\r\xff\x9b\xc2\x9b\xe2\x80\xae\x7f";
	static const char *const evil_list[] = {evil, evil};
	static const struct report_frame frames[] = {
		{.function = evil, .file = evil, .line = 1, .module = evil, .build_id = evil},
		{.module = evil},
		{.function = evil, .module = evil},
	};
	static const struct report_frame *const stack[] = {&frames[0], &frames[1], &frames[2]};
	static const struct report_leak leak = {.id = "0000000000000000",
						.verdict = VERDICT_UNCLASSIFIED,
						.direct = {1, 1},
						.allocator = "malloc",
						.thread_names = evil_list,
						.n_thread_names = 2,
						.held_by = evil_list,
						.n_held_by = 2,
						.stack = {stack, 3, false}};

	*process = sample_process();
	process->argv = evil_list;
	process->argc = 2;
	process->exe = evil;
	process->completeness.reasons = evil_list;
	process->completeness.n_reasons = 2;
	process->verdicts.why_not = evil;
	process->leaks = &leak;
	process->n_leaks = 1;
	return sample_report(process, 1);
}

Test(text, hostile_names_are_harmless)
{
	struct report_process process;
	struct report report = hostile(&process);

	for (unsigned i = 0; i < 4; i++) {
		const struct render_options options = {.show = ~0u, .verbose = i & 1, .memcheck = i >> 1};
		char *text = render_string("text", &report, &options);

		for (const unsigned char *s = (const unsigned char *)text; *s; s++)
			cr_assert((*s >= 0x20 && *s < 0x7f) || *s == '\n', "byte %02x", *s);
		cr_assert(!strstr(text, "\nmemwatch: all is well"));
		cr_assert(strstr(text, "a\\x1b[2J\\nmemwatch: all is well\\r\\xff\\x9b\\x9b\\u202e\\x7f"));
		free(text);
	}
}

Test(text, hundreds_of_frames_are_cut)
{
	static const struct report_frame *stack[300];
	static struct report_frame frames[300];
	struct report_leak leak = {
		.id = "x", .verdict = VERDICT_UNCLASSIFIED, .direct = {1, 1}, .stack = {stack, 300, false}};
	struct report_process process = sample_process();
	struct report report = sample_report(&process, 1);
	char *text;

	for (unsigned i = 0; i < 300; i++) {
		frames[i].offset = i;
		frames[i].system = i < 100;
		stack[i] = &frames[i];
	}
	process.leaks = &leak;
	process.n_leaks = 1;
	text = render_string("text", &report, &plain);
	cr_assert(strstr(text, "\n    > 0x64\n"), "the project's frame is among those shown");
	cr_assert(strstr(text, "      ... 196 more frames (-v shows all)\n"));
	free(text);
}

Test(text, mismatches)
{
	const struct render_options memcheck = {.top = 20, .show = SHOW_DEFAULT, .memcheck = true};
	struct report_process process = sample_mismatched();
	struct report report = sample_report(&process, 1);

	golden_render("text-mismatches", "text", &report, &plain);
	golden_render("text-memcheck-mismatches", "text", &report, &memcheck);
}

Test(text, mismatches_are_findings)
{
	const struct render_options options = {.top = 2, .show = SHOW_DEFAULT, .quiet = true};
	struct report_process process = sample_mismatched();
	struct report report = sample_report(&process, 1);
	char *text;

	process.verdicts = (struct report_verdicts){.scanned = true};
	text = render_string("text", &report, &options);
	cr_assert(strstr(text, "Mismatched free() / delete / delete [] (3 times)"), "also with --quiet");
	cr_assert(strstr(text, "2 more records of wrong frees not shown (--top=0 shows all)\n"));
	free(text);
}
