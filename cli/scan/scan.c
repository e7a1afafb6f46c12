#include "cli/scan/scan.h"

#include "cli/base/clock.h"
#include "cli/base/xalloc.h"
#include "cli/model/process.h"
#include "cli/model/state.h"
#include "cli/scan/components.h"
#include "cli/scan/graph.h"
#include "cli/scan/load.h"
#include "cli/scan/maps.h"
#include "cli/scan/mark.h"
#include "cli/scan/memory.h"
#include "cli/scan/pthreads.h"
#include "cli/scan/resizing.h"
#include "cli/scan/result.h"
#include "cli/scan/roots.h"
#include "cli/scan/stop.h"
#include "cli/scan/sweep.h"
#include "cli/scan/tasks.h"
#include "cli/scan/unstopped.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define RESIZING_MAX 3      /* times that the process goes on because of blocks that are being resized */
#define RESIZING_NS  200000 /* how long */

struct scan {
	const struct scan_request *request;
	struct scan_result *result;
	struct stop stop;
	struct maps maps;
	struct live_memory live;
	uint64_t probe; /* an address that can be read while the process lives */
	struct graph *graph;
	uint64_t pause_begin_ns;
};

/* ---- standing still */

/* A thread that waits for us needs no stopping, if it is the only one. */
static bool stands_still(const struct scan *scan)
{
	int tid;

	return scan->request->scan_tid && tasks_count(scan->request->pid, &tid) == 1 && tid == scan->request->scan_tid;
}

/* A phrase with a verb: why threads go on. */
static void explain_no_trace(const struct scan *scan, char *phrase, size_t n_bytes)
{
	int tracer = tasks_tracer_of(scan->request->pid);

	if (tracer)
		snprintf(phrase, n_bytes, "process %d traces it", tracer);
	else
		snprintf(phrase, n_bytes,
			 "ptrace is not permitted here (kernel.yama.ptrace_scope, a container's seccomp rules, or a "
			 "process of another user)");
}

/* Makes the process stand still, if that can be. */
static void hold(struct scan *scan)
{
	scan->pause_begin_ns = clock_now_ns();
	if ((scan->request->scan_fs_base && stands_still(scan)) || stop_begin(&scan->stop, scan->request->pid) == 0)
		return;
	stop_end(&scan->stop);
	memset(&scan->stop, 0, sizeof(scan->stop));
	/* Without the thread pointer its TLS is not known, which will be said. */
	if (!stands_still(scan))
		unstopped_begin(&scan->stop, scan->request->pid);
}

/* After all has been read. */
static void tell_unstopped(const struct scan *scan)
{
	char phrase[256];
	size_t n;

	if (!scan->stop.unstoppable)
		return;
	explain_no_trace(scan, phrase, sizeof(phrase));
	result_problem(scan->result,
		       "The threads of the process could not be stopped, as %s: what only a register held is taken for "
		       "lost, and what is left on a stack may hide a leak.",
		       phrase);
	n = unstopped_ran(&scan->stop, scan->request->scan_tid);
	if (n)
		result_problem(scan->result, "%zu thread%s ran while the memory was read: verdicts may be wrong.", n,
			       n == 1 ? "" : "s");
}

/* Lets the threads go on. */
static void resume(struct scan *scan)
{
	if (scan->stop.running)
		stop_resume(&scan->stop);
	if (scan->pause_begin_ns)
		scan->result->pause_ns += clock_now_ns() - scan->pause_begin_ns;
}

static void forget_stop(struct scan *scan)
{
	if (scan->stop.n_threads)
		stop_end(&scan->stop);
	memset(&scan->stop, 0, sizeof(scan->stop));
}

static bool settle(const struct scan *scan)
{
	return !scan->request->stopped || scan->request->stopped(scan->request->ctx);
}

/*
 * Holds the process, best at a moment when no block is in the middle of a realloc: then there is no doubt what holds
 * what. A realloc is short, so the process goes on for a moment and is stopped again. When that does not help, there is
 * cli/scan/resizing.h.
 */
static bool hold_settled(struct scan *scan)
{
	for (int i = 0;; i++) {
		struct timespec moment = {.tv_nsec = RESIZING_NS};

		bool settled;

		hold(scan);
		settled = settle(scan);
		if (!settled && (i == RESIZING_MAX || !scan->stop.unstoppable)) {
			result_why_not(scan->result, "not all that process %d has said could be read yet",
				       scan->request->pid);
			return false;
		}
		if (settled && (i == RESIZING_MAX || !scan->stop.n_threads ||
				process_each_resizing(scan->request->process, NULL, NULL) == 0))
			return true;
		resume(scan);
		forget_stop(scan);
		nanosleep(&moment, NULL);
	}
}

/* ---- reading */

static bool has_landmark(const struct scan *scan)
{
	for (size_t i = 0; scan->request->landmark && i < scan->maps.n; i++)
		if (strstr(scan->maps.items[i].path, scan->request->landmark))
			return true;
	return !scan->request->landmark;
}

