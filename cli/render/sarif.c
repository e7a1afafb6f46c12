/*
 * SARIF 2.1.0, as GitHub's code scanning and editors read it. Of each finding: where it is (the innermost frame below
 * the source root), the way from main() to the allocation as a code flow, the whole stack, and a fingerprint that
 * survives changes of lines. GitHub refuses files of more than 25,000 results and shows 5,000: that many are written,
 * the gravest first, and a notification tells of the others. Gates that failed are notifications too: they have no
 * place.
 */
#include "cli/render/render.h"

#include "cli/base/xalloc.h"
#include "cli/render/findings.h"
#include "cli/render/format.h"
#include "cli/render/json_stream.h"
#include "cli/render/json_values.h"
#include "cli/render/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_RESULTS 5000
#define MAX_FRAMES  1000 /* of a code flow, that GitHub shows */
#define ROOT_ID     "SRCROOT"

struct sarif {
	struct json_stream json;
	const struct source_roots *roots;
};

/* A message: braces would be placeholders, and are doubled (3.11.5 of the standard). */
static json_t *text_object(const char *text)
{
	json_t *object = json_object();
	struct out *out = out_memory();

	for (const char *s = text; *s; s++) {
		if (*s == '{' || *s == '}')
			out_char(out, *s);
		out_char(out, *s);
	}
	json_set(object, "text", json_text_or_null(out_text(out, NULL)));
	out_close(out, NULL);
	return object;
}

static json_t *uri_of(const struct source_place *place)
{
	struct out *out = out_memory();
	json_t *uri;

	source_put_uri(out, place);
	uri = json_text_or_null(out_text(out, NULL));
	out_close(out, NULL);
	return uri;
}

static json_t *physical_location(const struct source_place *place)
{
	json_t *location = json_object(), *artifact = json_object(), *region = json_object();

	json_set(artifact, "uri", uri_of(place));
	if (place->in_root)
		json_set(artifact, "uriBaseId", json_string(ROOT_ID));
	json_set(region, "startLine", json_integer(place->line));
	json_set(location, "artifactLocation", artifact);
	json_set(location, "region", region);
	return location;
}

static json_t *frame_text(const struct sarif *sarif, const struct report_frame *frame)
{
	struct out *out = out_memory();
	json_t *text;

	finding_put_frame(out, sarif->roots, frame);
	text = text_object(out_text(out, NULL));
	out_close(out, NULL);
	return text;
}

/* A frame with its file, if it has one, and its function. */
static json_t *frame_location(const struct sarif *sarif, const struct report_frame *frame)
{
	struct source_place place = source_frame(sarif->roots, frame);
	json_t *location = json_object();

	if (place.path)
		json_set(location, "physicalLocation", physical_location(&place));
	if (frame->function) {
		json_t *logical = json_object(), *list = json_array();

		json_set(logical, "fullyQualifiedName", json_text_or_null(frame->function));
		json_set(logical, "kind", json_string("function"));
		json_array_append_new(list, logical);
		json_set(location, "logicalLocations", list);
	}
	json_set(location, "message", frame_text(sarif, frame));
	source_place_release(&place);
	return location;
}

static json_t *stack_object(const struct sarif *sarif, const struct report_stack *stack, const char *what)
{
	json_t *object = json_object(), *frames = json_array();

	for (size_t i = 0; i < stack->n_frames; i++) {
		const struct report_frame *frame = stack->frames[i];
		json_t *entry = json_object();

		json_set(entry, "location", frame_location(sarif, frame));
		if (frame->module)
			json_set(entry, "module", json_text_or_null(format_basename(frame->module)));
		json_array_append_new(frames, entry);
	}
	json_set(object, "message", text_object(what));
	json_set(object, "frames", frames);
	return object;
}

/* From main() inwards; only frames that have a file, since a reader clicks through them. NULL if there is none. */
static json_t *code_flows(const struct sarif *sarif, const struct report_stack *stack)
{
	json_t *locations = json_array(), *thread, *flow, *flows = NULL;
	size_t n = report_stack_above_start(stack);

	if (n > MAX_FRAMES)
		n = MAX_FRAMES;
	while (n-- > 0) {
		json_t *step = json_object();

		if (!stack->frames[n]->file) {
			json_decref(step);
			continue;
		}
		json_set(step, "location", frame_location(sarif, stack->frames[n]));
		json_array_append_new(locations, step);
	}
	if (json_array_size(locations)) {
		thread = json_object();
		json_set(thread, "locations", locations);
		flow = json_object();
		json_set(flow, "threadFlows", json_array());
		json_array_append_new(json_object_get(flow, "threadFlows"), thread);
		flows = json_array();
		json_array_append_new(flows, flow);
	} else {
		json_decref(locations);
	}
	return flows;
}

