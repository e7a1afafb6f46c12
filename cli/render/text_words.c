/* Words and decisions that the parts of the text report share. */
#include "cli/render/text.h"

#include "cli/render/format.h"
#include "cli/render/utf8.h"

#include <string.h>

#define COMMAND_WIDTH 80

bool text_is_of_runtime(const struct report_leak *leak)
{
	const struct report_stack *stack = &leak->stack;
	const struct report_frame *first = stack->n_frames ? stack->frames[0] : NULL;

	if (leak->verdict != VERDICT_REACHABLE || !first)
		return false;
	if (first->function && strstr(first->function, "_IO_file_doallocate")) /* the buffer of a standard stream */
		return true;
	if (!first->module || strncmp(format_basename(first->module), "libstdc++.so", 12) != 0)
		return false;
	/* the pool for exceptions: made by the loader's call, without any code of the program */
	for (size_t i = 0; i < stack->n_frames; i++)
		if (!stack->frames[i]->system)
			return false;
	return true;
}

bool text_shows(const struct render_options *options, const struct report_leak *leak)
{
	/* CTest would count them, and valgrind never prints them */
	if (leak->suppressed_by)
		return options->verbose && !options->memcheck;
	if (options->memcheck && text_is_of_runtime(leak))
		return false;
	return leak->verdict == VERDICT_UNCLASSIFIED || (options->show & 1u << leak->verdict);
}

struct text_cut text_cut(const struct render_options *options, const struct report_process *process)
{
	struct text_cut cut = {0};

	for (size_t i = 0; i < process->n_leaks; i++) {
		const struct report_leak *leak = &process->leaks[i];

		if (!text_shows(options, leak))
			continue;
		cut.n_eligible++;
		if (options->top == 0 || cut.n_listed < options->top) {
			cut.n_listed++;
		} else {
			cut.cut.blocks += leak->direct.blocks + leak->indirect.blocks;
			cut.cut.bytes += leak->direct.bytes + leak->indirect.bytes;
		}
	}
	return cut;
}

const char *text_verdict(enum verdict verdict, enum exit_kind exit)
{
	static const char *const words[N_VERDICTS] = {
		[VERDICT_DEFINITE] = "definitely lost", [VERDICT_INDIRECT] = "indirectly lost",
		[VERDICT_POSSIBLE] = "possibly lost",   [VERDICT_REACHABLE] = "still reachable",
		[VERDICT_SUPPRESSED] = "suppressed",
	};
	static const char *const unclassified[] = {
		[EXIT_EXIT] = "not freed at exit",
		[EXIT_SIGNAL] = "not freed at exit",
		[EXIT_EXEC] = "not freed at exec",
		[EXIT_RUNNING] = "not freed yet",
	};

	return verdict == VERDICT_UNCLASSIFIED ? unclassified[exit] : words[verdict];
}

uint64_t text_count_mismatches(const struct report_process *process)
{
	uint64_t n = 0;

	for (size_t i = 0; i < process->n_mismatches; i++)
		n += process->mismatches[i].count;
	return n;
}

const char *text_mismatch(const struct report_mismatch *mismatch)
{
	return mismatch->kind == MISMATCH_FREE ? "Mismatched free() / delete / delete []"
					       : "Invalid free() / delete / delete[] / realloc()";
}

void text_ending(struct out *out, const struct report_exit *exit)
{
	struct format_buf name;

	switch (exit->kind) {
	case EXIT_EXIT:
		if (exit->code < 0)
			out_str(out, "exited with an unknown status");
		else
			out_printf(out, "exited with status %d", exit->code);
		break;
	case EXIT_SIGNAL:
		out_printf(out, "died of %s",
			   exit->signal > 0 ? format_signal(&name, exit->signal) : "an unknown signal");
		break;
	case EXIT_EXEC:
		out_str(out, "became another program (exec)");
		break;
	case EXIT_RUNNING:
		out_str(out, "is still running");
		break;
	}
}

static bool needs_quotes(const char *argument)
{
	return argument[0] == '\0' || strpbrk(argument, " \t\n'\"\\$`;&|<>()*?[]#~");
}

static void command_argument(struct out *out, const char *argument)
{
	bool quotes = needs_quotes(argument);

	if (quotes)
		out_char(out, '\'');
	utf8_print(out, argument);
	if (quotes)
		out_char(out, '\'');
}

void text_command(struct out *out, const struct report_process *process, bool whole)
{
	size_t width = 0;

	if (process->argc == 0) {
		utf8_print(out, process->exe ? process->exe : "a program without a name");
		return;
	}
	for (size_t i = 0; i < process->argc; i++) {
		const char *argument = process->argv[i];

		width += strlen(argument) + 1;
		if (i > 0)
			out_char(out, ' ');
		if (i > 0 && width > COMMAND_WIDTH && !whole) {
			out_str(out, "...");
			break;
		}
		command_argument(out, argument);
	}
}
