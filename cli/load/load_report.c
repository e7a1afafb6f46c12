#include "cli/load/load_report.h"

#include "cli/base/xalloc.h"
#include "cli/load/load_values.h"
#include "common/compiler.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SCHEMA "memwatch-report/"

static int signal_number(const char *name)
{
	int number;

	for (int i = 1; i < SIGRTMAX; i++) {
		const char *abbreviation = sigabbrev_np(i);

		if (abbreviation && strncmp(name, "SIG", 3) == 0 && strcmp(name + 3, abbreviation) == 0)
			return i;
	}
	if (sscanf(name, "SIGRTMIN+%d", &number) == 1 && number >= 0 && number <= SIGRTMAX - SIGRTMIN)
		return SIGRTMIN + number;
	return sscanf(name, "signal %d", &number) == 1 && number > 0 ? number : 0;
}

static void read_exit(struct load *load, const json_t *object, struct report_exit *exit)
{
	static const char *const kinds[] = {
		[EXIT_EXIT] = "exit", [EXIT_SIGNAL] = "signal", [EXIT_EXEC] = "exec", [EXIT_RUNNING] = "running"};
	const char *signal = load_text(load, object, "signal");
	bool has_code = json_is_integer(json_object_get(object, "code"));

	exit->kind = load_choice(load, object, "kind", kinds, MW_ARRAY_LEN(kinds));
	exit->code = has_code ? (int)(load_number(load, object, "code") & 0xff) : -1;
	exit->signal = signal ? signal_number(signal) : 0;
}

/* RFC 3339 in UTC, as the report has it: "2025-01-31T12:34:56.789Z". */
static int64_t read_time(const char *text)
{
	struct tm tm = {0};
	int64_t seconds;
	int ms = 0;

	if (!text || sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d.%3d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour,
			    &tm.tm_min, &tm.tm_sec, &ms) < 6)
		return 0;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	seconds = (int64_t)timegm(&tm);
	if (seconds < 0 || seconds > INT64_MAX / 1000000000 - 1)
		return 0;
	return seconds * 1000000000 + (int64_t)ms * 1000000;
}

static void read_completeness(struct load *load, const json_t *object, struct report_completeness *completeness)
{
	static const struct load_field numbers[] = {
		{"records", offsetof(struct report_completeness, records)},
		{"lost_records", offsetof(struct report_completeness, lost_records)},
		{"unknown_frees", offsetof(struct report_completeness, unknown_frees)},
		{"truncated_stacks", offsetof(struct report_completeness, truncated_stacks)},
		{"slow_stacks", offsetof(struct report_completeness, slow_stacks)},
		{"checked_stacks", offsetof(struct report_completeness, checked_stacks)},
		{"differing_stacks", offsetof(struct report_completeness, differing_stacks)},
	};

	load_numbers(load, object, numbers, MW_ARRAY_LEN(numbers), completeness);
	completeness->complete = load_flag(load, object, "complete");
	completeness->reasons = load_texts(load, object, "reasons", &completeness->n_reasons);
}

static void read_totals(struct load *load, const json_t *object, struct report_totals *totals)
{
	static const struct load_field numbers[] = {
		{"allocations", offsetof(struct report_totals, allocations)},
		{"frees", offsetof(struct report_totals, frees)},
		{"reallocations", offsetof(struct report_totals, reallocations)},
		{"allocated_bytes", offsetof(struct report_totals, allocated_bytes)},
		{"freed_bytes", offsetof(struct report_totals, freed_bytes)},
		{"live_blocks", offsetof(struct report_totals, live_blocks)},
		{"live_bytes", offsetof(struct report_totals, live_bytes)},
		{"inherited_blocks", offsetof(struct report_totals, inherited_blocks)},
		{"inherited_bytes", offsetof(struct report_totals, inherited_bytes)},
		{"peak_live_bytes", offsetof(struct report_totals, peak_live_bytes)},
		{"temporary_allocations", offsetof(struct report_totals, temporary_allocations)},
		{"failed_allocations", offsetof(struct report_totals, failed_allocations)},
		{"refused_allocations", offsetof(struct report_totals, refused_allocations)},
	};

	load_numbers(load, object, numbers, MW_ARRAY_LEN(numbers), totals);
	totals->peak_seconds = load_real(load, object, "peak_seconds");
}

