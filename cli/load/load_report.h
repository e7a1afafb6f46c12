/*
 * A JSON report, "memwatch-report/1", read again into the structs that it was written from. Members that are not there
 * are as if nothing had been seen; members that are not known are passed over, so that reports of later versions can
 * be read; a member of the wrong type is an error. The gate is not read: who reads a report judges by gates of its own.
 * Input is not trusted.
 */
#ifndef CLI_LOAD_LOAD_REPORT_H
#define CLI_LOAD_LOAD_REPORT_H

#include "cli/analysis/report.h"
#include "cli/base/err.h"

#include <stddef.h>

/* Reads the file ("-" is standard input) into *report, which is for report_clear(). -1 and a sentence otherwise. */
int load_report(const char *path, struct report *report, struct err *err);

/* The same from memory; `name` is for the sentence. */
int load_report_bytes(const char *bytes, size_t n, const char *name, struct report *report, struct err *err);

#endif
