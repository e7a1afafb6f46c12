/* The profiles, read back. What readers of other makes want of them is in tests/e2e/pprof.py. */
#include "cli/render/render.h"

#include "tests/unit/sample_report.h"

#include <cli/render/profile.pb-c.h>
#include <criterion/criterion.h>
#include <string.h>
#include <zlib.h>

static const struct render_options options;

static Pprof__Profile *read_back(const char *format, const struct report *report)
{
	static unsigned char plain[1 << 20];
	struct out *out = out_memory();
	z_stream stream = {0};
	Pprof__Profile *profile;
	size_t n;

	render_format_find(format)->render(report, &options, out);
	stream.next_in = (z_const Bytef *)(uintptr_t)out_text(out, &n);
	stream.avail_in = (uInt)n;
	stream.next_out = plain;
	stream.avail_out = sizeof(plain);
	cr_assert_eq(inflateInit2(&stream, 15 + 16), Z_OK);
	cr_assert_eq(inflate(&stream, Z_FINISH), Z_STREAM_END);
	profile = pprof__profile__unpack(NULL, stream.total_out, plain);
	inflateEnd(&stream);
	cr_assert_eq(out_close(out, NULL), 0);
	cr_assert(profile);
	return profile;
}

static const char *text(const Pprof__Profile *profile, int64_t index)
{
	cr_assert(index >= 0 && (size_t)index < profile->n_string_table);
	return profile->string_table[index];
}

static const struct report_site sites[] = {
	{.allocated = {10, 1000}, .live = {4, 400}, .peak = {5, 500}, .stack = SAMPLE_STACK(sample_stack_plain)},
	{.allocated = {7, 70}, .stack = SAMPLE_STACK(sample_stack_cxx)},
	{.allocated = {1, 0}, .live = {1, 0}},
};
static const struct report_module modules[] = {
	{.path = SAMPLE_EXE,
	 .build_id = SAMPLE_BUILD_ID,
	 .bias = 0x555500000000,
	 .start = 0x555500001000,
	 .end = 0x555500003000,
	 .file_offset = 0x1000},
	{.path = SAMPLE_LIBC, .bias = 0x7f0000000000, .start = 0x7f0000026000, .end = 0x7f0000180000},
};

static struct report_process with_sites(void)
{
	struct report_process process = sample_scanned();

	process.sites = sites;
	process.n_sites = MW_ARRAY_LEN(sites);
	process.modules = modules;
	process.n_modules = MW_ARRAY_LEN(modules);
	return process;
}

Test(pprof, types_and_values)
{
	static const char *const types[] = {"alloc_objects", "alloc_space", "inuse_objects", "inuse_space"};
	static const int64_t wanted[][4] = {{10, 1000, 4, 400}, {7, 70, 0, 0}, {1, 0, 1, 0}};
	struct report_process process = with_sites();
	struct report report = sample_report(&process, 1);
	Pprof__Profile *profile = read_back("pprof", &report);

	cr_assert_eq(profile->n_sample_type, 4);
	for (size_t i = 0; i < 4; i++)
		cr_assert_str_eq(text(profile, profile->sample_type[i]->type), types[i]);
	cr_assert_str_eq(text(profile, profile->default_sample_type), "inuse_space");
	cr_assert_eq(profile->period, 1);
	cr_assert_eq(profile->time_nanos, INT64_C(1738326896789000000) + 1530000000);
	cr_assert_eq(profile->n_sample, 3);
	for (size_t i = 0; i < 3; i++) {
		cr_assert_eq(profile->sample[i]->n_value, 4);
		cr_assert_eq(memcmp(profile->sample[i]->value, wanted[i], sizeof(wanted[i])), 0);
	}
	pprof__profile__free_unpacked(profile, NULL);
}