/*
 * The process is asked to read itself. Not when it has put a filter on its own system calls: one that it forbids may
 * be its death.
 */
static bool ask_process(struct scan *scan)
{
	const struct scan_request *request = scan->request;
	char *text = request->read && !tasks_is_sandboxed(request->pid) ? request->maps(request->ctx) : NULL;

	if (!text)
		return false;
	maps_clear(&scan->maps);
	maps_parse(&scan->maps, text);
	scan->live.memory = (struct scan_memory){.ctx = request->ctx, .read = request->read};
	return scan->maps.n > 0;
}

static void find_probe(struct scan *scan)
{
	for (size_t i = 0; i < scan->maps.n && !scan->probe; i++)
		if (scan->maps.items[i].readable)
			scan->probe = scan->maps.items[i].start;
}

static bool find_maps(struct scan *scan)
{
	struct err err = {""};
	int tid = tasks_with_memory(scan->request->pid);

	if (maps_read(&scan->maps, tid, &err) == 0)
		find_probe(scan);
	if ((!scan->probe || live_memory_open(&scan->live, tid, scan->probe, &err)) && !ask_process(scan)) {
		result_why_not(scan->result, "%s", err.text);
		return false;
	}
	if (!has_landmark(scan)) {
		result_why_not(scan->result, "another program has taken the place of process %d", scan->request->pid);
		return false;
	}
	find_probe(scan);
	maps_find_objects(&scan->maps, &scan->live.memory, scan->request->malloc_addr);
	return true;
}

static bool uses_glibc(const struct maps *maps)
{
	bool libc = false;

	for (size_t i = 0; i < maps->n_objects; i++) {
		if (maps->objects[i].role == OBJECT_ALLOCATOR)
			return false;
		libc |= maps->objects[i].role == OBJECT_LIBC;
	}
	return libc;
}

/* All that needs the process. */
static bool read_process(struct scan *scan)
{
	struct scan_result *result = scan->result;
	uint64_t word;

	result->at_ns = scan->request->process->state->now_ns;
	if (!find_maps(scan) || !load_blocks(scan->request->process, &scan->maps, result))
		return false;
	unstopped_find_records(&scan->stop, &scan->maps, &scan->live.memory);
	roots_find(scan->request, &scan->maps, &scan->stop, result);
	pthreads_add_roots(&scan->maps, &scan->live.memory, result);
	resizing_add_roots(scan->request, &scan->maps, &scan->stop, &scan->live.memory, result);
	scan->graph = graph_new(&scan->live.memory, &scan->maps, result, uses_glibc(&scan->maps));
	scan->graph->beside = (struct crew_wait){scan->request->meanwhile, scan->request->ctx};
	sweep_heap(scan->graph);
	sweep_roots(scan->graph);
	if (memory_read_at(&scan->live.memory, scan->probe, &word, sizeof(word))) {
		result_why_not(result, "process %d ended while it was read", scan->request->pid);
		return false;
	}
	tell_unstopped(scan);
	if (result->unreadable_root_bytes)
		result_problem(result, "%llu bytes of the program's data could not be read.",
			       (unsigned long long)result->unreadable_root_bytes);
	return true;
}

/* They are taken from the graph, which is done with them. */
static void keep_edges(struct scan *scan)
{
	scan->result->edges = xmalloc(sizeof(*scan->result->edges));
	*scan->result->edges = scan->graph->edges;
	scan->graph->edges = (struct edges){0};
}

int scan_run(const struct scan_request *request, struct scan_result *result, struct err *err)
{
	struct scan scan = {.request = request, .result = result, .live = {.mem_fd = -1, .pagemap_fd = -1}};
	uint64_t begin_ns = clock_now_ns();
	bool done = false;
	int tid;

	memset(result, 0, sizeof(*result));
	if (request->pid <= 0 || !request->process)
		return err_set(err, "a scan needs a process");
	if (request->bypassed)
		result_why_not(result, "the allocator is part of the program's own file, and its blocks are not seen");
	else if (request->other_pids)
		result_why_not(result, "it is in a PID namespace of its own; run memwatch in there for verdicts");
	else
		done = hold_settled(&scan) && read_process(&scan);
	resume(&scan);
	result->gone = !done && tasks_count(request->pid, &tid) == 0;
	if (request->released)
		request->released(request->ctx);
	if (done) {
		mark_reached(scan.graph);
		components_find(scan.graph);
		mark_tagged(scan.graph);
		result_totals(result);
		result->scanned = true;
		if (request->keep_edges)
			keep_edges(&scan);
	}
	graph_free(scan.graph);
	maps_clear(&scan.maps);
	live_memory_close(&scan.live);
	forget_stop(&scan);
	result->scan_ns = clock_now_ns() - begin_ns;
	return 0;
}
