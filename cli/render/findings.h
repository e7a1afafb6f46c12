/*
 * What the formats of CI services list: each finding once, whatever the number of processes that have it, the gravest
 * first. Leaks are those of the verdicts that --show names, without the suppressed ones.
 */
#ifndef CLI_RENDER_FINDINGS_H
#define CLI_RENDER_FINDINGS_H

#include "cli/render/render.h"
#include "cli/render/source.h"

enum finding_level {
	FINDING_NOTE,
	FINDING_WARNING,
	FINDING_ERROR,
};

/* A rule, in the words of SARIF. Its id never changes its meaning. */
struct finding_rule {
	const char *id;   /* "MW001" */
	const char *name; /* "definite-leak" */
	const char *title, *description, *help;
	unsigned cwes[3]; /* numbers of the Common Weakness Enumeration; 0 = no more */
	enum finding_level level;
};

enum finding_kind {
	FINDING_DEFINITE,
	FINDING_INDIRECT,
	FINDING_POSSIBLE,
	FINDING_REACHABLE,
	FINDING_UNCLASSIFIED,
	FINDING_GROWTH,
	FINDING_LIMIT,
	FINDING_MISMATCH,
	N_FINDING_KINDS,
};

extern const struct finding_rule finding_rules[N_FINDING_KINDS];

struct finding {
	enum finding_kind kind;
	enum finding_level level;
	char id[17];                 /* fingerprint; with the kind it names the finding */
	struct report_amount amount; /* sum of all processes, with what is lost indirectly by it */
	struct report_amount indirect;
	size_t n_processes;
	const struct report_process *process; /* the first that has it */
	const struct report_stack *stack;     /* NULL = none */
	const struct report_stack *other;     /* of a mismatch: where the block was allocated; or NULL */
	const struct report_leak *leak;       /* one of them, by kind; of the first process */
	const struct report_growth *growth;
	const struct report_warning *warning;
	const struct report_mismatch *mismatch;
	uint64_t count; /* of wrong frees */
};

struct findings {
	struct finding *items;
	size_t n, cap;
};

struct findings findings_collect(const struct report *report, const struct render_options *options);
void findings_release(struct findings *findings);

/* "note", "warning", "error" */
const char *finding_level_name(enum finding_level level);

/* One sentence: what, how much, where; for free(). */
char *finding_message(const struct finding *finding);

/* The headline: "1,024 bytes in 16 blocks definitely lost"; for free(). */
char *finding_title(const struct finding *finding);

struct source_place finding_place(const struct finding *finding, const struct source_roots *roots);

/* A frame in a line, "cache_add at src/cache.c:42", with harmless characters; paths relative to the root. */
void finding_put_frame(struct out *out, const struct source_roots *roots, const struct report_frame *frame);

/* Frames in lines of their own, each begun by `begin`; at most `most`, and what only starts main() is left out. */
void finding_put_stack(struct out *out, const struct source_roots *roots, const struct report_stack *stack,
		       const char *begin, size_t most);

#endif
