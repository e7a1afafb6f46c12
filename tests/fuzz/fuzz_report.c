/*
 * Any bytes as a JSON report and as a baseline: read or refused with a sentence, without a crash. What is read can be
 * merged, compared and written, and its JSON can be read again.
 */
#include "cli/analysis/merge.h"
#include "cli/analysis/tally.h"
#include "cli/load/baseline.h"
#include "cli/load/load_report.h"
#include "cli/render/render.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_and_read(const struct report *report)
{
	static const struct render_options plain = {.top = 20, .show = ~0u, .verbose = true};
	struct out *json = out_memory(), *text = out_memory();
	struct report again;
	size_t n;
	const char *bytes;

	render_text(report, &plain, text);
	render_json(report, &plain, json);
	bytes = out_text(json, &n);
	if (load_report_bytes(bytes, n, "it", &again, NULL))
		abort();
	report_clear(&again);
	out_close(json, NULL);
	out_close(text, NULL);
}

static void merge_twice(const struct report *report)
{
	struct merge *merge = merge_new();
	struct report sum;

	merge_add(merge, report);
	merge_add(merge, report);
	merge_finish(merge, &sum);
	write_and_read(&sum);
	report_clear(&sum);
	merge_free(merge);
}

static void read_baseline(const char *bytes, size_t size)
{
	struct tally tally;
	struct err err = {""};

	if (baseline_read_bytes(bytes, size, "it", &tally, &err) && !err.text[0])
		abort();
	tally_release(&tally);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct report report;
	struct err err = {""};

	if (load_report_bytes((const char *)data, size, "it", &report, &err) == 0) {
		struct tally tally;

		tally_init(&tally);
		tally_add_report(&tally, &report, TALLY_ALL);
		tally_sort(&tally);
		tally_release(&tally);
		write_and_read(&report);
		merge_twice(&report);
		report_clear(&report);
	} else if (!err.text[0]) {
		abort();
	}
	read_baseline((const char *)data, size);
	return 0;
}
