/* memwatch top PID: a running, watched process on the full screen. */
#include "cli/base/clock.h"
#include "cli/base/msg.h"
#include "cli/cmd/cmd.h"
#include "cli/cmd/running.h"
#include "cli/render/format.h"
#include "cli/top/term_check.h"
#include "cli/top/top_asker.h"
#include "cli/top/top_terminal.h"
#include "cli/top/top_view.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define INTERVAL_NS       UINT64_C(1000000000)
#define INTERVAL_LEAST_NS UINT64_C(100000000)
#define PATIENCE_NS       UINT64_C(3000000000) /* that nobody may watch it: another program takes its place (exec) */
#define FIRST_PATIENCE_NS UINT64_C(500000000)  /* the same at the start: most often nobody does watch it */
#define SESSION_SHARE     20u                  /* of the session's time, one part in so many may go into answers … */
#define SEARCH_SHARE      4u                   /* … and while it still searches for what a new filter matches */

struct top {
	int pid, signals_fd;
	char program[64]; /* of the last answer */
	struct top_asker *asker;
	struct top_state state;
	struct top_data data;
	uint64_t due_ns;     /* when to ask again */
	uint64_t failing_ns; /* since when there is no answer; 0 = there is */
	int signal;          /* that is to end us; 0 = none */
	bool done, ended;    /* ended: the watched program has */
};

/* Or is only waited for by its parent. */
static bool has_ended(int pid)
{
	char path[64], line[512] = "", *state;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return errno == ENOENT;
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	fclose(file);
	state = strrchr(line, ')');
	return !state || strlen(state) < 3 || state[2] == 'Z' || state[2] == 'X';
}

static void ask_session(struct top *top)
{
	struct request_top want = {
		.sort = top->state.sort, .since = (unsigned)top->data.look, .stack = top->state.opened};

	strcpy(want.filter, top->state.filter);
	top_asker_ask(top->asker, &want, top->state.height + 100); /* some to scroll through */
	top->due_ns = UINT64_MAX;
}

static void draw(struct top *top)
{
	struct top_screen screen;

	screen = top_view(&top->state, &top->data);
	top_terminal_draw(&screen);
	top_screen_release(&screen);
}

/* Whether there may be an answer again, soon. */
static bool is_patient(struct top *top)
{
	uint64_t now = clock_now_ns();

	if (top->ended)
		return false;
	if (!top->failing_ns)
		top->failing_ns = now;
	if (!top_asker_is_busy(top->asker))
		top->due_ns = now + INTERVAL_LEAST_NS;
	return now - top->failing_ns < (top->program[0] ? PATIENCE_NS : FIRST_PATIENCE_NS);
}

/* -1 and `err` if there is none; top->ended if that is because the program has. */
static int take_answer(struct top *top, struct err *err)
{
	struct top_data data;
	uint64_t took_ns, wait_ns = top->state.interval_ns;

	if (top_asker_take(top->asker, &data, &took_ns, err)) {
		top->ended = has_ended(top->pid);
		if (!is_patient(top))
			return -1;
		*err = (struct err){0};
		return 0;
	}
	top->failing_ns = 0;
	top_data_release(&top->data);
	top->data = data;
	snprintf(top->program, sizeof(top->program), "%s", format_basename(data.program));
	if (data.n_unsearched) /* somebody waits for what he filters by */
		wait_ns = took_ns * (SEARCH_SHARE - 1);
	else if (took_ns * (SESSION_SHARE - 1) > wait_ns)
		wait_ns = took_ns * (SESSION_SHARE - 1);
	if (!top_asker_is_busy(top->asker))
		top->due_ns = clock_now_ns() + wait_ns;
	top_state_follow(&top->state, &top->data);
	return 0;
}

static void take_signals(struct top *top)
{
	struct signalfd_siginfo info;

	while (read(top->signals_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGWINCH) {
			top_terminal_size(&top->state.height, &top->state.width);
			draw(top);
			ask_session(top); /* for as many rows as there is room for now */
		} else {
			top->signal = (int)info.ssi_signo;
			top->done = true;
		}
	}
}

static void take_keys(struct top *top)
{
	uint32_t key;

	while (!top->done && top_terminal_key(&key)) {
		enum top_action action = top_state_key(&top->state, key, &top->data);

		if (action == TOP_QUIT)
			top->done = true;
		else if (action == TOP_ASK)
			ask_session(top);
		if (action == TOP_ASK || action == TOP_DRAW)
			draw(top);
	}
}

