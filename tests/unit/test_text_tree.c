#include "cli/render/text.h"

#include "tests/unit/golden.h"
#include "tests/unit/sample_report.h"

TestSuite(text_tree, .timeout = 10);

/* make runs three tests and a shell; the second test has a child that leaks, the shell becomes a program. */
static void fill(struct report_process processes[7])
{
	static const struct {
		int pid, parent;
		const char *exe;
		enum report_origin origin;
		bool leaks;
	} rows[7] = {
		{10, 1, "/usr/bin/make", ORIGIN_RUN, false}, {11, 10, "/srv/test_a", ORIGIN_EXEC, true},
		{12, 10, "/srv/test_b", ORIGIN_EXEC, false}, {13, 12, "/srv/helper", ORIGIN_EXEC, true},
		{14, 10, "/srv/test_c", ORIGIN_EXEC, false}, {15, 10, "/bin/sh", ORIGIN_EXEC, false},
		{15, 10, "/srv/server", ORIGIN_EXEC, true},
	};

	for (int i = 0; i < 7; i++) {
		processes[i] = rows[i].leaks ? sample_scanned() : sample_clean(0, NULL, ORIGIN_EXEC);
		processes[i].pid = rows[i].pid;
		processes[i].parent_pid = rows[i].parent;
		processes[i].exe = rows[i].exe;
		processes[i].argc = 0;
		processes[i].origin = rows[i].origin;
	}
	processes[5].shell = true;
	processes[5].exit = (struct report_exit){.kind = EXIT_EXEC};
	processes[6].exit = (struct report_exit){.kind = EXIT_SIGNAL, .signal = 9};
}

static char *tree_of(const struct report *report, const struct render_options *options)
{
	struct out *out = out_memory();
	const struct text text = {
		.options = options, .out = out, .bold = "", .alarm = "", .good = "", .dim = "", .off = ""};
	char *drawn;

	text_tree(&text, report);
	drawn = strdup(out_text(out, NULL));
	out_close(out, NULL);
	return drawn;
}

Test(text_tree, findings_and_what_is_above_them)
{
	const struct render_options options = {.show = 1u << VERDICT_DEFINITE | 1u << VERDICT_POSSIBLE};
	const struct render_options verbose = {.show = options.show, .verbose = true};
	struct report_process processes[7];
	struct report report = sample_report(processes, 7);
	char *drawn;

	fill(processes);
	drawn = tree_of(&report, &options);
	cr_expect_str_eq(drawn,
			 "Processes\n"
			 "  10 /usr/bin/make: exited with status 0\n"
			 "    11 /srv/test_a: exited with status 0; 1,048,576 bytes in 16 blocks definitely lost, "
			 "1,000 bytes in 1 block possibly lost\n"
			 "    12 /srv/test_b: exited with status 0\n"
			 "      13 /srv/helper: exited with status 0; 1,048,576 bytes in 16 blocks definitely lost, "
			 "1,000 bytes in 1 block possibly lost\n"
			 "    15 /srv/server: died of SIGKILL; 1,048,576 bytes in 16 blocks definitely lost, "
			 "1,000 bytes in 1 block possibly lost\n"
			 "  and 2 more without findings (-v lists them)\n");
	free(drawn);
	drawn = tree_of(&report, &verbose);
	cr_expect(strstr(drawn, "\n    14 /srv/test_c: exited with status 0\n"
				"    15 /bin/sh: became another program (exec)\n"
				"    15 /srv/server: "),
		  "%s", drawn);
	cr_expect_not(strstr(drawn, "more without"));
	free(drawn);
}

/* Parents that are not of the run, and pids in any order, end it all the same. */
Test(text_tree, odd_parents)
{
	const struct render_options options = {.show = ~0u};
	struct report_process processes[3] = {sample_scanned(), sample_scanned(), sample_scanned()};
	struct report report = sample_report(processes, 3);
	char *drawn;

	processes[0].parent_pid = 4242; /* itself */
	processes[1].pid = 5;
	processes[1].parent_pid = 6;
	processes[2].pid = 6;
	processes[2].parent_pid = 5;
	drawn = tree_of(&report, &options);
	cr_expect(strstr(drawn, "\n  4242 "), "%s", drawn);
	cr_expect(strstr(drawn, "\n  5 "), "%s", drawn);
	cr_expect(strstr(drawn, "\n    6 "), "%s", drawn);
	free(drawn);
}
