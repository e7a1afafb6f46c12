/*
 * GitLab's Code Quality: an array of issues. It wants relative paths (of a file outside of the source tree, the path
 * without its first slash), a line each, and fingerprints of which none is there twice.
 */
#include "cli/render/render.h"

#include "cli/base/xalloc.h"
#include "cli/render/findings.h"
#include "cli/render/json_stream.h"
#include "cli/render/json_values.h"

#include <stdlib.h>
#include <string.h>

static json_t *location_object(const struct finding *finding, const struct source_roots *roots)
{
	struct source_place place = finding_place(finding, roots);
	json_t *location = json_object(), *lines = json_object();
	const char *path = place.path ? place.path + strspn(place.path, "/") : "program";

	json_set(lines, "begin", json_integer(place.line));
	json_set(location, "path", json_text_or_null(path));
	json_set(location, "lines", lines);
	source_place_release(&place);
	return location;
}

static json_t *issue_object(const struct finding *finding, const struct source_roots *roots)
{
	static const char *const severities[] = {
		[FINDING_NOTE] = "info", [FINDING_WARNING] = "minor", [FINDING_ERROR] = "critical"};
	const struct finding_rule *rule = &finding_rules[finding->kind];
	char *message = finding_message(finding), *fingerprint = xasprintf("%s-%s", rule->id, finding->id);
	json_t *issue = json_object();

	json_set(issue, "description", json_text_or_null(message));
	json_set(issue, "check_name", json_string(rule->id));
	json_set(issue, "fingerprint", json_string(fingerprint));
	json_set(issue, "severity", json_string(severities[finding->level]));
	json_set(issue, "location", location_object(finding, roots));
	free(message);
	free(fingerprint);
	return issue;
}

void render_gitlab(const struct report *report, const struct render_options *options, struct out *out)
{
	struct findings findings = findings_collect(report, options);
	struct json_stream stream = {.out = out};

	json_stream_begin(&stream, NULL, '[');
	for (size_t i = 0; i < findings.n; i++)
		json_stream_value(&stream, NULL, issue_object(&findings.items[i], &options->source));
	json_stream_end(&stream);
	findings_release(&findings);
}