static void read_mappings(struct load *load, const json_t *object, struct report_mappings *mappings)
{
	static const struct load_field numbers[] = {
		{"maps", offsetof(struct report_mappings, maps)},
		{"unmaps", offsetof(struct report_mappings, unmaps)},
		{"mapped_bytes", offsetof(struct report_mappings, mapped_bytes)},
		{"unmapped_bytes", offsetof(struct report_mappings, unmapped_bytes)},
		{"live_maps", offsetof(struct report_mappings, live_maps)},
		{"live_bytes", offsetof(struct report_mappings, live_bytes)},
	};

	load_numbers(load, object, numbers, MW_ARRAY_LEN(numbers), mappings);
}

static void read_verdicts(struct load *load, const json_t *object, struct report_verdicts *verdicts)
{
	verdicts->scanned = load_flag(load, object, "scanned");
	verdicts->why_not = load_text(load, object, "why_not");
	verdicts->scans = load_number(load, object, "scans");
	verdicts->pause_ns_total = load_number(load, object, "pause_ns_total");
	for (int v = 0; v < N_VERDICTS; v++) {
		const json_t *amount = load_object(load, object, verdict_name(v));

		verdicts->by_verdict[v].blocks = load_number(load, amount, "blocks");
		verdicts->by_verdict[v].bytes = load_number(load, amount, "bytes");
	}
}

static void read_leak(struct load *load, const json_t *object, struct report_leak *leak)
{
	const char *verdicts[N_VERDICTS];

	for (int v = 0; v < N_VERDICTS; v++)
		verdicts[v] = v == VERDICT_SUPPRESSED ? NULL : verdict_name(v);
	*leak = (struct report_leak){
		.verdict = load_choice(load, object, "verdict", verdicts, N_VERDICTS),
		.direct = {load_number(load, object, "blocks"), load_number(load, object, "bytes")},
		.indirect = {load_number(load, object, "indirect_blocks"), load_number(load, object, "indirect_bytes")},
		.allocator = load_text(load, object, "allocator"),
		.first_seconds = load_real(load, object, "first_seconds"),
		.last_seconds = load_real(load, object, "last_seconds"),
		.suppressed_by = load_text(load, object, "suppressed_by"),
		.tagged_blocks = load_number(load, object, "tagged_blocks"),
		.stack = load_stack(load, object, "frames"),
	};
	leak->thread_names = load_texts(load, object, "thread_names", &leak->n_thread_names);
	leak->held_by = load_texts(load, object, "held_by", &leak->n_held_by);
	leak->stack.truncated = load_flag(load, object, "stack_truncated");
	load_id(load, object, leak->id);
}

static uint64_t limit_or_none(struct load *load, const json_t *object, const char *key)
{
	return json_is_integer(json_object_get(object, key)) ? load_number(load, object, key) : UINT64_MAX;
}

static void read_suppression(struct load *load, const json_t *object, struct report_suppression *suppression)
{
	static const char *const states[] = {
		[SUPPRESSION_UNUSED] = "unused",
		[SUPPRESSION_USED] = "used",
		[SUPPRESSION_EXCEEDED] = "exceeded",
		[SUPPRESSION_EXPIRED] = "expired",
	};
	uint64_t line = load_number(load, object, "line");

	*suppression = (struct report_suppression){
		.name = load_text(load, object, "name"),
		.file = load_text(load, object, "file"),
		.line = line <= INT32_MAX ? (unsigned)line : 0,
		.state = load_choice(load, object, "state", states, MW_ARRAY_LEN(states)),
		.amount = {load_number(load, object, "blocks"), load_number(load, object, "bytes")},
		.records = load_number(load, object, "records"),
		.max_bytes = limit_or_none(load, object, "max_bytes"),
		.max_blocks = limit_or_none(load, object, "max_blocks"),
		.expires = load_text(load, object, "expires"),
	};
	suppression->name = suppression->name ? suppression->name : "";
	suppression->file = suppression->file ? suppression->file : "";
	suppression->expires = suppression->expires ? suppression->expires : "";
}

static void read_leaks(struct load *load, const json_t *object, struct report_process *process)
{
	size_t n, n_suppressions;
	const json_t *array = load_array(load, object, "leaks", &n);
	const json_t *rules = load_array(load, object, "suppressions", &n_suppressions);
	struct report_leak *leaks = store_alloc(load->store, n, sizeof(*leaks));
	struct report_suppression *suppressions = store_alloc(load->store, n_suppressions, sizeof(*suppressions));

	for (size_t i = 0; i < n && !load->failed; i++)
		read_leak(load, json_array_get(array, i), &leaks[i]);
	for (size_t i = 0; i < n_suppressions && !load->failed; i++)
		read_suppression(load, json_array_get(rules, i), &suppressions[i]);
	process->leaks = leaks;
	process->n_leaks = n;
	process->suppressions = suppressions;
	process->n_suppressions = n_suppressions;
}

