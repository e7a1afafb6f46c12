/* The control socket: answers, limits, and that a client that does not behave holds nothing up. */
#include "cli/serve/control.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "control-XXXXXX";
static int folder_fd;
static struct event_base *base;
static struct control *control;
static size_t n_served, answer_bytes;

static void serve(void *ctx, const struct request *request, struct out *answer)
{
	(void)ctx;
	n_served++;
	cr_assert_eq(request->verb, REQUEST_LIST);
	for (size_t i = 0; i < answer_bytes; i++)
		out_char(answer, 'a');
}

static void setup(void)
{
	const struct control_service service = {NULL, serve};
	struct err err = {""};

	signal(SIGPIPE, SIG_IGN);
	cr_assert(mkdtemp(folder));
	folder_fd = open(folder, O_RDONLY | O_DIRECTORY);
	base = event_base_new();
	answer_bytes = 3;
	control = control_open(folder_fd, base, &service, &err);
	cr_assert(control, "%s", err.text);
}

static void teardown(void)
{
	control_close(control);
	event_base_free(base);
	cr_assert_eq(faccessat(folder_fd, CONTROL_FILE, F_OK, 0), -1);
	close(folder_fd);
	cr_assert_eq(rmdir(folder), 0);
}

TestSuite(control, .init = setup, .fini = teardown);

static int client(const char *line)
{
	int fd = control_connect(folder_fd);

	cr_assert_geq(fd, 0, "%s", strerror(errno));
	cr_assert_eq(send(fd, line, strlen(line), MSG_NOSIGNAL), (ssize_t)strlen(line));
	return fd;
}

/* What comes until the end, while the loop runs. */
static size_t answer_of(int fd, char *text, size_t size)
{
	size_t n = 0;

	for (;;) {
		char rest[65536];
		ssize_t rc = recv(fd, n < size ? text + n : rest, n < size ? size - n : sizeof(rest), 0);

		if (rc == 0 || (rc < 0 && errno == ECONNRESET)) {
			close(fd);
			return n;
		}
		n += rc > 0 ? (size_t)rc : 0;
		event_base_loop(base, EVLOOP_NONBLOCK);
	}
}

Test(control, answers)
{
	char text[64] = "";
	struct stat st;

	cr_assert_eq(fstatat(folder_fd, CONTROL_FILE, &st, 0), 0);
	cr_assert_eq(st.st_mode & 0777, 0600);
	cr_assert_eq(answer_of(client("memwatch/1 list\n"), text, sizeof(text)), 3);
	cr_assert_str_eq(text, "aaa");
	cr_assert_eq(n_served, 1);
}

Test(control, refuses_nonsense_and_long_lines)
{
	char line[4 * REQUEST_MAX_BYTES + 1], text[256] = "";

	answer_of(client("what?\n"), text, sizeof(text) - 1);
	cr_assert(strstr(text, "bad-request"), "%s", text);
	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	memset(text, 0, sizeof(text));
	answer_of(client(line), text, sizeof(text) - 1);
	cr_assert(text[0] == '\0' || strstr(text, "bad-request"), "%s", text);
	cr_assert_eq(n_served, 0);
}

Test(control, a_crowd_of_silent_clients_keeps_nobody_out)
{
	char text[8] = "";
	int silent[200];

	for (size_t i = 0; i < 200; i++) {
		silent[i] = client("memwatch/1");
		event_base_loop(base, EVLOOP_NONBLOCK);
	}
	cr_assert_eq(answer_of(client("memwatch/1 list\n"), text, sizeof(text)), 3);
	for (size_t i = 0; i < 200; i++)
		close(silent[i]);
}

Test(control, one_that_does_not_read_holds_nobody_up)
{
	char text[8] = "";
	int unread;

	answer_bytes = 1 << 20;
	unread = client("memwatch/1 list\n");
	while (n_served < 1)
		event_base_loop(base, EVLOOP_ONCE);
	answer_bytes = 3;
	cr_assert_eq(answer_of(client("memwatch/1 list\n"), text, sizeof(text)), 3);
	cr_assert_eq(answer_of(unread, text, sizeof(text)), (size_t)1 << 20);
}

Test(control, one_that_goes_away_is_forgotten)
{
	char text[8] = "";

	answer_bytes = 1 << 20;
	for (int i = 0; i < 40; i++) {
		int fd = client("memwatch/1 list\n");

		while (n_served <= (size_t)i)
			event_base_loop(base, EVLOOP_ONCE);
		close(fd);
		event_base_loop(base, EVLOOP_NONBLOCK);
	}
	answer_bytes = 3;
	cr_assert_eq(answer_of(client("memwatch/1 list\n"), text, sizeof(text)), 3);
}
