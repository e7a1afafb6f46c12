#include "cli/cmd/selftest.h"

#include "cli/base/err.h"
#include "cli/base/status.h"
#include "cli/base/xalloc.h"
#include "common/compiler.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The blocks are known in the report by their sizes: the victim may be stripped, and nothing else is of such a size. */
static const struct planted {
	const char *verdict, *label;
	size_t n_bytes;
} planted[] = {
	{"definite", "definitely lost", 100003},
	{"indirect", "indirectly lost", 100019},
	{"possible", "possibly lost", 100043},
	{"reachable", "still reachable", 100049},
};
enum { DEFINITE, INDIRECT, POSSIBLE, REACHABLE };

/* ---- the victim */

static char *volatile held_inside, *volatile held;

static MW_NOINLINE void plant(void)
{
	void *volatile *lost = calloc(1, planted[DEFINITE].n_bytes);
	char *inside = calloc(1, planted[POSSIBLE].n_bytes);

	if (lost)
		lost[0] = calloc(1, planted[INDIRECT].n_bytes);
	if (inside)
		held_inside = inside + 1000;
	held = calloc(1, planted[REACHABLE].n_bytes);
}

/* What was called before leaves its pointers below the stack pointer. */
static MW_NOINLINE void wipe_stack(void)
{
	volatile char frames[16384];

	for (size_t i = 0; i < sizeof(frames); i++)
		frames[i] = 0;
}

int selftest_victim(void)
{
	plant();
	wipe_stack();
	return STATUS_OK;
}

/* ---- the test */

/* Runs `memwatch --json=PATH -- memwatch doctor --self-test-victim`. Returns its exit status, -1 if there is none. */
static int watch_victim(const char *self, const char *path)
{
	char *json = xasprintf("--json=%s", path);
	char *argv[] = {(char *)(uintptr_t) "memwatch",
			json,
			(char *)(uintptr_t) "--log-file=/dev/null",
			(char *)(uintptr_t) "--",
			(char *)(uintptr_t)self,
			(char *)(uintptr_t) "doctor",
			(char *)(uintptr_t) "--self-test-victim",
			NULL};
	int wait_status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		execv(self, argv);
		_exit(STATUS_FAILED);
	}
	while (pid > 0 && waitpid(pid, &wait_status, 0) < 0 && errno == EINTR)
		;
	free(json);
	return pid > 0 && WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : -1;
}

/* The verdict on the one block of this size; NULL = it is not in the report. */
static const char *verdict_on(const json_t *process, size_t n_bytes)
{
	const json_t *leaks = json_object_get(process, "leaks"), *leak;
	size_t i;

	json_array_foreach(leaks, i, leak) if ((size_t)json_integer_value(json_object_get(leak, "bytes")) ==
					       n_bytes) return json_string_value(json_object_get(leak, "verdict"));
	return NULL;
}

static bool tell_kinds(struct out *out, const json_t *process)
{
	const char *why_not = json_string_value(json_object_get(json_object_get(process, "verdicts"), "why_not"));
	bool all = true;

	for (size_t i = 0; i < MW_ARRAY_LEN(planted); i++) {
		const char *verdict = verdict_on(process, planted[i].n_bytes);
		bool found = verdict && !strcmp(verdict, planted[i].verdict);

		out_printf(out, "  %-18s %s", planted[i].label, found ? "found" : "NOT FOUND");
		if (!found)
			out_printf(out, ": %s%s",
				   !verdict  ? "its allocation was not seen"
				   : why_not ? why_not
					     : "it was called ",
				   verdict && !why_not ? verdict : "");
		out_char(out, '\n');
		all &= found;
	}
	return all;
}

static bool tell_report(struct out *out, const char *path)
{
	json_t *report = json_load_file(path, 0, NULL);
	const json_t *process = json_array_get(json_object_get(report, "processes"), 0);
	const json_t *completeness = json_object_get(process, "completeness");
	bool complete = json_is_true(json_object_get(completeness, "complete")), all;

	if (!process) {
		out_str(out, "  NOT FOUND: there is no report\n");
		json_decref(report);
		return false;
	}
	all = tell_kinds(out, process);
	out_printf(out, "  %-18s %s\n", "records", complete ? "complete" : "NOT COMPLETE");
	json_decref(report);
	return all && complete;
}

int selftest_run(struct out *out)
{
	const char *tmp = getenv("TMPDIR");
	char *path = xasprintf("%s/memwatch-self-test-XXXXXX", tmp && *tmp ? tmp : "/tmp");
	char *self = realpath("/proc/self/exe", NULL);
	int fd = mkstemp(path), status;
	bool ok = false;

	out_str(out, "self-test, a planted leak of each kind:\n");
	if (!self || fd < 0) {
		out_printf(out, "  could not be made: %s\n", strerror(errno));
	} else {
		status = watch_victim(self, path);
		ok = tell_report(out, path);
		if (status) {
			out_printf(out, "  NOT FOUND: memwatch ended with status %d\n", status);
			ok = false;
		}
	}
	if (fd >= 0) {
		close(fd);
		unlink(path);
	}
	free(self);
	free(path);
	return ok ? STATUS_OK : STATUS_FAILED;
}
