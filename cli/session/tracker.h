/*
 * The watched processes of a run and what is kept about each beside its model: leak scans, and the report once it has
 * ended. Whatever is asked about a running process (a scan, a report of this moment) is asked here.
 */
#ifndef CLI_SESSION_TRACKER_H
#define CLI_SESSION_TRACKER_H

#include "cli/analysis/course.h"
#include "cli/analysis/functions.h"
#include "cli/analysis/report.h"
#include "cli/base/err.h"
#include "cli/base/pattern.h"
#include "cli/ingest/capture.h"
#include "cli/monitor/gauge.h"
#include "cli/opts/opts.h"
#include "cli/scan/scan.h"
#include "cli/session/own_rules.h"
#include "cli/session/recorder.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct busiest;
struct event_log;
struct report_rest;
struct sites_base;
struct spool;
struct suppress_set;
struct symbols;

/* A process image; lives as long as the tracker. */
struct tracked {
	const struct process *process; /* NULL once it has ended */
	struct scan_result *scan;      /* the last one; NULL = none was made */
	bool ending;                   /* `scan` is the one whose verdicts are the report's */
	uint64_t scanned_bytes;        /* live at the last attempt of a scan … */
	uint64_t scanned_calls;        /* … calls until then … */
	double scanned_seconds;        /* … and the process's age */
	struct scan_amount lost;       /* definitely, at the last one with a result … */
	uint64_t lost_ns;              /* … and when that was, in the process's time */
	uint64_t n_scans, pause_ns;    /* made so far, with a result; their pauses */
	uint64_t n_forced_scans;       /* of these, made on a warning or a request */
	uint64_t last_pause_ns;        /* of the last with a result */
	struct course course;          /* filled by the monitor */
	struct functions functions;    /* for tracker_metrics() */
	struct busiest *busiest;       /* for those who look at its stacks; NULL = nobody has */
	uint32_t n_prepared;           /* modules that were looked at by prepare.c … */
	bool prepared_lines;           /* … for all their lines */
	struct gauge gauge;            /* filled by the monitor, and when somebody asks */
	struct own_rules rules;
	struct report_rest **rests; /* of reports that are being made bit by bit */
	size_t n_rests, cap_rests;
	struct report_rest *ahead; /* what has been made of the last report; NULL = nothing … */
	uint64_t ahead_records;     /* … and how many records had come then */
	struct report_process report; /* once it has ended */
	struct event_log *events;     /* NULL = nobody wants them; the report refers to it */
	uint32_t record_id;           /* for the recorder */
};

struct tracker {
	const struct options *options;
	const struct suppress_set *suppressions;
	struct capture *capture;
	struct symbols *symbols;
	struct recorder *recorder; /* NULL = nothing is kept */
	struct spool *spool;       /* of events; NULL = nobody has wanted any */
	struct pattern_values run; /* the program's, for the one file of all processes; its pid once that is known */
	struct tracked **items;    /* in the order of start */
	size_t n_items, cap_items;
};

/* One that has just started. */
struct tracked *tracker_add(struct tracker *tracker, struct process *process);

/* The one of this process, which must be there. */
struct tracked *tracker_find(const struct tracker *tracker, const struct process *process);

/* Of a running one, now. */
double tracker_age_seconds(const struct process *process);

/* The running one of this pid; NULL if there is none. */
struct tracked *tracker_find_pid(const struct tracker *tracker, int pid);

/*
 * Makes a leak scan, the only one kept. `where` tells where a thread of it waits in the shim; NULL: it runs. `last`:
 * the verdicts are those of its report, whatever comes, and one that waits at its end goes on as soon as it was read.
 * False if no verdicts could be had; tracked->scan->why_not says why. One that was `ending` may have outlived that, and
 * ask again.
 */
bool tracker_scan(struct tracker *tracker, struct tracked *tracked, const struct capture_ending *where, bool last);

/* Whether it has just been scanned at its end, and has called nothing since: it is on its way out. */
bool tracker_is_leaving(const struct tracked *tracked);

/* The same in a running process, because somebody wants it or the memory gets short: beside those made regularly. */
bool tracker_force_scan(struct tracker *tracker, struct tracked *tracked);

/* Answers what a process asks, which waits meanwhile. A scan made for that does not become the one kept, unless the
 * process says that it is its last. */
void tracker_answer(struct tracker *tracker, struct tracked *tracked, const struct capture_question *question,
		    struct shm_answer *answer);

/* The report of a running process at this moment without leaks and names, which is cheap. For report_process_clear().
 * The process is asked for what its allocator says of itself. */
void tracker_totals(struct tracker *tracker, struct tracked *tracked, struct report_process *report);

/* The same for metrics, which are read again and again: nobody is asked, but functions are named and growth is told as
 * it was judged last. */
void tracker_metrics(struct tracker *tracker, struct tracked *tracked, struct report_process *report);

/* The totals and the sites, `base` (NULL = nothing) taken off these. As of the last capture_refresh(). */
void tracker_sites(struct tracker *tracker, struct tracked *tracked, const struct sites_base *base,
		   struct report_process *report);

/* Its whole report, with the verdicts of its last scan (blocks born since have none), and that with sites, bit by bit
 * (cli/session/parts.h): with the numbers of the beginning, as of the last capture_refresh(). It may end meanwhile. */
struct report_rest *tracker_report_begin(struct tracker *tracker, struct tracked *tracked,
					 struct report_process *report);
struct report_rest *tracker_sites_begin(struct tracker *tracker, struct tracked *tracked, const struct sites_base *base,
					struct report_process *report);

/* Does all that is left to be done with the session; to be called of each that was begun. */
void tracker_complete(struct tracked *tracked, struct report_rest *rest);

/* The report as the scan found it that tracker_scan() has just made. `unread`: as of struct build_options. */
void tracker_report_scan(struct tracker *tracker, struct tracked *tracked, unsigned unread,
			 struct report_process *report);

/* What was seen of it: a point of its history, a threshold crossed, the limit that holds for it from now on (`source`
 * is not copied). */
void tracker_sample(struct tracker *tracker, struct tracked *tracked, const struct report_sample *sample);
void tracker_warn(struct tracker *tracker, struct tracked *tracked, const struct report_warning *warning);
void tracker_limit(struct tracker *tracker, struct tracked *tracked, uint64_t n_bytes, const char *source);

/* Judges its growth as of now; `final`: it is about to end, and this counts whatever comes. */
void tracker_judge(struct tracker *tracker, struct tracked *tracked, bool final);

/* It has been scanned at its end, and is on its way out: begins its report meanwhile. */
void tracker_begin_end(struct tracker *tracker, struct tracked *tracked);

/* What only the system can tell of a process that has just ended, and of the reporter. */
void tracker_find_facts(struct tracker *tracker, struct tracked *tracked, struct report_facts *facts);

/* It has ended: makes its report. */
void tracker_end(struct tracker *tracker, struct tracked *tracked, const struct report_facts *facts);

/* What came of a scan that began at `seconds`, its result being in place in tracked->scan; as tracker_scan() does. */
void tracker_scanned(struct tracked *tracked, double seconds);

/* Does what is left to be done with the last scan, before that goes. */
void tracker_leave_scan(struct tracked *tracked);

/* The result of the last scan is not kept. */
void tracker_forget_scan(struct tracked *tracked);

/* Moves the reports of all that have ended to `report`, in the order of start. */
void tracker_take_reports(struct tracker *tracker, struct report *report);

/* Frees what is kept; reports that were not taken as well. Those that were refer to it where they have events. */
void tracker_release(struct tracker *tracker);

#endif
