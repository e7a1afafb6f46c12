/* TAP version 13, as prove and Meson read it: a test for each gate; what failed has a YAML block. */
#include "cli/render/render.h"

#include "cli/render/checks.h"
#include "cli/render/utf8.h"

#include <stdlib.h>

#define MAX_FINDINGS 10
#define MAX_FRAMES   30

/* '#' would begin a directive. */
static void put_description(struct out *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '#' || *text == '\\')
			out_char(out, '\\');
		out_char(out, *text);
	}
}

/* A YAML scalar in double quotes; utf8_print() leaves no control characters, and its backslashes are doubled. */
static void put_quoted(struct out *out, const char *text)
{
	struct out *harmless = out_memory();

	utf8_print(harmless, text);
	out_char(out, '"');
	for (const char *s = out_text(harmless, NULL); *s; s++) {
		if (*s == '"' || *s == '\\')
			out_char(out, '\\');
		out_char(out, *s);
	}
	out_char(out, '"');
	out_close(harmless, NULL);
}

static void put_finding(struct out *out, const struct render_options *options, const struct finding *finding)
{
	char *message = finding_message(finding);

	out_str(out, "    - finding: ");
	put_quoted(out, message);
	out_char(out, '\n');
	free(message);
	if (!finding->stack || !finding->stack->n_frames)
		return;
	out_str(out, "      stack: |\n");
	finding_put_stack(out, &options->source, finding->stack, "        ", MAX_FRAMES);
}

static void put_details(struct out *out, const struct render_options *options, const struct findings *findings,
			const struct check *check)
{
	size_t n = 0;

	out_str(out, "  ---\n  rule: ");
	put_quoted(out, check->rule);
	out_str(out, "\n  message: ");
	put_quoted(out, check->message);
	out_printf(out, "\n  severity: %s\n", check->result == CHECK_ERROR ? "error" : "fail");
	for (size_t i = 0; i < findings->n; i++) {
		if (!(check->kinds & 1u << findings->items[i].kind) || ++n > MAX_FINDINGS)
			continue;
		if (n == 1)
			out_str(out, "  findings:\n");
		put_finding(out, options, &findings->items[i]);
	}
	if (n > MAX_FINDINGS)
		out_printf(out, "  more: %zu\n", n - MAX_FINDINGS);
	out_str(out, "  ...\n");
}

void render_tap(const struct report *report, const struct render_options *options, struct out *out)
{
	struct findings findings = findings_collect(report, options);
	struct checks checks = checks_collect(report);

	out_printf(out, "TAP version 13\n1..%zu\n", checks.n);
	for (size_t i = 0; i < checks.n; i++) {
		const struct check *check = &checks.items[i];

		out_printf(out, "%s %zu - ", check->result == CHECK_PASSED ? "ok" : "not ok", i + 1);
		put_description(out, check->name);
		out_char(out, '\n');
		if (check->result != CHECK_PASSED)
			put_details(out, options, &findings, check);
	}
	checks_release(&checks);
	findings_release(&findings);
}
