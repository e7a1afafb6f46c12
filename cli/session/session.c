/*
 * The event loop where the stages meet. The session lasts until the program has ended and no watched descendant is
 * left, as with strace -f; a second Ctrl-C, or any kill, after the program's end stops the waiting, and what is left is
 * reported as "running".
 */
#include "cli/session/session.h"

#include "cli/analysis/origin.h"
#include "cli/analysis/report.h"
#include "cli/answers/answer.h"
#include "cli/answers/web.h"
#include "cli/base/msg.h"
#include "cli/ingest/capture.h"
#include "cli/monitor/metrics_file.h"
#include "cli/monitor/monitor.h"
#include "cli/monitor/push.h"
#include "cli/outputs/outputs.h"
#include "cli/serve/control.h"
#include "cli/session/finish.h"
#include "cli/session/prepare.h"
#include "cli/session/recorder.h"
#include "cli/session/rescan.h"
#include "cli/session/skip.h"
#include "cli/session/tracker.h"
#include "cli/start/launch.h"
#include "cli/start/signals.h"
#include "cli/symbols/symbols.h"
#include "common/shm.h"

#include <errno.h>
#include <event2/event.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* How long left-over processes are waited for before the user is told what we are waiting for. */
static const struct timeval patience = {2, 0};

#define RECORD_NS        UINT64_C(1000000000) /* between two writes of a recording that fills up slowly */
#define COMMANDS_SECONDS 5                    /* that commands of --on-warning are waited for at the end */

struct session {
	const struct options *options;
	char *const *argv;
	struct signals signals;
	struct launch launch;
	struct event_base *base;
	struct event *signal_event, *patience_event;
	struct capture_observer observer;
	struct tracker tracker;
	struct rescan *rescan;   /* NULL = no scans while it runs */
	struct control *control; /* NULL = nobody can ask */
	struct web *web;         /* NULL = --http was not given */
	struct push *push;       /* NULL = --push was not given */
	struct monitor *monitor;
	struct prepare *prepare;
	time_t start;
	pid_t pid; /* of the program */
	int wait_status;
	bool root_ended;
	bool stopping;       /* the user does not want to wait for the rest */
	unsigned interrupts; /* since the program's end */
};

/* ---- what the capture tells */

static void on_started(void *ctx, struct process *process)
{
	struct session *s = ctx;

	monitor_start(s->monitor, tracker_add(&s->tracker, process));
}

/* The process waits at its end: the moment for the verdicts. */
static void on_ending(void *ctx, struct process *process, const struct capture_ending *how)
{
	struct session *s = ctx;
	struct tracked *tracked = tracker_find(&s->tracker, process);

	monitor_ending(s->monitor, tracked);
	tracker_scan(&s->tracker, tracked, how, true);
	/* after the scan, so that the process has not waited for it */
	tracker_judge(&s->tracker, tracked, true);
	tracker_begin_end(&s->tracker, tracked);
}

static void on_asked(void *ctx, struct process *process, const struct capture_question *question,
		     struct shm_answer *answer)
{
	struct session *s = ctx;

	tracker_answer(&s->tracker, tracker_find(&s->tracker, process), question, answer);
}

static void on_ended(void *ctx, struct process *process)
{
	struct session *s = ctx;
	struct tracked *tracked = tracker_find(&s->tracker, process);
	struct report_facts facts;

	monitor_end(s->monitor, tracked);
	push_ended(s->push, tracked);
	tracker_find_facts(&s->tracker, tracked, &facts);
	tracker_end(&s->tracker, tracked, &facts);
}

static void on_problem(void *ctx, const char *sentence)
{
	(void)ctx;
	msg_warning("%s", sentence);
}

/* ---- what the kernel tells */

static void on_patience(evutil_socket_t fd, short what, void *ctx)
{
	struct session *s = ctx;
	size_t n = capture_active(s->tracker.capture);

	(void)fd, (void)what;
	if (n && isatty(STDERR_FILENO))
		msg_note("%s has ended; waiting for %zu of its processes (Ctrl-C twice to wait no longer)", s->argv[0],
			 n);
}

