/*
 * What is to be said of each live block: its verdict, the rule that suppresses it, and the block that it hangs on.
 *
 * A rule suppresses the records that it matches, and of the lost blocks also those that the program could get at
 * through suppressed ones only. A rule that would suppress more than its limits allow suppresses nothing, and the next
 * one that matches takes its place.
 */
#ifndef CLI_ANALYSIS_CLASSIFY_H
#define CLI_ANALYSIS_CLASSIFY_H

#include "cli/analysis/build.h"
#include "cli/analysis/names.h"
#include "cli/analysis/report.h"
#include "cli/analysis/store.h"
#include "cli/model/process.h"

struct classify;

struct block_class {
	enum verdict verdict;
	uint32_t rule;  /* index + 1; 0 = it is not suppressed */
	bool tagged;    /* lost, but would be reachable if pointers with tag bits counted */
	uint32_t owner; /* another lost block, by the scan's index, that it is told with; SCAN_NONE = none */
};

/* Both `process` and what `options` points to must outlive it. Without rules nothing is named here. */
struct classify *classify_new(const struct process *process, const struct build_options *options, struct names *names);
void classify_free(struct classify *classify);

/* Of a block that is not inherited. */
struct block_class classify_block(const struct classify *classify, const struct process_block *block);

/* The rules as the report lists them, in memory of `store`, their number of records still 0; NULL without rules. */
struct report_suppression *classify_suppressions(const struct classify *classify, struct store *store);

#endif
