#include "cli/monitor/monitor.h"

#include "cli/base/clock.h"
#include "cli/base/msg.h"
#include "cli/base/xalloc.h"
#include "cli/model/process.h"
#include "cli/monitor/limit.h"
#include "cli/monitor/watch.h"
#include "cli/render/format.h"

#include <event2/event.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define STEP_NS        UINT64_C(10000000)    /* between the first points */
#define STEPS          100u                  /* of its age: a process is sampled this often */
#define LOOK_NS        UINT64_C(50000000)    /* less often than this, the capture's own looks are enough */
#define LIMIT_NS       UINT64_C(10000000000) /* between two searches for the limit, which can be changed */
#define FIRST_LIMIT_NS UINT64_C(1000000000)  /* until then it has the one that the session found */
#define SLEEP_NS_MAX   UINT64_C(60000000000)

/* A running process. */
struct monitored {
	struct tracked *tracked;
	struct limit limit;
	struct threshold_state state;
	uint64_t next_ns, limit_ns; /* when to sample, and to look for the limit again */
	struct limit_use use;       /* of the last sample */
	uint64_t last_rss;          /* when it waited at its end; 0: it has not */
	bool ending;                /* it waits at its end, where it is scanned anyway, or is gone */
};

struct task {
	uint64_t step_ns, period_ns; /* the step doubles until it is the period */
	uint64_t next_ns;
	void (*run)(void *ctx, uint64_t now_ns);
	void *ctx;
};

struct monitor {
	struct tracker *tracker;
	const struct options *options;
	struct event *timer;
	struct limit limit; /* of a process that has just started */
	struct command command;
	struct watch watch;
	struct monitored **items;
	size_t n_items, cap_items;
	struct task tasks[MONITOR_TASKS_MAX];
	size_t n_tasks;
	bool ticking;
};

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* ---- one process */

static uint64_t age_ns(const struct process *process, uint64_t now_ns)
{
	return now_ns > process->start_monotonic_ns ? now_ns - process->start_monotonic_ns : 0;
}

static uint64_t step_ns(const struct monitor *monitor, const struct process *process, uint64_t now_ns)
{
	uint64_t step = age_ns(process, now_ns) / STEPS;

	return least(monitor->options->interval_ns, step > STEP_NS ? step : STEP_NS);
}

static void warn(const struct monitor *monitor, const struct process *process, const struct report_warning *warning)
{
	struct format_buf percent, used, limit;

	if (monitor->options->quiet)
		return;
	msg_warning("process %d uses %s, %s of its limit of %s (%s)", process->pid,
		    format_size(&used, warning->used_bytes),
		    format_percent(&percent, warning->used_bytes, warning->limit_bytes),
		    format_size(&limit, warning->limit_bytes), warning->limit_source);
}

static void check_limit(struct monitor *monitor, struct monitored *m, const struct report_sample *sample,
			uint64_t now_ns)
{
	const struct process *process = m->tracked->process;
	const struct thresholds *levels = &monitor->options->warn;
	bool of_live = m->limit.measure == LIMIT_OF_LIVE;
	struct report_warning warning = {
		.seconds = sample->seconds,
		/* what came and went since the last sample has crossed a limit of live bytes all the same */
		.live_bytes = of_live ? sample->high_bytes : sample->live_bytes,
		.limit_bytes = m->limit.bytes,
		.limit_source = m->limit.source,
	};
	uint32_t crossed;

	warning.used_bytes = limit_used(&m->limit, warning.live_bytes, &m->use);
	crossed = thresholds_step(levels, &m->state, warning.used_bytes, m->limit.bytes);
	if (!crossed)
		return;
	for (unsigned i = 0; i < levels->n; i++) {
		if (!(crossed >> i & 1))
			continue;
		warning.level_percent = levels->percent[i];
		warning.severity = threshold_severity(levels->percent[i]);
		tracker_warn(monitor->tracker, m->tracked, &warning);
	}
	/* the last is the highest; one message, one command and one scan are enough for all that were crossed at once
	 */
	warn(monitor, process, &warning);
	command_tell(
		&monitor->command,
		&(struct command_event){warning.level_percent, warning.live_bytes, warning.limit_bytes, process->pid},
		now_ns);
	if (!monitor->options->no_scan && !m->ending)
		tracker_force_scan(monitor->tracker, m->tracked);
}

