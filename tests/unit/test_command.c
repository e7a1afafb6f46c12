/* The command of --on-warning, at times that the test makes up. */
#include "cli/monitor/command.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECOND UINT64_C(1000000000)

static struct signals inherited;
static char path[32], text[256];

static void make_file(void)
{
	strcpy(path, "/tmp/memwatch-command-XXXXXX");
	close(mkstemp(path));
	sigemptyset(&inherited.inherited_mask);
}

static void remove_file(void)
{
	unlink(path);
}

TestSuite(command, .init = make_file, .fini = remove_file, .timeout = 20);

static struct command make(const char *what)
{
	snprintf(text, sizeof(text), "%s >>%s", what, path);
	return (struct command){.text = text, .signals = &inherited};
}

static void tell(struct command *command, unsigned level, uint64_t now_ns)
{
	const struct command_event event = {.level_percent = level, .live_bytes = 7, .limit_bytes = 9, .pid = 4711};

	command_tell(command, &event, now_ns);
}

/* Until all that run have ended; they are not reaped yet. */
static void await(const struct command *command)
{
	siginfo_t info;

	for (size_t i = 0; i < COMMANDS_MAX; i++)
		if (command->running[i])
			cr_assert_eq(waitid(P_PID, (id_t)command->running[i], &info, WEXITED | WNOWAIT), 0);
}

static void expect_file(const char *want)
{
	char got[512];
	FILE *file = fopen(path, "r");
	size_t n = fread(got, 1, sizeof(got) - 1, file);

	fclose(file);
	got[n] = '\0';
	cr_expect_str_eq(got, want);
}

Test(command, gets_the_event_and_no_shim)
{
	struct command command = make("cat; echo $MEMWATCH_LEVEL $MEMWATCH_LIVE_BYTES $MEMWATCH_LIMIT_BYTES "
				      "$MEMWATCH_PID ${MEMWATCH_SESSION-none}");

	setenv("MEMWATCH_SESSION", "/x", 1);
	setenv("MEMWATCH_LEVEL", "1", 1);
	tell(&command, 80, SECOND);
	await(&command);
	expect_file("80 7 9 4711 none\n");
	cr_expect(command_busy(&command));
	command_work(&command, SECOND);
	cr_expect_not(command_busy(&command), "it is reaped");
	cr_expect_eq(waitpid(-1, NULL, WNOHANG), -1);
}

Test(command, at_most_one_a_second_and_then_the_highest)
{
	struct command command = make("echo $MEMWATCH_LEVEL");

	tell(&command, 70, SECOND);
	await(&command);
	tell(&command, 80, SECOND + 1000);
	tell(&command, 95, SECOND + 2000);
	tell(&command, 90, SECOND + 3000);
	command_work(&command, 2 * SECOND - 1);
	cr_expect(command_busy(&command));
	expect_file("70\n");
	command_work(&command, 2 * SECOND);
	await(&command);
	command_work(&command, 2 * SECOND);
	cr_expect_not(command_busy(&command));
	expect_file("70\n95\n");
}

Test(command, those_that_hang_do_not_pile_up)
{
	struct command command = make("kill -STOP $$; echo");

	for (uint64_t i = 1; i <= 10; i++)
		tell(&command, 70, 5 * i * SECOND);
	cr_expect(command.is_waiting);
	for (size_t i = 0; i < COMMANDS_MAX; i++) {
		cr_assert_gt(command.running[i], 0);
		kill(command.running[i], SIGKILL);
	}
	await(&command);
	command.is_waiting = false;
	command_work(&command, 100 * SECOND);
	cr_expect_not(command_busy(&command));
}

Test(command, none_was_given)
{
	struct command command = {.signals = &inherited};

	tell(&command, 70, SECOND);
	cr_expect_not(command_busy(&command));
}