static void reap(struct session *s)
{
	if (s->root_ended || waitpid(s->pid, &s->wait_status, WNOHANG) != s->pid)
		return;
	s->root_ended = true;
	capture_set_exit(s->tracker.capture, s->pid, s->wait_status);
	capture_sync(s->tracker.capture);
	evtimer_add(s->patience_event, &patience);
}

static void count_interrupt(struct session *s, const struct signalfd_siginfo *info)
{
	if (!s->root_ended || (info->ssi_signo != SIGINT && info->ssi_signo != SIGTERM))
		return;
	s->interrupts++;
	/* the first Ctrl-C has reached those that are left, too: they may be about to end */
	if (s->interrupts >= 2 || info->ssi_code != SI_KERNEL)
		s->stopping = true;
}

/*
 * A signal that the program will die of is held back for as long as a scan takes: behind it the memory is gone. This is
 * the one case in which a fatal signal is known before the kernel acts on it. For one that goes to the program itself
 * (SIGSEGV, a kill by its number, the terminal) there would be two ways, and each changes what the program sees:
 * tracing it for the whole run, which takes its own debugger away and stops it at each signal; or a handler in it,
 * which its sigaction calls, its core file and its sigaltstack show. It may come while the program's being there is
 * still unread.
 */
static void scan_before_death(struct session *s, int sig)
{
	struct tracked *tracked;

	if (s->options->no_scan)
		return;
	capture_sync(s->tracker.capture);
	tracked = tracker_find_pid(&s->tracker, s->pid);
	if (tracked && tracker_is_leaving(tracked))
		return; /* it has caught the signal itself; a second scan would come too late, and replace the first */
	if (tracked && signals_kills(sig, s->pid))
		tracker_scan(&s->tracker, tracked, NULL, true);
}

static void on_signal(evutil_socket_t fd, short what, void *ctx)
{
	struct session *s = ctx;
	struct signalfd_siginfo info;

	(void)fd, (void)what;
	while (signals_next(&s->signals, &info)) {
		if (info.ssi_signo == SIGCHLD)
			continue;
		if (!s->root_ended && signals_is_forwarded(&info, s->pid)) {
			scan_before_death(s, (int)info.ssi_signo);
			signals_forward(&info, s->pid);
		}
		count_interrupt(s, &info);
	}
	monitor_reap(s->monitor);
	/* last: whatever else has come was sent before we knew of the end */
	reap(s);
}

/* ---- the run */

static void listen_for_questions(struct session *s)
{
	const struct control_service service = {&s->tracker, answer_request};
	struct err err = {0};

	s->control = control_open(capture_folder_fd(s->tracker.capture), s->base, &service, &err);
	if (!s->control)
		msg_warning("memwatch scan and memwatch stat will not work for this run: %s", err.text);
}

static int serve(struct session *s, struct err *err)
{
	char *url;

	if (!s->options->http.on)
		return 0;
	s->web = web_open(&s->tracker, s->base, &url, err);
	if (!s->web)
		return -1;
	msg_note("serving at %s", url);
	free(url);
	return 0;
}

/* What a crash may cost of the recording is a little more than this. */
static void on_record(void *ctx, uint64_t now_ns)
{
	struct session *s = ctx;
	struct err err = {0};

	(void)now_ns;
	if (!recorder_flush(s->tracker.recorder, &err))
		msg_error(STATUS_FAILED, "%s", err.text);
}

/* Whether anything will tell what a process's heap was like at its end. */
static bool wants_memstats(const struct options *options)
{
	return outputs_want_memstats(options) || options->record || options->metrics_file || options->push.n ||
	       options->http.on;
}

/* Its timers keep to the millisecond: the clock that is read otherwise ticks every 4 ms, and a pipe that rests for two
 * is full by then. */
static struct event_base *new_base(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base = NULL;

	if (config && !event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER))
		base = event_base_new_with_config(config);
	if (config)
		event_config_free(config);
	return base;
}

