/*
 * Suppressions in the text report: which rules were used, and new ones, as LeakSanitizer reads them, as in
 * "leak:^cache_add$", or as Valgrind writes them:
 *
 *	{
 *	   leak-00112233445566aa
 *	   Memcheck:Leak
 *	   match-leak-kinds: definite
 *	   fun:malloc
 *	   fun:cache_add
 *	   fun:main
 *	}
 */
#include "cli/render/text.h"

#include "cli/render/format.h"
#include "cli/render/utf8.h"
#include "common/compiler.h"

#include <string.h>

/* How Valgrind's stacks begin. What goes on to another function has "..." or a wildcard: versions differ in showing
 * both functions, the outer one, or the inner one. */
static const char *head_of(const char *allocator)
{
	static const char *const heads[][2] = {
		{"malloc", "   fun:malloc\n"},
		{"calloc", "   fun:calloc\n"},
		{"memalign", "   fun:memalign\n"},
		{"realloc", "   fun:realloc\n"},
		{"reallocarray", "   ...\n   fun:reallocarray\n"},
		{"posix_memalign", "   ...\n   fun:posix_memalign\n"},
		{"aligned_alloc", "   fun:*align*\n"},
		{"valloc", "   ...\n   fun:valloc\n"},
		{"pvalloc", "   ...\n   fun:pvalloc\n"},
		{"new", "   ...\n   fun:_Znw*\n"},
		{"new[]", "   ...\n   fun:_Zna*\n"},
	};

	for (size_t i = 0; allocator && i < MW_ARRAY_LEN(heads); i++)
		if (strcmp(heads[i][0], allocator) == 0)
			return heads[i][1];
	return "   obj:*\n";
}

/* What a line cannot hold, or would lose at its ends, is '?': any one byte. */
static void put_literal(struct out *out, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)name[i];
		bool at_end = c == ' ' && (i == 0 || i + 1 == n);

		out_char(out, c < ' ' || c > '~' || at_end ? '?' : (char)c);
	}
}

/* By name, not by path: one library has several (/lib and /usr/lib, "libc.so.6" and what that links to). */
static void put_object(struct out *out, const char *module)
{
	const char *name = format_basename(module);
	const char *so = strstr(name, ".so");

	out_str(out, "*/");
	put_literal(out, name);
	if (so)
		out_char(out, '*');
}

static void put_frame(struct out *out, const struct report_frame *frame)
{
	const char *function = frame->symbol ? frame->symbol : frame->function;

	out_str(out, function ? "   fun:" : "   obj:");
	if (function)
		put_literal(out, function);
	else if (frame->module && strchr(frame->module, '/'))
		put_object(out, frame->module);
	else
		out_char(out, '*');
	out_char(out, '\n');
}

void text_suppression(struct out *out, const struct report_leak *leak)
{
	size_t n = report_stack_above_start(&leak->stack);

	if (n == 0) {
		out_printf(out, "# leak-%s has no suppression: its stack is not known\n", leak->id);
		return;
	}
	out_printf(out, "{\n   leak-%s\n   Memcheck:Leak\n", leak->id);
	if (leak->verdict != VERDICT_UNCLASSIFIED)
		out_printf(out, "   match-leak-kinds: %s\n", verdict_name(leak->verdict));
	out_str(out, head_of(leak->allocator));
	for (size_t i = 0; i < n; i++)
		put_frame(out, leak->stack.frames[i]);
	out_str(out, "}\n");
}

/* '*' stands for what a line cannot hold, and for what would end the pattern. */
static void put_template(struct out *out, const char *name)
{
	for (; *name; name++)
		out_char(out, *name < ' ' || *name > '~' || *name == '$' ? '*' : *name);
}

void text_suppression_lsan(struct out *out, const struct report_leak *leak)
{
	size_t at = report_stack_project(&leak->stack);
	const struct report_frame *frame = NULL;

	if (leak->stack.n_frames)
		frame = leak->stack.frames[at < leak->stack.n_frames ? at : 0];
	if (frame && frame->function && *frame->function) {
		out_str(out, "leak:^");
		put_template(out, frame->function);
		out_str(out, "$\n");
	} else if (frame && frame->module && *format_basename(frame->module)) {
		out_str(out, "leak:/");
		put_template(out, format_basename(frame->module));
		out_char(out, '\n');
	} else {
		out_printf(out, "# leak-%s has no suppression: its stack is not known\n", leak->id);
	}
}

static void put_rule(const struct text *text, const struct report_suppression *rule)
{
	utf8_print(text->out, rule->name);
	out_str(text->out, " (");
	utf8_print(text->out, rule->file);
	out_printf(text->out, ":%u)", rule->line);
}

static void put_exceeded(const struct text *text, const struct report_suppression *rule)
{
	bool bytes = rule->amount.bytes > rule->max_bytes;
	struct format_buf amount, limit;

	out_printf(text->out, "%snot applied%s: ", text->alarm, text->off);
	put_rule(text, rule);
	out_printf(text->out, " matches %s, more than its %s=%s\n", format_amount(&amount, rule->amount),
		   bytes ? "max-bytes" : "max-blocks",
		   format_count(&limit, bytes ? rule->max_bytes : rule->max_blocks));
}

static void put_state(const struct text *text, const struct report_suppression *rule)
{
	struct format_buf amount, records;

	switch (rule->state) {
	case SUPPRESSION_USED:
		out_printf(text->out, "used for %s (%s): ", format_amount(&amount, rule->amount),
			   format_noun(&records, rule->records, "record"));
		break;
	case SUPPRESSION_EXPIRED:
		out_printf(text->out, "expired on %s: ", rule->expires);
		break;
	default:
		out_str(text->out, "not used: ");
	}
	put_rule(text, rule);
	out_char(text->out, '\n');
}

void text_suppressions(const struct text *text, const struct report_process *process)
{
	bool labelled = false;

	for (size_t i = 0; i < process->n_suppressions; i++) {
		const struct report_suppression *rule = &process->suppressions[i];

		if (rule->state != SUPPRESSION_EXCEEDED && !text->options->verbose)
			continue;
		out_printf(text->out, "  %-18s ", labelled ? "" : "suppressions");
		labelled = true;
		if (rule->state == SUPPRESSION_EXCEEDED)
			put_exceeded(text, rule);
		else
			put_state(text, rule);
	}
}