static void find_limit(const struct monitor *monitor, struct monitored *m, uint64_t now_ns)
{
	const struct process *process = m->tracked->process;

	if (now_ns < m->limit_ns || monitor->options->limit_bytes || process->ended)
		return;
	m->limit = limit_find("", process->pid);
	m->limit_ns = now_ns + LIMIT_NS;
	tracker_limit(monitor->tracker, m->tracked, m->limit.bytes, m->limit.source);
}

static void add_sample(struct monitor *monitor, struct monitored *m, uint64_t at_ns)
{
	const struct process *process = m->tracked->process;
	struct report_sample sample = {
		.seconds = (double)age_ns(process, at_ns) / 1e9,
		.live_bytes = process->totals.live_bytes,
		.live_blocks = process->totals.live_blocks,
		.allocated_bytes = process->totals.allocated_bytes,
		.allocations = process->totals.allocations,
		.high_bytes = process_take_high(process),
	};

	if (!process->ended)
		m->use = limit_use_of(process->pid);
	sample.rss_bytes = process->ended ? 0 : m->use.rss;
	if (!sample.rss_bytes)
		sample.rss_bytes = m->last_rss; /* it did nothing more than end */
	if (!process->ended)
		gauge_time(&m->tracked->gauge, monitor->tracker->capture, process);
	tracker_sample(monitor->tracker, m->tracked, &sample);
	m->next_ns = at_ns + step_ns(monitor, process, at_ns);
	check_limit(monitor, m, &sample, at_ns);
}

static struct monitored *find(const struct monitor *monitor, const struct tracked *tracked)
{
	for (size_t i = monitor->n_items; i-- > 0;)
		if (monitor->items[i]->tracked == tracked)
			return monitor->items[i];
	BUG("a process was told of that is not monitored");
}

/* ---- the timer */

static void schedule(struct monitor *monitor, uint64_t now_ns)
{
	uint64_t next = now_ns + SLEEP_NS_MAX, wait;
	struct timeval tv;

	if (monitor->ticking)
		return; /* done at the end of the tick */
	for (size_t i = 0; i < monitor->n_items; i++)
		next = least(next, monitor->items[i]->next_ns);
	for (size_t i = 0; i < monitor->n_tasks; i++)
		next = least(next, monitor->tasks[i].next_ns);
	if (monitor->command.is_waiting)
		next = least(next, monitor->command.next_ns);
	wait = next > now_ns + 1000000 ? (next - now_ns) / 1000 : 1000;
	tv = (struct timeval){.tv_sec = (time_t)(wait / 1000000), .tv_usec = (suseconds_t)(wait % 1000000)};
	evtimer_add(monitor->timer, &tv);
}

static void sample_all(struct monitor *monitor, uint64_t now_ns)
{
	/* Backwards: a look may tell of the ends of several, whose places the last ones take. */
	for (size_t i = monitor->n_items; i-- > 0;) {
		struct monitored *m = i < monitor->n_items ? monitor->items[i] : NULL;

		if (!m || m->next_ns > now_ns)
			continue;
		if (step_ns(monitor, m->tracked->process, now_ns) < LOOK_NS)
			capture_look(monitor->tracker->capture, m->tracked->process);
		if (i < monitor->n_items && monitor->items[i] == m) {
			find_limit(monitor, m, now_ns);
			add_sample(monitor, m, clock_now_ns());
		}
	}
}

static void on_timer(evutil_socket_t fd, short what, void *ctx)
{
	struct monitor *monitor = ctx;
	uint64_t now_ns = clock_now_ns();

	(void)fd;
	(void)what;
	monitor->ticking = true;
	sample_all(monitor, now_ns);
	for (size_t i = 0; i < monitor->n_tasks; i++) {
		struct task *task = &monitor->tasks[i];

		if (task->next_ns > now_ns)
			continue;
		/* on the beat, but what was missed is not made up for */
		task->step_ns = least(task->step_ns * 2, task->period_ns);
		task->next_ns += (now_ns - task->next_ns) / task->step_ns * task->step_ns + task->step_ns;
		task->run(task->ctx, now_ns);
	}
	command_work(&monitor->command, clock_now_ns());
	monitor->ticking = false;
	schedule(monitor, clock_now_ns());
}

/* ---- the session's side */