static int session_open(struct session *s, struct err *err)
{
	struct capture_options how = {
		.flags = (s->options->validate_unwind ? SHM_FLAG_VALIDATE : 0u) |
			 (s->options->unwinder ? SHM_FLAG_REFERENCE_UNWINDER : 0u) |
			 (s->options->no_scan ? 0u : SHM_FLAG_SCAN) |
			 (s->options->catch_signals ? SHM_FLAG_CATCH_SIGNALS : 0u) |
			 (s->options->free_stacks ? SHM_FLAG_FREE_STACKS : 0u) |
			 (wants_memstats(s->options) ? SHM_FLAG_LAST_HEAP : 0u) |
			 (s->options->trace_children ? 0u : SHM_FLAG_NO_CHILDREN),
		.depth = s->options->depth,
		.hard_limit = s->options->hard_limit,
	};

	if (launch_prepare(&s->launch, err) || signals_take(&s->signals, err))
		return -1;
	s->base = new_base();
	if (!s->base)
		return err_set(err, "cannot make an event loop");
	s->signal_event = event_new(s->base, s->signals.fd, EV_READ | EV_PERSIST, on_signal, s);
	s->patience_event = evtimer_new(s->base, on_patience, s);
	if (!s->signal_event || !s->patience_event || event_add(s->signal_event, NULL))
		return err_set(err, "cannot watch for signals");
	s->tracker.symbols = symbols_new(origin_function_starts);
	if (s->options->record) {
		s->tracker.recorder = recorder_open(s->options, &s->tracker.run, err);
		if (!s->tracker.recorder)
			return -1;
	}
	s->monitor = monitor_open(&s->tracker, &s->signals, s->base, err);
	if (!s->monitor)
		return -1;
	if (s->tracker.recorder)
		monitor_every(s->monitor, RECORD_NS, on_record, s);
	s->observer = (struct capture_observer){
		.ctx = s,
		.started = on_started,
		.ending = on_ending,
		.asked = on_asked,
		.ended = on_ended,
		.problem = on_problem,
	};
	how.tap = recorder_tap(s->tracker.recorder);
	s->tracker.capture = capture_open(&how, s->base, &s->observer, err);
	if (!s->tracker.capture)
		return -1;
	listen_for_questions(s);
	s->rescan = rescan_new(&s->tracker, s->base);
	s->prepare = prepare_new(&s->tracker, s->monitor);
	metrics_file_start(&s->tracker, s->monitor);
	s->push = push_open(&s->tracker, s->monitor, s->base);
	return serve(s, err);
}

/* Ends the capture; what is left is what the reports need. */
static void session_close(struct session *s)
{
	control_close(s->control); /* first: what is asked now could not be answered any more */
	web_close(s->web);
	push_stop(s->push);
	rescan_free(s->rescan);
	prepare_free(s->prepare);
	if (s->tracker.capture)
		launch_cleanup(capture_folder(s->tracker.capture));
	capture_close(s->tracker.capture);
	monitor_close(s->monitor);
	if (s->signal_event)
		event_free(s->signal_event);
	if (s->patience_event)
		event_free(s->patience_event);
	if (s->base)
		event_base_free(s->base);
	symbols_stop(s->tracker.symbols);
	if (s->signals.fd >= 0) {
		signals_unblock(&s->signals);
		signals_release(&s->signals);
	}
	libevent_global_shutdown();
}

/* To give back what was read of debug information takes as long as a short program's report. */
static void session_release(struct session *s)
{
	if (!MW_LEAKS_COUNT)
		return;
	tracker_release(&s->tracker);
	symbols_free(s->tracker.symbols);
}

static void turn(struct session *s)
{
	if (event_base_loop(s->base, EVLOOP_ONCE) < 0)
		BUG("the event loop failed");
}