Test(pprof, places)
{
	struct report_process process = with_sites();
	struct report report = sample_report(&process, 1);
	Pprof__Profile *profile = read_back("pprof", &report);
	const Pprof__Location *inlined = profile->location[profile->sample[1]->location_id[0] - 1];
	const Pprof__Location *nowhere = profile->location[profile->sample[2]->location_id[0] - 1];

	cr_assert_str_eq(text(profile, profile->mapping[0]->filename), SAMPLE_EXE);
	cr_assert_str_eq(text(profile, profile->mapping[0]->build_id), SAMPLE_BUILD_ID);
	cr_assert(profile->mapping[0]->has_functions && profile->mapping[0]->has_inline_frames);
	cr_assert_eq(profile->mapping[0]->memory_start, 0x555500001000);
	cr_assert_eq(profile->mapping[0]->file_offset, 0x1000);
	cr_assert_eq(profile->location[0]->address, 0x555500001189);
	cr_assert_eq(profile->sample[0]->n_location_id, 6);
	cr_assert_eq(profile->sample[1]->n_location_id, 3); /* three functions are at one address */
	cr_assert_eq(inlined->n_line, 3);
	cr_assert_str_eq(text(profile, profile->function[inlined->line[0]->function_id - 1]->name),
			 "std::vector::push_back");
	cr_assert_str_eq(text(profile, profile->function[inlined->line[2]->function_id - 1]->name), "worker");
	cr_assert_eq(inlined->line[2]->line, 31);
	cr_assert_str_eq(text(profile, profile->mapping[nowhere->mapping_id - 1]->filename), "[unknown]");
	for (size_t i = 0; i < profile->n_location; i++) {
		cr_assert_eq(profile->location[i]->id, i + 1);
		cr_assert_neq(profile->location[i]->mapping_id, 0);
	}
	pprof__profile__free_unpacked(profile, NULL);
}

Test(pprof, comments_tell_how_complete_it_is)
{
	static const char *const reasons[] = {"Bytes \xff that are not UTF-8."};
	struct report_process process = with_sites();
	struct report report = sample_report(&process, 1);
	Pprof__Profile *profile;

	process.completeness = (struct report_completeness){
		.lost_records = 3, .truncated_stacks = 1, .reasons = reasons, .n_reasons = 1};
	profile = read_back("pprof", &report);
	cr_assert_eq(profile->n_comment, 5);
	cr_assert_str_eq(text(profile, profile->comment[0]), "memwatch 1.2.3");
	cr_assert_str_eq(text(profile, profile->comment[1]), "server (pid 4242): the record is not complete");
	cr_assert_str_eq(text(profile, profile->comment[2]), "3 records lost");
	cr_assert_str_eq(text(profile, profile->comment[3]), "1 stack not walked to the end");
	cr_assert_str_eq(text(profile, profile->comment[4]), "Bytes \xef\xbf\xbd that are not UTF-8.");
	pprof__profile__free_unpacked(profile, NULL);
}

Test(pprof, the_peak_and_what_is_lost)
{
	struct report_process process = with_sites();
	struct report report = sample_report(&process, 1);
	Pprof__Profile *profile = read_back("pprof-peak", &report);

	cr_assert_eq(profile->n_sample, 1);
	cr_assert_eq(profile->sample[0]->value[1], 500);
	pprof__profile__free_unpacked(profile, NULL);
	profile = read_back("pprof-leaks", &report);
	cr_assert_eq(profile->n_sample, 2);
	cr_assert_str_eq(text(profile, profile->sample_type[1]->type), "leaked_space");
	cr_assert_eq(profile->sample[0]->value[1], 1048576);
	cr_assert_str_eq(text(profile, profile->sample[0]->label[0]->str), "definite");
	cr_assert_str_eq(text(profile, profile->sample[1]->label[0]->str), "indirect");
	pprof__profile__free_unpacked(profile, NULL);
}

Test(pprof, several_processes_are_labelled)
{
	struct report_process processes[] = {with_sites(), with_sites()};
	struct report report = sample_report(processes, 2);
	Pprof__Profile *profile;

	processes[1].pid = 4243;
	profile = read_back("pprof", &report);
	cr_assert_eq(profile->n_sample, 6);
	cr_assert_str_eq(text(profile, profile->sample[0]->label[0]->key), "process");
	cr_assert_str_eq(text(profile, profile->sample[0]->label[0]->str), "server/4242");
	cr_assert_str_eq(text(profile, profile->sample[5]->label[0]->str), "server/4243");
	for (size_t i = 0; i < profile->n_location; i++)
		cr_assert_eq(profile->location[i]->id, i + 1);
	pprof__profile__free_unpacked(profile, NULL);
}

Test(pprof, nothing)
{
	struct report_process process = sample_clean(1, "/x", ORIGIN_RUN);
	struct report report = sample_report(&process, 1);
	Pprof__Profile *profile = read_back("pprof", &report);

	cr_assert_eq(profile->n_sample, 0);
	cr_assert_str_eq(text(profile, profile->mapping[0]->filename), "/x");
	pprof__profile__free_unpacked(profile, NULL);
}