/* Of all processes, for a line of --watch. */
static void on_watch(void *ctx, uint64_t now_ns)
{
	struct monitor *monitor = ctx;
	struct trend trend = {.time = time(NULL), .n_processes = monitor->n_items, .percent = -1};

	(void)now_ns;
	for (size_t i = 0; i < monitor->n_items; i++) {
		const struct monitored *m = monitor->items[i];
		const struct process_totals *totals = &m->tracked->process->totals;
		double percent = -1;

		if (m->limit.bytes)
			percent = (double)limit_used(&m->limit, totals->live_bytes, &m->use) * 100 /
				  (double)m->limit.bytes;
		if (percent > trend.percent) {
			trend.percent = percent;
			trend.limit_bytes = m->limit.bytes;
		}
		trend.live_bytes += totals->live_bytes;
		trend.live_blocks += totals->live_blocks;
		trend.rss_bytes += m->use.rss;
	}
	if (monitor->n_items)
		watch_print(&monitor->watch, &trend);
}

struct monitor *monitor_open(struct tracker *tracker, const struct signals *signals, struct event_base *base,
			     struct err *err)
{
	struct monitor *monitor = xcalloc(1, sizeof(*monitor));
	const struct options *options = tracker->options;

	*monitor = (struct monitor){
		.tracker = tracker, .options = options, .command = {.text = options->on_warning, .signals = signals}};
	monitor->timer = evtimer_new(base, on_timer, monitor);
	if (!monitor->timer) {
		err_set(err, "cannot make a timer");
		free(monitor);
		return NULL;
	}
	if (options->limit_bytes)
		monitor->limit = (struct limit){options->limit_bytes, "--limit", LIMIT_OF_LIVE};
	else
		monitor->limit = limit_find("", getpid());
	if (options->watch)
		monitor_every(monitor, options->interval_ns, on_watch, monitor);
	return monitor;
}

void monitor_close(struct monitor *monitor)
{
	if (!monitor)
		return;
	for (size_t i = 0; i < monitor->n_items; i++)
		free(monitor->items[i]);
	free(monitor->items);
	event_free(monitor->timer);
	free(monitor);
}

void monitor_every(struct monitor *monitor, uint64_t period_ns, void (*run)(void *ctx, uint64_t now_ns), void *ctx)
{
	monitor_soon_every(monitor, period_ns, period_ns, run, ctx);
}

void monitor_soon_every(struct monitor *monitor, uint64_t first_ns, uint64_t period_ns,
			void (*run)(void *ctx, uint64_t now_ns), void *ctx)
{
	if (monitor->n_tasks == MONITOR_TASKS_MAX)
		BUG("too many regular tasks");
	monitor->tasks[monitor->n_tasks++] = (struct task){first_ns, period_ns, clock_now_ns() + first_ns, run, ctx};
	schedule(monitor, clock_now_ns());
}

void monitor_start(struct monitor *monitor, struct tracked *tracked)
{
	struct monitored *m = xcalloc(1, sizeof(*m));

	*m = (struct monitored){.tracked = tracked, .limit = monitor->limit};
	tracker_limit(monitor->tracker, m->tracked, m->limit.bytes, m->limit.source);
	monitor->items = xgrow(monitor->items, &monitor->cap_items, monitor->n_items + 1, sizeof(*monitor->items));
	monitor->items[monitor->n_items++] = m;
	add_sample(monitor, m, tracked->process->start_monotonic_ns);
	m->next_ns = clock_now_ns() + step_ns(monitor, tracked->process, clock_now_ns());
	m->limit_ns = clock_now_ns() + FIRST_LIMIT_NS;
	schedule(monitor, clock_now_ns());
}

void monitor_ending(struct monitor *monitor, struct tracked *tracked)
{
	struct monitored *m = find(monitor, tracked);

	m->ending = true;
	add_sample(monitor, m, clock_now_ns());
	m->last_rss = m->use.rss;
	gauge_look(&tracked->gauge, monitor->tracker->capture, tracked->process, 0);
	tracked->gauge.at_end = true;
}

void monitor_end(struct monitor *monitor, struct tracked *tracked)
{
	struct monitored *m = find(monitor, tracked);
	size_t i = 0;

	m->ending = true;
	add_sample(monitor, m, tracked->process->end_monotonic_ns);
	while (monitor->items[i] != m)
		i++;
	monitor->items[i] = monitor->items[--monitor->n_items];
	free(m);
	schedule(monitor, clock_now_ns());
}

void monitor_reap(struct monitor *monitor)
{
	command_work(&monitor->command, clock_now_ns());
	schedule(monitor, clock_now_ns());
}

bool monitor_busy(const struct monitor *monitor)
{
	return command_busy(&monitor->command);
}
