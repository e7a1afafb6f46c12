/*
 * Which stacks' memory grows: what is kept while a process runs (the windows), the moment when it is judged, and how
 * that comes into the report.
 *
 * It is judged when the process is at its end but its memory still there, when a report of a running one is asked for,
 * and now and then between: a program that frees all it has before it ends is told by the last judgement before.
 */
#ifndef CLI_ANALYSIS_GROWTH_H
#define CLI_ANALYSIS_GROWTH_H

#include "cli/analysis/judge.h"
#include "cli/analysis/names.h"
#include "cli/analysis/report.h"
#include "cli/analysis/store.h"
#include "cli/analysis/windows.h"
#include "cli/model/process.h"
#include "cli/scan/scan.h"
#include "cli/symbols/symbols.h"

struct growth_finding {
	struct judgement judgement;
	uint32_t stack, member; /* the one id that stands for it, and one of those that it stands for */
	struct report_amount live;
	uint64_t sample;         /* address of a block that stands for them; 0 = none */
	double first_seconds;    /* birth of the oldest live block; negative = not known */
	double lifetime_seconds; /* mean; negative = none was freed */
};

/* All zero at the start. */
struct growth {
	struct windows windows;
	struct growth_finding *findings; /* as of judged_seconds, in the order of the report */
	size_t n_findings;
	double judged_seconds, due_seconds; /* the last judgement; when the next one is due */
	uint64_t judged_bytes;              /* live then */
	bool final;                         /* the last judgement is that of the end */
};

/* To be called with each point of the history. */
void growth_sample(struct growth *growth, const struct process *process, double seconds);

/* Judges now. `final`: its memory is about to go, what comes is not to be judged. */
void growth_judge(struct growth *growth, const struct process *process, bool final);

/* Fills the growth of *out by the last judgement, if it is of now, else by a new one. `scan` NULL: there was none. */
void growth_build(struct growth *growth, const struct process *process, const struct scan_result *scan,
		  struct names *names, struct symbols *symbols, struct store *store, uint32_t depth,
		  struct report_process *out);

/* The same by the last judgement, however old, and without who holds it. */
void growth_build_judged(const struct growth *growth, struct names *names, struct store *store, uint32_t depth,
			 struct report_process *out);

void growth_release(struct growth *growth);

#endif