static json_t *properties(const struct finding *finding)
{
	json_t *object = json_object();

	json_set(object, "bytes", json_number(finding->amount.bytes));
	json_set(object, "blocks", json_number(finding->amount.blocks));
	if (finding->leak) {
		json_set(object, "indirectBytes", json_number(finding->indirect.bytes));
		json_set(object, "indirectBlocks", json_number(finding->indirect.blocks));
		json_set(object, "allocator", json_text_or_null(finding->leak->allocator));
		json_set(object, "heldBy", json_texts(finding->leak->held_by, finding->leak->n_held_by));
	}
	json_set(object, "processes", json_number(finding->n_processes));
	return object;
}

static void write_locations(struct sarif *sarif, const struct finding *finding)
{
	struct source_place place = finding_place(finding, sarif->roots);
	json_t *location = json_object();

	if (place.path)
		json_set(location, "physicalLocation", physical_location(&place));
	json_stream_begin(&sarif->json, "locations", '[');
	json_stream_value(&sarif->json, NULL, location);
	json_stream_end(&sarif->json);
	source_place_release(&place);
}

static void write_stacks(struct sarif *sarif, const struct finding *finding)
{
	json_t *flows = code_flows(sarif, finding->stack);

	if (flows)
		json_stream_value(&sarif->json, "codeFlows", flows);
	json_stream_begin(&sarif->json, "stacks", '[');
	json_stream_value(&sarif->json, NULL,
			  stack_object(sarif, finding->stack,
				       finding->mismatch && finding->mismatch->free.n_frames ? "freed" : "allocated"));
	if (finding->other)
		json_stream_value(&sarif->json, NULL, stack_object(sarif, finding->other, "allocated"));
	json_stream_end(&sarif->json);
}

static void write_result(struct sarif *sarif, const struct finding *finding)
{
	struct json_stream *json = &sarif->json;
	json_t *fingerprints = json_object();
	char *message = finding_message(finding);
	char hash[32];

	strcpy(stpcpy(hash, finding->id), ":1");
	json_set(fingerprints, "primaryLocationLineHash", json_string(hash));
	json_set(fingerprints, "memwatchStack/v1", json_string(finding->id));
	json_stream_begin(json, NULL, '{');
	json_write_text(json, "ruleId", finding_rules[finding->kind].id);
	json_write_integer(json, "ruleIndex", finding->kind);
	json_write_text(json, "level", finding_level_name(finding->level));
	json_stream_value(json, "message", text_object(message));
	write_locations(sarif, finding);
	json_stream_value(json, "partialFingerprints", fingerprints);
	if (finding->stack && finding->stack->n_frames)
		write_stacks(sarif, finding);
	json_stream_value(json, "properties", properties(finding));
	json_stream_end(json);
	free(message);
}

static json_t *rule_object(const struct finding_rule *rule)
{
	json_t *object = json_object(), *configuration = json_object(), *extra = json_object(), *tags = json_array();
	const char *level = finding_level_name(rule->level);
	char tag[32];

	json_set(object, "id", json_string(rule->id));
	json_set(object, "name", json_string(rule->name));
	json_set(object, "shortDescription", text_object(rule->title));
	json_set(object, "fullDescription", text_object(rule->description));
	json_set(object, "help", text_object(rule->help));
	json_set(configuration, "level", json_string(level));
	json_set(object, "defaultConfiguration", configuration);
	json_array_append_new(tags, json_string("memory"));
	for (size_t i = 0; i < MW_ARRAY_LEN(rule->cwes) && rule->cwes[i]; i++) {
		snprintf(tag, sizeof(tag), "external/cwe/cwe-%u", rule->cwes[i]);
		json_array_append_new(tags, json_string(tag));
	}
	json_set(extra, "tags", tags);
	json_set(extra, "precision", json_string(rule->level == FINDING_ERROR ? "very-high" : "high"));
	json_set(extra, "problem.severity", json_string(rule->level == FINDING_NOTE ? "recommendation" : level));
	json_set(object, "properties", extra);
	return object;
}

static void write_tool(struct sarif *sarif, const struct report *report)
{
	struct json_stream *json = &sarif->json;

	json_stream_begin(json, "tool", '{');
	json_stream_begin(json, "driver", '{');
	json_write_text(json, "name", "memwatch");
	json_write_text(json, "version", report->memwatch_version);
	json_stream_begin(json, "rules", '[');
	for (size_t i = 0; i < N_FINDING_KINDS; i++)
		json_stream_value(json, NULL, rule_object(&finding_rules[i]));
	json_stream_end(json);
	json_stream_end(json);
	json_stream_end(json);
}

