#include "cli/base/ahead.h"
#include "cli/symbols/symbols.h"

#include <criterion/criterion.h>

#include <dlfcn.h>
#include <link.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Work that says that it has begun, and goes on when it is told to. */
struct job {
	struct ahead ahead;
	int begun[2], go[2];
	bool hurried;
};

static void say(const int *pipe_ends)
{
	cr_assert_eq(write(pipe_ends[1], "x", 1), 1);
}

static void hear(const int *pipe_ends)
{
	char c;

	cr_assert_eq(read(pipe_ends[0], &c, 1), 1);
}

static void job_work(void *ctx)
{
	struct job *job = ctx;

	say(job->begun);
	hear(job->go);
	job->hurried = ahead_hurried(&job->ahead);
}

static int released[2]; /* outlives the job */

static void job_release(void *ctx)
{
	struct job *job = ctx;
	int *ends[] = {job->begun, job->go};

	for (int i = 0; i < 2; i++) {
		close(ends[i][0]);
		close(ends[i][1]);
	}
	free(job);
	say(released);
}

static struct job *job_new(void)
{
	struct job *job = calloc(1, sizeof(*job));

	cr_assert(job);
	cr_assert_eq(pipe(job->begun), 0);
	cr_assert_eq(pipe(job->go), 0);
	return job;
}

TestSuite(ahead, .timeout = 20);

static void setup(void)
{
	cr_assert_eq(pipe(released), 0);
}

Test(ahead, one_work_at_a_time, .init = setup)
{
	struct job *job = job_new();

	cr_assert(ahead_idle(&job->ahead));
	cr_assert(ahead_start(&job->ahead, job_work, job));
	hear(job->begun);
	cr_assert_not(ahead_idle(&job->ahead));
	cr_assert_not(ahead_start(&job->ahead, job_work, job), "there is work already");
	say(job->go);
	ahead_finish(&job->ahead);
	cr_assert(ahead_idle(&job->ahead));

	say(job->go);
	cr_assert(ahead_start(&job->ahead, job_work, job), "and again");
	ahead_finish(&job->ahead);
	ahead_finish(&job->ahead);
	job_release(job);
}

Test(ahead, whoever_waits_is_in_a_hurry, .init = setup)
{
	struct job *job = job_new();

	cr_assert(ahead_start(&job->ahead, job_work, job));
	hear(job->begun);
	atomic_store(&job->ahead.hurry, true); /* as ahead_finish() begins */
	say(job->go);
	ahead_finish(&job->ahead);
	cr_assert(job->hurried);
	job_release(job);
}

Test(ahead, what_is_abandoned_at_work_is_released_by_the_thread, .init = setup)
{
	struct job *job = job_new();
	int go = dup(job->go[1]);

	cr_assert(ahead_start(&job->ahead, job_work, job));
	hear(job->begun);
	ahead_abandon(&job->ahead, job_release, job); /* comes back while the work waits */
	cr_assert_eq(write(go, "x", 1), 1);
	hear(released);
}

Test(ahead, what_is_abandoned_idle_is_released_at_once, .init = setup)
{
	struct job *job = job_new();

	ahead_abandon(&job->ahead, job_release, job);
	hear(released);

	job = job_new();
	say(job->go);
	cr_assert(ahead_start(&job->ahead, job_work, job));
	while (!ahead_idle(&job->ahead))
		sched_yield();
	ahead_abandon(&job->ahead, job_release, job);
	hear(released);
}

/* The ELF virtual address of a function, and the file that it is in. */
static uint64_t vaddr_of(void *function, struct symbols_object *object)
{
	Dl_info info;

	cr_assert(dladdr(function, &info));
	*object = (struct symbols_object){.path = strchr(info.dli_fname, '/') ? info.dli_fname : "/proc/self/exe"};
	return (uint64_t)((uintptr_t)function - (uintptr_t)info.dli_fbase);
}

Test(ahead, names_that_were_prepared_are_the_same)
{
	void *const functions[] = {(void *)fopen, (void *)qsort, (void *)symbols_resolve};
	struct symbols *late = symbols_new(NULL), *early = symbols_new(NULL), *left = symbols_new(NULL);

	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		struct symbols_object object;

		vaddr_of(functions[i], &object);
		symbols_prepare(early, &object, i % 2 == 0);
		symbols_prepare_start(early);
		symbols_prepare(left, &object, true);
	}
	symbols_prepare_start(left);
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		struct symbols_object object;
		uint64_t vaddr = vaddr_of(functions[i], &object);
		struct symbols_frame a, b;

		cr_expect_eq(symbols_resolve(late, &object, vaddr, &a, 1),
			     symbols_resolve(early, &object, vaddr, &b, 1));
		cr_assert(a.function && b.function, "%s", object.path);
		cr_expect_str_eq(a.function, b.function);
		cr_expect_eq(a.line, b.line);
	}
	symbols_free(late);
	symbols_free(early);
	symbols_free(left); /* perhaps at work still */
}
