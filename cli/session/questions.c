/* What a watched process asks of memwatch, by memwatch.h or as LeakSanitizer would be asked. */
#include "cli/session/tracker.h"

#include "cli/model/process.h"

static void answer_leaks(const struct scan_result *scan, struct shm_answer *answer)
{
	answer->scanned = scan->scanned;
	answer->definite_blocks = scan->totals[SCAN_DEFINITE].blocks;
	answer->definite_bytes = scan->totals[SCAN_DEFINITE].bytes;
	answer->indirect_blocks = scan->totals[SCAN_INDIRECT].blocks;
	answer->indirect_bytes = scan->totals[SCAN_INDIRECT].bytes;
	answer->possible_blocks = scan->totals[SCAN_POSSIBLE].blocks;
	answer->possible_bytes = scan->totals[SCAN_POSSIBLE].bytes;
	answer->reachable_blocks = scan->totals[SCAN_REACHABLE].blocks;
	answer->reachable_bytes = scan->totals[SCAN_REACHABLE].bytes;
	answer->ignored_blocks = scan->ignored.blocks;
	answer->ignored_bytes = scan->ignored.bytes;
}

static void answer_stats(const struct process *process, struct shm_answer *answer)
{
	const struct process_totals *totals = &process->totals;
	const struct process_pool *pools;
	size_t n_pools = process_pools(process, &pools);

	answer->live_bytes = totals->live_bytes;
	answer->live_blocks = totals->live_blocks;
	answer->allocated_bytes = totals->allocated_bytes;
	answer->freed_bytes = totals->freed_bytes;
	answer->allocations = totals->allocations;
	answer->frees = totals->frees;
	answer->failed_allocations = totals->failed_allocations;
	answer->peak_live_bytes = totals->peak_live_bytes;
	answer->inherited_live_bytes = totals->inherited_live_bytes;
	answer->inherited_live_blocks = totals->inherited_live_blocks;
	for (size_t i = 0; i < n_pools; i++) {
		answer->piece_bytes += pools[i].live_bytes;
		answer->piece_blocks += pools[i].live_blocks;
	}
}

void tracker_answer(struct tracker *tracker, struct tracked *tracked, const struct capture_question *question,
		    struct shm_answer *answer)
{
	answer_stats(tracked->process, answer);
	if ((question->what != SHM_ASK_LEAKS && question->what != SHM_ASK_FINAL) || tracker->options->no_scan)
		return;
	if (tracker_scan(tracker, tracked, &question->where, question->what == SHM_ASK_FINAL))
		tracked->n_forced_scans++;
	answer_leaks(tracked->scan, answer);
	if (question->what != SHM_ASK_FINAL || !tracked->scan->scanned) {
		tracker_forget_scan(tracked);
		recorder_unscan(tracker->recorder, tracked->record_id);
	}
}
