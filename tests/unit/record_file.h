/* Files for tests of recordings, in the test's own folder under /tmp. */
#ifndef TESTS_UNIT_RECORD_FILE_H
#define TESTS_UNIT_RECORD_FILE_H

#include "cli/record/reader.h"
#include "cli/record/writer.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char record_path[64];

static inline void make_record_path(void)
{
	int fd;

	snprintf(record_path, sizeof(record_path), "/tmp/memwatch-test-XXXXXX");
	fd = mkstemp(record_path);
	cr_assert_geq(fd, 0);
	close(fd);
}

static inline void remove_record(void)
{
	unlink(record_path);
}

static inline struct record_writer *open_writer(void)
{
	struct err err = {0};
	struct record_writer *writer = record_writer_open(record_path, "1.2.3", &err);

	cr_assert_not_null(writer, "%s", err.text);
	return writer;
}

static inline void close_writer(struct record_writer *writer)
{
	struct err err = {0};

	cr_assert_eq(record_writer_close(writer, &err), 0, "%s", err.text);
}

/* The whole file; *n bytes, for free(). */
static inline uint8_t *slurp(size_t *n)
{
	FILE *file = fopen(record_path, "rb");
	uint8_t *bytes;

	cr_assert_not_null(file);
	fseek(file, 0, SEEK_END);
	*n = (size_t)ftell(file);
	rewind(file);
	bytes = malloc(*n + 1);
	cr_assert_eq(fread(bytes, 1, *n, file), *n);
	fclose(file);
	return bytes;
}

static inline void spill(const uint8_t *bytes, size_t n)
{
	FILE *file = fopen(record_path, "wb");

	cr_assert_not_null(file);
	cr_assert_eq(fwrite(bytes, 1, n, file), n);
	fclose(file);
}

/* Reads all records: how many, or -1 with *err. */
static inline int read_all(bool *cut, struct err *err)
{
	struct record_reader *reader = record_reader_open(record_path, err);
	struct record record;
	int n = 0, ret;

	if (!reader)
		return -1;
	while ((ret = record_read(reader, &record, err)) > 0)
		n++;
	*cut = record_reader_cut(reader);
	record_reader_close(reader);
	return ret < 0 ? -1 : n;
}

#endif