static json_t *notification(enum finding_level level, const char *text)
{
	json_t *object = json_object();

	json_set(object, "level", json_string(finding_level_name(level)));
	json_set(object, "message", text_object(text));
	return object;
}

/* What has no place in the sources: gates that failed, processes whose report is not complete, what was cut. */
static json_t *notifications(const struct report *report, size_t n_cut)
{
	json_t *list = json_array();
	struct format_buf count;
	char text[512];

	for (size_t i = 0; i < report->n_gate_failures; i++) {
		snprintf(text, sizeof(text), "gate failed: %.100s: %.380s", report->gate_failures[i].rule,
			 report->gate_failures[i].message);
		json_array_append_new(list, notification(FINDING_ERROR, text));
	}
	for (size_t i = 0; i < report->n_processes; i++) {
		const struct report_process *process = &report->processes[i];

		if (!process->completeness.complete) {
			snprintf(text, sizeof(text), "the report of process %d is not complete: %.400s", process->pid,
				 process->completeness.n_reasons ? process->completeness.reasons[0] : "records lost");
			json_array_append_new(list, notification(FINDING_WARNING, text));
		}
		if (!process->verdicts.scanned && process->totals.live_blocks) {
			snprintf(text, sizeof(text), "no leak scan of process %d was made: %.400s", process->pid,
				 process->verdicts.why_not ? process->verdicts.why_not : "the reason is not known");
			json_array_append_new(list, notification(FINDING_WARNING, text));
		}
	}
	if (n_cut) {
		snprintf(text, sizeof(text), "%s not listed: these are the gravest %d",
			 format_noun(&count, n_cut, "more finding"), MAX_RESULTS);
		json_array_append_new(list, notification(FINDING_NOTE, text));
	}
	return list;
}

static void write_invocation(struct sarif *sarif, const struct report *report, size_t n_cut)
{
	const struct report_process *process = report_main_process(report);
	struct json_stream *json = &sarif->json;
	struct format_buf time;
	struct out *command;

	json_stream_begin(json, "invocations", '[');
	json_stream_begin(json, NULL, '{');
	json_write_boolean(json, "executionSuccessful", true);
	if (process) {
		command = out_memory();
		text_command(command, process, true);
		json_write_text(json, "commandLine", out_text(command, NULL));
		out_close(command, NULL);
		json_write_text(json, "startTimeUtc", format_time(&time, process->start_realtime_ns));
		json_write_integer(json, "processId", process->pid);
	}
	json_stream_value(json, "toolExecutionNotifications", notifications(report, n_cut));
	json_stream_end(json);
	json_stream_end(json);
}

/* Tells uploads of several programs apart. */
static void write_category(struct sarif *sarif, const struct report *report)
{
	const struct report_process *program = report_main_process(report);
	const char *exe = program ? program->exe : NULL;
	struct out *category = out_memory();

	out_printf(category, "memwatch/%s/", exe ? format_basename(exe) : "program");
	json_stream_begin(&sarif->json, "automationDetails", '{');
	json_write_text(&sarif->json, "id", out_text(category, NULL));
	json_stream_end(&sarif->json);
	out_close(category, NULL);
}

/* The folder that relative paths are of: its URI ends with a slash. */
static void write_root(struct sarif *sarif)
{
	char *folder = sarif->roots->names[0] ? xasprintf("%s/", sarif->roots->names[0]) : NULL;
	const struct source_place place = {.path = folder};
	json_t *base = json_object(), *bases = json_object();

	if (folder)
		json_set(base, "uri", uri_of(&place));
	else
		json_set(base, "description", text_object("the top of the source tree"));
	json_set(bases, ROOT_ID, base);
	json_stream_value(&sarif->json, "originalUriBaseIds", bases);
	free(folder);
}

void render_sarif(const struct report *report, const struct render_options *options, struct out *out)
{
	struct sarif sarif = {.json.out = out, .roots = &options->source};
	struct findings findings = findings_collect(report, options);
	size_t n = findings.n < MAX_RESULTS ? findings.n : MAX_RESULTS;
	struct json_stream *json = &sarif.json;

	json_stream_begin(json, NULL, '{');
	json_write_text(json, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
	json_write_text(json, "version", "2.1.0");
	json_stream_begin(json, "runs", '[');
	json_stream_begin(json, NULL, '{');
	write_tool(&sarif, report);
	write_category(&sarif, report);
	write_invocation(&sarif, report, findings.n - n);
	write_root(&sarif);
	json_write_text(json, "columnKind", "utf16CodeUnits");
	json_stream_begin(json, "results", '[');
	for (size_t i = 0; i < n; i++)
		write_result(&sarif, &findings.items[i]);
	json_stream_end(json);
	json_stream_end(json);
	json_stream_end(json);
	json_stream_end(json);
	findings_release(&findings);
}
