#include "tests/unit/record_file.h"

#include <string.h>

#define N_RECORDS 50

TestSuite(reader, .init = make_record_path, .fini = remove_record, .timeout = 60);

static void write_some(void)
{
	struct record_writer *writer = open_writer();
	char text[40];

	for (uint32_t i = 0; i < N_RECORDS; i++) {
		memset(text, (int)('a' + i % 26), sizeof(text));
		record_write(writer, RECORD_REMARK, i, 0, text, sizeof(text) - i % 8);
		if (i % 10 == 9)
			record_writer_flush(writer);
	}
	close_writer(writer);
}

Test(reader, cut_anywhere_it_has_all_whole_parts_and_says_so)
{
	size_t n, bounds = 0;
	uint8_t *bytes;
	int last = 0;

	write_some();
	bytes = slurp(&n);
	for (size_t length = 40; length <= n; length++) {
		struct err err = {0};
		bool cut = false;
		int got;

		spill(bytes, length);
		got = read_all(&cut, &err);
		cr_assert_geq(got, last, "%zu bytes: %s", length, err.text);
		cr_assert_eq(got % 10, 0);
		bounds += !cut;
		last = got;
	}
	cr_expect_eq(last, N_RECORDS);
	cr_expect_eq(bounds, 6u, "the header and five parts");
	free(bytes);
}

Test(reader, any_byte_changed_is_seen)
{
	size_t n;
	uint8_t *bytes;

	write_some();
	bytes = slurp(&n);
	for (size_t at = 0; at < n; at++) {
		struct err err = {0};
		bool cut = false;
		int got;

		if (at >= 24 && at < 40)
			continue; /* the name of the version that made it */
		bytes[at] ^= 0x55;
		spill(bytes, n);
		got = read_all(&cut, &err);
		cr_assert(got < 0 || (cut && got < N_RECORDS), "byte %zu: %d", at, got);
		cr_assert(got >= 0 || strstr(err.text, record_path), "byte %zu: %s", at, err.text);
		bytes[at] ^= 0x55;
	}
	free(bytes);
}

Test(reader, foreign_files_are_told_as_what_they_are)
{
	static const struct {
		const char *text, *word;
	} files[] = {{"", "empty"},
		     {"{\"schema\":\"memwatch-report/1\"}", "JSON"},
		     {"\x7f"
		      "ELF and so on, and on, and on, and on",
		      "no recording"}};
	struct err err = {0};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		err = (struct err){0};
		spill((const uint8_t *)files[i].text, strlen(files[i].text));
		cr_expect_null(record_reader_open(record_path, &err));
		cr_expect(strstr(err.text, files[i].word), "%s", err.text);
		cr_expect_not(record_is(record_path));
	}
	err = (struct err){0};
	cr_expect_null(record_reader_open("/no/such/file", &err));
	cr_expect(strstr(err.text, "No such file"), "%s", err.text);
	err = (struct err){0};
	cr_expect_null(record_reader_open("/tmp", &err));
	cr_expect(strstr(err.text, "Is a directory"), "%s", err.text);
}

Test(reader, a_later_version_is_told)
{
	struct err err = {0};
	uint8_t *bytes;
	size_t n;

	write_some();
	cr_expect(record_is(record_path));
	bytes = slurp(&n);
	bytes[16]++;
	spill(bytes, n);
	cr_expect_null(record_reader_open(record_path, &err));
	cr_expect(strstr(err.text, "use memwatch 1.2.3"), "%s", err.text);
	free(bytes);
}