static int read_pid(struct load *load, const json_t *object, const char *key)
{
	uint64_t pid = load_number(load, object, key);

	return pid <= INT32_MAX ? (int)pid : 0;
}

static void read_process(struct load *load, const json_t *object, struct report_process *process)
{
	static const char *const origins[] = {[ORIGIN_RUN] = "run", [ORIGIN_FORK] = "fork", [ORIGIN_EXEC] = "exec"};
	const json_t *overhead;

	if (!json_is_object(object)) {
		load_fail(load, "processes", "an array of objects");
		return;
	}
	process->pid = read_pid(load, object, "pid");
	process->parent_pid = read_pid(load, object, "parent_pid");
	process->argv = load_texts(load, object, "argv", &process->argc);
	process->exe = load->exe = load_text(load, object, "exe");
	process->origin = load_choice(load, object, "origin", origins, MW_ARRAY_LEN(origins));
	process->shell = load_flag(load, object, "shell");
	process->merged = load_number(load, object, "merged");
	read_exit(load, load_object(load, object, "exit"), &process->exit);
	process->start_realtime_ns = read_time(load_text(load, object, "start_time"));
	process->duration_seconds = load_real(load, object, "duration_seconds");
	read_completeness(load, load_object(load, object, "completeness"), &process->completeness);
	read_totals(load, load_object(load, object, "totals"), &process->totals);
	read_mappings(load, load_object(load, object, "mappings"), &process->mappings);
	read_verdicts(load, load_object(load, object, "verdicts"), &process->verdicts);
	read_leaks(load, object, process);
	load_running(load, object, process);
	overhead = load_object(load, object, "overhead");
	process->overhead.shim_bytes = load_number(load, overhead, "shim_bytes");
	process->overhead.reporter_bytes = load_number(load, overhead, "reporter_bytes");
	process->overhead.reporter_cpu_seconds = load_real(load, overhead, "reporter_cpu_seconds");
}

static int read_report(const json_t *root, struct report *report, struct err *err)
{
	const char *schema = json_string_value(json_object_get(root, "schema"));
	const json_t *processes = json_object_get(root, "processes");
	struct load load = {.err = err};

	if (!schema || strncmp(schema, SCHEMA, sizeof(SCHEMA) - 1) != 0)
		return err_set(err, "it is no report of memwatch: there is no \"schema\": \"" SCHEMA "1\"");
	if (strcmp(schema, SCHEMA "1") != 0)
		return err_set(err, "its schema is %.40s, and this memwatch knows " SCHEMA "1", schema);
	if (!json_is_array(processes))
		return err_set(err, "it has no array of \"processes\"");
	for (size_t i = 0; i < json_array_size(processes) && !load.failed; i++) {
		struct report_process *process = report_add_process(report);

		process->store = load.store = store_new();
		read_process(&load, json_array_get(processes, i), process);
	}
	return load.failed ? -1 : 0;
}

/* Takes over `root`, which is NULL if the text was no JSON. */
static int finish(json_t *root, const json_error_t *error, const char *name, struct report *report, struct err *err)
{
	struct err why = {0};
	int ret = 0;

	*report = (struct report){.memwatch_version = MEMWATCH_VERSION, .gate_passed = true};
	if (!root)
		return err_set(err, "cannot read the report %s: it is not JSON: line %d: %s", name, error->line,
			       error->text);
	if (read_report(root, report, &why)) {
		report_clear(report);
		ret = err_set(err, "cannot read the report %s: %s", name, why.text);
	}
	json_decref(root);
	return ret;
}

int load_report(const char *path, struct report *report, struct err *err)
{
	FILE *file = strcmp(path, "-") ? fopen(path, "re") : stdin;
	json_error_t error = {0};
	json_t *root;

	*report = (struct report){0};
	if (!file)
		return err_set_errno(err, errno, "cannot read the report %s", path);
	root = json_loadf(file, JSON_REJECT_DUPLICATES, &error);
	if (file != stdin)
		fclose(file);
	return finish(root, &error, strcmp(path, "-") ? path : "on standard input", report, err);
}

int load_report_bytes(const char *bytes, size_t n, const char *name, struct report *report, struct err *err)
{
	json_error_t error = {0};

	return finish(json_loadb(bytes, n, JSON_REJECT_DUPLICATES, &error), &error, name, report, err);
}
