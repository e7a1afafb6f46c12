/* The parts of the text report, and words that the formats of CI services share with it. */
#ifndef CLI_RENDER_TEXT_H
#define CLI_RENDER_TEXT_H

#include "cli/render/render.h"

/* Where the text goes and how it looks. The colours are "" when there are none. */
struct text {
	const struct render_options *options;
	struct out *out;
	const char *bold, *alarm, *good, *dim, *off;
};

/* Verdicts that the options ask for and that are not suppressed. */
bool text_shows(const struct render_options *options, const struct report_leak *leak);

/* What the C and C++ runtime keeps for itself until the end; Memcheck has it freed, and does not list it. */
bool text_is_of_runtime(const struct report_leak *leak);

/* Leaks of a process that are listed, and those that --top cuts. */
struct text_cut {
	size_t n_eligible; /* of a verdict that is shown */
	size_t n_listed;
	struct report_amount cut;
};
struct text_cut text_cut(const struct render_options *options, const struct report_process *process);

/* "definitely lost", … ; what is not classified is "not freed at exit", "at exec", "yet". */
const char *text_verdict(enum verdict verdict, enum exit_kind exit);

/* "exited with status 0", "died of SIGSEGV", … */
void text_ending(struct out *out, const struct report_exit *exit);

/* The command line, cut unless `whole`. */
void text_command(struct out *out, const struct report_process *process, bool whole);

/* A record: its headline, where it came from, its stack. */
void text_leak(const struct text *text, const struct report_process *process, const struct report_leak *leak,
	       size_t index, size_t n);

/* "    held by global cache_head in prog -> block of 48 bytes from cache_add", if it is known. */
void text_held_by(const struct text *text, const char *const *held_by, size_t n);

/* A stack, a frame a line; the innermost one of the program's own code is marked. */
void text_stack(const struct text *text, const struct report_process *process, const struct report_stack *stack);

/* Frees that do not fit: one record each. */
void text_mismatches(const struct text *text, const struct report_process *process);

/* Stacks that grow: one record each; with -v the others that were judged, too. */
void text_growth(const struct text *text, const struct report_process *process);

/* A line of the summary about them. */
void text_growth_summary(const struct text *text, const struct report_process *process);

/* Their number: of frees, not of records. */
uint64_t text_count_mismatches(const struct report_process *process);

/* "Mismatched free() / delete / delete []", … : Valgrind's words. */
const char *text_mismatch(const struct report_mismatch *mismatch);

/* In a summary: the rules of the process that say something to its user: those over their limits; with -v all. */
void text_suppressions(const struct text *text, const struct report_process *process);

/* A suppression for the record alone, that Valgrind reads, too. */
void text_suppression(struct out *out, const struct report_leak *leak);

/* A line for LeakSanitizer, of the function that the report names first. */
void text_suppression_lsan(struct out *out, const struct report_leak *leak);

/* "cache_add (cache.c:42)": the frame to look at first, of a stack that has frames. */
void text_where(const struct text *text, const struct report_stack *stack);

/* The summary of a process. */
void text_summary(const struct text *text, const struct report_process *process);

/* Whether a process has any of what the options ask for. */
bool text_has_findings(const struct render_options *options, const struct report_process *process);

/* Which process made which, and what they left: those with findings and what is above them; with -v all. */
void text_tree(const struct text *text, const struct report *report);

/* The gates that failed, in lines as of Memcheck's log. */
void text_memcheck_gate(const struct report *report, struct out *out);

/* A process in Memcheck's words. */
void text_memcheck(const struct render_options *options, const struct report_process *process, struct out *out);

#endif
