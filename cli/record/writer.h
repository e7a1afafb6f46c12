/*
 * Writes a recording. Packing and writing are done by a thread of its own, so that a slow disk holds nothing up before
 * some megabytes wait. After the first failure nothing is written any more; the caller is told once.
 */
#ifndef CLI_RECORD_WRITER_H
#define CLI_RECORD_WRITER_H

#include "cli/base/err.h"
#include "cli/record/format.h"

#include <stdbool.h>
#include <stddef.h>

struct record_writer;

/* Makes the file, or empties it; `made_by` is a version. NULL and `err` on failure. */
struct record_writer *record_writer_open(const char *path, const char *made_by, struct err *err);

/* One record; the payload is copied. */
void record_write(struct record_writer *writer, enum record_type type, uint32_t process, uint32_t stream,
		  const void *payload, size_t n_bytes);

/* Has what was collected so far written soon, so that it is there after a crash. */
void record_writer_flush(struct record_writer *writer);

/* True, once, after something could not be written: the sentence is in *err. */
bool record_writer_failed(struct record_writer *writer, struct err *err);

/* Writes the rest and frees. -1 and `err` if not all was written, unless that was told before. NULL is accepted. */
int record_writer_close(struct record_writer *writer, struct err *err);

#endif
