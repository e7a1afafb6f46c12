/*
 * The findings of one program in merge.c, added up by fingerprint: leaks by verdict and allocator, growth, frees that
 * do not fit, suppressions, and of each threshold the worst crossing.
 */
#ifndef CLI_ANALYSIS_MERGE_FINDINGS_H
#define CLI_ANALYSIS_MERGE_FINDINGS_H

#include "cli/analysis/report.h"

struct merge_entry;

struct merge_findings {
	struct store *store; /* for all that is kept; the owner's */
	struct merge_entry *entries;
	size_t n, cap;
	size_t *slots;  /* open addressing: index in entries + 1; 0 = free */
	size_t n_slots; /* a power of two */
};

/* Keeps nothing of `process`. */
void merge_findings_add(struct merge_findings *findings, const struct report_process *process);

/* Puts them into `process`, in the order that reports have. */
void merge_findings_take(struct merge_findings *findings, struct report_process *process);

void merge_findings_release(struct merge_findings *findings);

/* Copies of strings in a store. */
const char *const *merge_copy_texts(struct store *store, const char *const *texts, size_t n);

#endif
