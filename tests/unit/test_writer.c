#include "tests/unit/record_file.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>

TestSuite(writer, .init = make_record_path, .fini = remove_record, .timeout = 30);

Test(writer, records_come_back_as_they_were)
{
	struct record_writer *writer = open_writer();
	struct err err = {0};
	struct record_reader *reader;
	struct record record;

	for (uint32_t i = 0; i < 3000; i++) {
		char text[64];
		int n = snprintf(text, sizeof(text), "record %u", i);

		record_write(writer, RECORD_REMARK, i, i * 2, text, (size_t)n);
		if (i % 1000 == 0)
			record_writer_flush(writer);
	}
	close_writer(writer);
	reader = record_reader_open(record_path, &err);
	cr_assert_not_null(reader, "%s", err.text);
	for (uint32_t i = 0; i < 3000; i++) {
		char text[64];
		int n = snprintf(text, sizeof(text), "record %u", i);

		cr_assert_eq(record_read(reader, &record, &err), 1, "%s", err.text);
		cr_assert(record.type == RECORD_REMARK && record.process == i && record.stream == i * 2);
		cr_assert_eq(record.n_bytes, (size_t)n);
		cr_assert_arr_eq(record.payload, text, (size_t)n);
		cr_assert_eq((uintptr_t)record.payload % 8, 0);
	}
	cr_expect_eq(record_read(reader, &record, &err), 0);
	cr_expect_not(record_reader_cut(reader));
	record_reader_close(reader);
}

/* Longer than a frame, and than all that may wait: the caller waits then, and nothing is lost. */
Test(writer, a_long_payload_is_whole_again)
{
	size_t n = ((size_t)20 << 20) + 13;
	uint8_t *bytes = malloc(n);
	struct record_writer *writer = open_writer();
	struct err err = {0};
	struct record_reader *reader;
	struct record record;
	uint32_t seed = 1;

	for (size_t i = 0; i < n; i++)
		bytes[i] = (uint8_t)((seed = seed * 1664525 + 1013904223) >> 24); /* that does not compress */
	record_write(writer, RECORD_SCAN, 7, 0, bytes, n);
	record_write(writer, RECORD_END, 0, 0, NULL, 0);
	close_writer(writer);
	reader = record_reader_open(record_path, &err);
	cr_assert_not_null(reader, "%s", err.text);
	cr_assert_eq(record_read(reader, &record, &err), 1, "%s", err.text);
	cr_assert(record.type == RECORD_SCAN && record.process == 7 && record.n_bytes == n);
	cr_assert_eq(memcmp(record.payload, bytes, n), 0);
	cr_assert_eq(record_read(reader, &record, &err), 1);
	cr_assert(record.type == RECORD_END && record.n_bytes == 0);
	cr_assert_eq(record_read(reader, &record, &err), 0);
	record_reader_close(reader);
	free(bytes);
}

Test(writer, a_file_that_cannot_be_made_is_told)
{
	struct err err = {0};

	cr_assert_null(record_writer_open("/proc/no/such", "1", &err));
	cr_assert(strstr(err.text, "/proc/no"), "%s", err.text);
}

static void fill_file(struct record_writer *writer)
{
	uint8_t bytes[4096];
	uint32_t seed = 2;

	for (int i = 0; i < 1000; i++) {
		for (size_t j = 0; j < sizeof(bytes); j++)
			bytes[j] = (uint8_t)((seed = seed * 1664525 + 1013904223) >> 24);
		record_write(writer, RECORD_REMARK, 1, 0, bytes, sizeof(bytes));
	}
}

/* SIGXFSZ would end the process, if it came. */
Test(writer, a_full_file_is_told_once_and_holds_what_went_before)
{
	struct record_writer *writer;
	struct err err = {0}, again = {0};
	const struct rlimit limit = {(rlim_t)5 << 19, RLIM_INFINITY}, none = {RLIM_INFINITY, RLIM_INFINITY};
	bool cut;

	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	writer = open_writer();
	fill_file(writer);
	cr_assert_eq(record_writer_close(writer, &err), -1);
	cr_assert(strstr(err.text, strerror(EFBIG)) && strstr(err.text, record_path), "%s", err.text);
	setrlimit(RLIMIT_FSIZE, &none);
	cr_assert_eq(read_all(&cut, &again), 2 * 255, "two parts: %s", again.text);
	cr_assert(cut);
}

Test(writer, a_full_disk_is_told_while_it_goes_on)
{
	struct err err = {0};
	struct record_writer *writer = record_writer_open("/dev/full", "1", &err);

	/* even the header cannot be written */
	cr_assert_null(writer);
	cr_assert(strstr(err.text, strerror(ENOSPC)), "%s", err.text);
}
