/* An output stream with a sticky error: writers print without checking, out_close() tells once whether all arrived. */
#ifndef CLI_BASE_OUT_H
#define CLI_BASE_OUT_H

#include "cli/base/err.h"
#include "common/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct out;

/* Opens `path` for writing; "-" is stdout. What was in the file is written over, and what is longer is cut off by
 * out_close(). Missing parent folders are made. A path that names a descriptor, as /dev/stdout does, is that and stays
 * what it is: opened anew, a file behind it would lose what the program wrote there. NULL and `err` on failure. */
struct out *out_open(const char *path, struct err *err);

/* The same for a file that is there or not, written on at its end. */
struct out *out_append(const char *path, struct err *err);

/* A descriptor of the file at `path`, made as by out_open() and truncated; `what` is for the message. -1 on failure. */
int out_create(const char *path, const char *what, struct err *err);

/* The descriptor that `path` names: of /dev/stdout, /dev/stderr, /dev/fd/N, /proc/self/fd/N, if it was inherited; else
 * -1. */
int out_descriptor(const char *path);

/* Writes to an open descriptor, which stays open after out_close(). `name` is for messages. */
struct out *out_fd(int fd, const char *name);

/* Collects in memory; out_text() gives it. */
struct out *out_memory(void);

void out_write(struct out *out, const void *bytes, size_t n);
void out_str(struct out *out, const char *s);
void out_char(struct out *out, char c);
void out_decimal(struct out *out, uint64_t n);
void out_printf(struct out *out, const char *fmt, ...) MW_PRINTF(2, 3);

/* As if a write had failed: what was to be written cannot be had. */
void out_fail(struct out *out, int errnum);

/* What out_memory() has collected so far, NUL-terminated; valid until the next call on `out`. */
const char *out_text(struct out *out, size_t *n);

/* Flushes, closes and frees. -1 and `err` ("cannot write the report to NAME: No space left on device") if any write
 * failed since opening. NULL is accepted. */
int out_close(struct out *out, struct err *err);

#endif