static int poll_ms(const struct top *top)
{
	uint64_t now = clock_now_ns();

	if (top->state.paused || top->due_ns == UINT64_MAX)
		return -1;
	return now >= top->due_ns ? 0 : (int)((top->due_ns - now) / 1000000) + 1;
}

static int loop(struct top *top, struct err *err)
{
	struct pollfd fds[] = {{.fd = STDIN_FILENO, .events = POLLIN},
			       {.fd = top->signals_fd, .events = POLLIN},
			       {.fd = top_asker_fd(top->asker), .events = POLLIN}};

	while (!top->done) {
		int n = poll(fds, 3, poll_ms(top));

		if (n < 0 && errno != EINTR)
			return err_set_errno(err, errno, "cannot wait for the terminal");
		if (n < 0)
			continue;
		if (fds[1].revents)
			take_signals(top);
		if (fds[2].revents) {
			if (take_answer(top, err))
				return -1;
			draw(top);
		}
		if (fds[0].revents & POLLIN)
			take_keys(top);
		if (fds[0].revents & (POLLHUP | POLLERR | POLLNVAL))
			return 0; /* the terminal is gone */
		if (n == 0 && !top->state.paused && !top_asker_is_busy(top->asker))
			ask_session(top);
	}
	return 0;
}

/* Those that would end us, and the terminal's new size, come by a descriptor. */
static int take_charge(struct top *top, struct err *err)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGWINCH);
	sigprocmask(SIG_BLOCK, &set, NULL);
	top->signals_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return top->signals_fd < 0 ? err_set_errno(err, errno, "cannot make a signalfd") : 0;
}

/* The first answer comes before the screen is taken, so that what cannot be asked about is told on it as it is. */
static int first_answer(struct top *top, struct err *err)
{
	struct pollfd answered = {.fd = top_asker_fd(top->asker), .events = POLLIN};

	for (;;) {
		ask_session(top);
		while (poll(&answered, 1, -1) < 0 && errno == EINTR)
			;
		if (take_answer(top, err))
			return -1;
		if (!top->failing_ns)
			return 0;
		poll(NULL, 0, (int)(INTERVAL_LEAST_NS / 1000000));
	}
}

static int watch(struct top *top, struct err *err)
{
	int rc;

	top->state.height = 1;
	if (first_answer(top, err) || take_charge(top, err) || top_terminal_open(&top->state.utf8, err))
		return -1;
	top_terminal_size(&top->state.height, &top->state.width);
	draw(top);
	ask_session(top); /* for as many rows as there is room for */
	rc = loop(top, err);
	top_terminal_close();
	return rc;
}

static int run(const struct options *options, int argc, char **argv)
{
	struct top top = {.state.interval_ns = options->repeat_ns ? options->repeat_ns : INTERVAL_NS, .signals_fd = -1};
	struct err err = {0};
	int status = running_pid("top", argc, argv, &top.pid);

	if (status)
		return status;
	if (top.state.interval_ns < INTERVAL_LEAST_NS)
		return msg_error(STATUS_USAGE, "--interval of top is at least 100ms");
	if (term_check(&err))
		return msg_error(STATUS_FAILED, "%s", err.text);
	top.asker = top_asker_new(top.pid, options->timeout_ns, &err);
	if (!top.asker || watch(&top, &err))
		status = STATUS_FAILED;
	if (top.ended && top.program[0]) {
		msg_note("process %d (%s) has ended", top.pid, top.program);
		status = STATUS_OK;
	} else if (status) {
		msg_error(STATUS_FAILED, "%s", err.text);
	}
	top_data_release(&top.data);
	top_asker_free(top.asker);
	if (top.signals_fd >= 0)
		close(top.signals_fd);
	return top.signal ? CMD_DIE_OF(top.signal) : status;
}

const struct cmd cmd_top = {
	.name = "top",
	.command = OPTS_TOP,
	.synopsis = "top [OPTIONS] PID",
	.summary = "Shows a running, watched process on the full screen.",
	.details =
		"\nPID is that of a program that memwatch runs, or of any of its children that is watched. Its totals\n"
		"and the stacks that have most are shown until q is pressed or it ends; ? tells the other keys.\n"
		"Without a terminal, use memwatch stat.\n"
		"\nExit status: 0, or 125 and the reason when the process cannot be asked about.\n",
	.run = run,
};
