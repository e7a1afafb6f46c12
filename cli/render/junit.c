/*
 * JUnit XML, as Jenkins, GitLab and others read it: one suite, a test for each gate. A test that failed has the stacks
 * of the gravest findings that concern it.
 */
#include "cli/render/render.h"

#include "cli/render/checks.h"
#include "cli/render/format.h"
#include "cli/render/xml.h"

#include <stdlib.h>

#define MAX_FINDINGS 10
#define MAX_FRAMES   30

struct junit {
	const struct render_options *options;
	struct out *out;
	struct findings findings;
	struct checks checks;
	const char *program;
	double seconds;
};

static void put_counts(const struct junit *junit)
{
	out_printf(junit->out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"0\" time=\"%.3f\"",
		   junit->checks.n, checks_count(&junit->checks, CHECK_FAILED),
		   checks_count(&junit->checks, CHECK_ERROR), junit->seconds);
}

static void put_class(const struct junit *junit, const char *attribute)
{
	out_printf(junit->out, " %s=\"memwatch.", attribute);
	xml_text(junit->out, junit->program);
	out_char(junit->out, '"');
}

/* What a person reads: each finding that concerns the test, and its stack. */
static void put_details(const struct junit *junit, const struct check *check)
{
	struct out *text = out_memory();
	size_t n = 0;

	for (size_t i = 0; i < junit->findings.n; i++) {
		const struct finding *finding = &junit->findings.items[i];
		char *message;

		if (!(check->kinds & 1u << finding->kind) || ++n > MAX_FINDINGS)
			continue;
		message = finding_message(finding);
		out_printf(text, "%s\n", message);
		free(message);
		if (finding->stack)
			finding_put_stack(text, &junit->options->source, finding->stack, "    ", MAX_FRAMES);
	}
	if (n > MAX_FINDINGS)
		out_printf(text, "%zu more\n", n - MAX_FINDINGS);
	if (n) {
		out_char(junit->out, '\n');
		xml_lines(junit->out, out_text(text, NULL));
	}
	out_close(text, NULL);
}

static void put_test(const struct junit *junit, const struct check *check)
{
	const char *element = check->result == CHECK_ERROR ? "error" : "failure";

	out_str(junit->out, "    <testcase");
	put_class(junit, "classname");
	xml_attribute(junit->out, "name", check->name);
	out_printf(junit->out, " time=\"%.3f\"", junit->seconds);
	if (check->result == CHECK_PASSED) {
		out_str(junit->out, "/>\n");
		return;
	}
	out_printf(junit->out, ">\n      <%s", element);
	xml_attribute(junit->out, "type", check->rule);
	xml_attribute(junit->out, "message", check->message);
	out_char(junit->out, '>');
	put_details(junit, check);
	out_printf(junit->out, "</%s>\n    </testcase>\n", element);
}

/* xs:dateTime without a fraction, as the schemas want it. */
static void put_start(const struct junit *junit, const struct report_process *process)
{
	struct format_buf time;

	format_time(&time, process->start_realtime_ns);
	out_printf(junit->out, " timestamp=\"%.19s\"", time.text);
}

void render_junit(const struct report *report, const struct render_options *options, struct out *out)
{
	const struct report_process *program = report_main_process(report);
	struct junit junit = {
		.options = options,
		.out = out,
		.findings = findings_collect(report, options),
		.checks = checks_collect(report),
		.program = program && program->exe ? format_basename(program->exe) : "program",
		.seconds = program && program->duration_seconds > 0 ? program->duration_seconds : 0,
	};

	out_str(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"memwatch\"");
	put_counts(&junit);
	out_str(out, ">\n  <testsuite");
	put_class(&junit, "name");
	put_counts(&junit);
	if (program)
		put_start(&junit, program);
	out_str(out, ">\n");
	for (size_t i = 0; i < junit.checks.n; i++)
		put_test(&junit, &junit.checks.items[i]);
	out_str(out, "  </testsuite>\n</testsuites>\n");
	checks_release(&junit.checks);
	findings_release(&junit.findings);
}
