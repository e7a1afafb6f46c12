#include "cli/render/render.h"

#include "cli/analysis/event_log.h"
#include "tests/unit/golden.h"
#include "tests/unit/sample_report.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <zlib.h>
#include <zstd.h>

static const struct report_event_stack stacks[] = {
	{0, {.n_frames = 0}},
	{2, SAMPLE_STACK(sample_stack_plain)},
	{3, SAMPLE_STACK(sample_stack_cxx)},
	{7, SAMPLE_STACK(sample_stack_strdup)},
	{9, SAMPLE_STACK(sample_stack_plain)},
	{10, SAMPLE_STACK(sample_stack_deep)},
};
static const char *const argv_with_control[] = {"./server", "a\nb\x7f"};

static struct render_options options;
static struct spool *spool;
static struct event_log *event_log;
static struct report_events events = {.stacks = stacks, .n_stacks = MW_ARRAY_LEN(stacks)};
static struct report_process process;
static struct report report = {.processes = &process, .n_processes = 1};

static void init(void)
{
	spool = spool_new(NULL);
	event_log = event_log_new(spool);
	process = sample_course();
	events.log = event_log;
	process.events = &events;
	process.duration_seconds = 5.0006;
}

static void fini(void)
{
	event_log_free(event_log);
	spool_free(spool);
}

TestSuite(heaptrack, .init = init, .fini = fini, .timeout = 10);

static void some_events(void)
{
	event_log_allocated(event_log, 0x1000, 2, 4096, 0);
	event_log_allocated(event_log, 0x2000, 3, 24, 0);
	event_log_resident(event_log, 81920, 1);
	event_log_freed(event_log, 0x2000, 3, 24, 1);
	event_log_allocated(event_log, 0x3000, 0, 1, 300);
	event_log_allocated(event_log, 0x4000, 10, UINT64_C(1) << 47, 300);
	event_log_allocated(event_log, 0x5000, 9, 4096, 4000);
	event_log_freed(event_log, 0x1000, 2, 4096, 4001);
	event_log_allocated(event_log, 0x6000, 8, 6, 4001); /* of no stack that is known */
	event_log_end(event_log);
}

Test(heaptrack, golden)
{
	process.argv = argv_with_control;
	process.argc = 2;
	some_events();
	golden_render("heaptrack", "heaptrack", &report, &options);
}

Test(heaptrack, of_several_processes_the_largest)
{
	struct report_process processes[] = {sample_clean(1, "/bin/readlink", ORIGIN_FORK), process};
	struct report both = sample_report(processes, 2);
	char *text;

	some_events();
	text = render_string("heaptrack", &both, &options);
	cr_assert(strstr(text, "X ./server"), "%s", text);
	cr_assert(strstr(text, "\n+ 1\n"), "%s", text);
	free(text);
}

Test(heaptrack, without_events_or_process)
{
	struct report none = sample_report(NULL, 0);
	char *text = render_string("heaptrack", &none, &options);

	cr_assert_str_eq(text, "v 10400 3\nX\nI 1000 0\n");
	free(text);
	process.events = NULL;
	text = render_string("heaptrack", &report, &options);
	cr_assert(strstr(text, "\nI 1000 0\nc "), "%s", text);
	free(text);
}

/* Many events, so that more than a buffer is filled, in each packing the same. */
static char *packed(enum render_packing how, size_t *n)
{
	struct out *out = out_memory();
	const char *text;
	char *copy;

	options.packing = how;
	render_heaptrack(&report, &options, out);
	text = out_text(out, n);
	copy = memcpy(malloc(*n + 1), text, *n + 1);
	cr_assert_eq(out_close(out, NULL), 0);
	return copy;
}

Test(heaptrack, packed)
{
	size_t n_plain, n_gzip, n_zstd;
	char *plain, *gzip, *zstd, *got;
	z_stream stream = {0};

	for (unsigned i = 0; i < 50000; i++)
		event_log_allocated(event_log, i << 12, stacks[i % 6].id, i * i % 1009, i / 10);
	event_log_end(event_log);
	plain = packed(PACKING_NONE, &n_plain);
	gzip = packed(PACKING_GZIP, &n_gzip);
	zstd = packed(PACKING_ZSTD, &n_zstd);
	cr_assert_gt(n_plain, 200000);
	cr_assert_lt(n_gzip, n_plain);
	cr_assert_lt(n_zstd, n_plain);
	got = malloc(n_plain + 1);
	cr_assert_eq(ZSTD_decompress(got, n_plain + 1, zstd, n_zstd), n_plain);
	cr_assert_eq(memcmp(got, plain, n_plain), 0);
	cr_assert_eq(inflateInit2(&stream, 15 + 16), Z_OK);
	stream.next_in = (unsigned char *)gzip;
	stream.avail_in = (unsigned)n_gzip;
	stream.next_out = (unsigned char *)got;
	stream.avail_out = (unsigned)n_plain + 1;
	cr_assert_eq(inflate(&stream, Z_FINISH), Z_STREAM_END);
	cr_assert_eq(stream.total_out, n_plain);
	cr_assert_eq(memcmp(got, plain, n_plain), 0);
	inflateEnd(&stream);
	free(got);
	free(plain);
	free(gzip);
	free(zstd);
}

/* What could not be kept is no report. */
Test(heaptrack, events_that_were_not_kept)
{
	const struct rlimit limit = {0, 0};
	struct out *out = out_memory();
	struct err err = {0};

	signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	some_events();
	render_heaptrack(&report, &options, out);
	cr_assert_neq(out_close(out, &err), 0);
	cr_assert(strstr(err.text, strerror(EFBIG)), "%s", err.text);
}