/* Whether one is there after all, as of daemon(), whose parent ends at once. */
static bool child_came(struct session *s)
{
	while (!s->stopping && !capture_active(s->tracker.capture) && capture_awaits_child(s->tracker.capture)) {
		poll(NULL, 0, 1);
		if (event_base_loop(s->base, EVLOOP_NONBLOCK) < 0)
			BUG("the event loop failed");
	}
	return capture_active(s->tracker.capture) > 0;
}

static void session_loop(struct session *s)
{
	do {
		while (!s->stopping && (!s->root_ended || capture_active(s->tracker.capture)))
			turn(s);
	} while (!s->stopping && child_came(s));
	/* Commands have a few seconds more, so that the last warning is told of and what they print comes before us. */
	for (time_t end = time(NULL) + COMMANDS_SECONDS; monitor_busy(s->monitor) && !s->stopping && time(NULL) < end;)
		turn(s);
	if (capture_active(s->tracker.capture))
		capture_stop(s->tracker.capture);
}

/* ---- the end */

static bool close_recording(struct session *s)
{
	struct err err = {0};
	bool ok = recorder_close(s->tracker.recorder, &err);

	s->tracker.recorder = NULL;
	if (err.text[0])
		msg_error(STATUS_FAILED, "%s", err.text);
	return ok;
}

/* True if all that was asked for is written. The gates have judged then. */
static bool write_reports(struct session *s, struct gates *gates)
{
	struct report report = {.memwatch_version = MEMWATCH_VERSION, .gate_passed = true};
	struct err err = {0};
	bool ok = close_recording(s);

	if (s->tracker.n_items == 0) {
		msg_error(STATUS_FAILED, "%s ran, but was not watched: the shim said nothing; see memwatch doctor %s",
			  s->argv[0], s->argv[0]);
		ok = false;
	}
	tracker_take_reports(&s->tracker, &report);
	if (s->options->trace_children_skip)
		skip_processes(&report, s->options->trace_children_skip);
	if (gates_judge(gates, &report, &err)) {
		msg_error(STATUS_FAILED, "%s", err.text);
		ok = false;
	}
	ok &= finish_reports(s->options, &report, s->start);
	ok &= metrics_file_finish(&s->tracker, &report);
	push_finish(s->push, &report);
	report_clear(&report);
	return ok;
}

static struct session_end program_end(int wait_status)
{
	if (WIFSIGNALED(wait_status))
		return (struct session_end){.status = 128 + WTERMSIG(wait_status), .signal = WTERMSIG(wait_status)};
	return (struct session_end){.status = WEXITSTATUS(wait_status)};
}

struct session_end session_run(const struct options *options, const struct preflight *preflight,
			       const struct suppress_set *suppressions, struct gates *gates, char **argv)
{
	time_t start = time(NULL);
	struct session s = {
		.options = options,
		.argv = argv,
		.tracker.options = options,
		.tracker.suppressions = suppressions,
		.tracker.run = {.program = preflight->path, .sequence = 1, .time = start},
		.start = start,
		.signals.fd = -1,
		.pid = -1,
	};
	struct session_end failed = {.status = STATUS_FAILED};
	struct launch_program program = {.path = preflight->path,
					 .argv = argv,
					 .via_shell = preflight->via_shell,
					 .max_stack = options->max_stack};
	enum status status = STATUS_FAILED;
	struct session_end end;
	struct err err = {0};
	bool written;

	if (!session_open(&s, &err)) {
		program.folder = capture_folder(s.tracker.capture);
		s.pid = launch_start(&s.launch, &s.signals, &program, &status, &err);
	}
	s.tracker.run.pid = (int)s.pid;
	if (s.pid > 0)
		session_loop(&s);
	session_close(&s);
	if (s.pid < 0) {
		push_finish(s.push, NULL);
		close_recording(&s);
		session_release(&s);
		failed.status = msg_error(status, "%s", err.text);
		return failed;
	}
	written = write_reports(&s, gates);
	session_release(&s);
	end = program_end(s.wait_status);
	end.status = gates_status(gates, end.status);
	return written ? end : failed;
}
