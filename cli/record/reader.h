/* Reads a recording, record by record, in memory of some megabytes. The file is not trusted. */
#ifndef CLI_RECORD_READER_H
#define CLI_RECORD_READER_H

#include "cli/base/err.h"
#include "cli/record/format.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct record_reader;

/* One that was written in several pieces is whole again. */
struct record {
	enum record_type type; /* never MORE */
	uint32_t process, stream;
	const void *payload; /* 8-byte aligned; valid until the next record */
	size_t n_bytes;
};

/* Whether the file begins as a recording does; false also if it cannot be read. */
bool record_is(const char *path);

/* NULL and `err` if it cannot be read, is no recording, or one of a version that is not known here. */
struct record_reader *record_reader_open(const char *path, struct err *err);
void record_reader_close(struct record_reader *reader); /* NULL is accepted */

/* 1: *record is the next one; 0: there are no more; -1: the file is damaged here, and `err` says where. */
int record_read(struct record_reader *reader, struct record *record, struct err *err);

/* For one who cannot use the last record: sets `err` to a sentence that says where it is. Returns -1. */
int record_damaged(const struct record_reader *reader, const char *how, struct err *err);

/* Whether the file ended in the middle of something, once record_read() has returned 0. */
bool record_reader_cut(const struct record_reader *reader);

#endif
