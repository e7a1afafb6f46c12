/*
 * A baseline: the findings that are known, in a file made for a repository. It is plain JSON, sorted, a finding a line,
 * and has nothing that differs between two equal runs:
 *
 *	{
 *	  "schema": "memwatch-baseline/1",
 *	  "findings": [
 *	    {"id": "00112233445566aa", "kind": "leak", "blocks": 16, "bytes": 1048576, "where": "cache_add < main in
 *server"}
 *	  ]
 *	}
 *
 * `where` is for its readers: ids count. Findings may be edited, added and taken out in any order.
 */
#ifndef CLI_LOAD_BASELINE_H
#define CLI_LOAD_BASELINE_H

#include "cli/analysis/tally.h"
#include "cli/base/err.h"
#include "cli/base/out.h"

/* Fills `tally`, sorted, which is for tally_release() in each case. -1 and a sentence if it is no baseline. */
int baseline_read(const char *path, struct tally *tally, struct err *err);
int baseline_read_bytes(const char *bytes, size_t n, const char *name, struct tally *tally, struct err *err);

/* `tally` is sorted. */
void baseline_print(const struct tally *tally, struct out *out);

/* Replaces the file at once, or leaves it as it is: -1 and a sentence. */
int baseline_write(const char *path, const struct tally *tally, struct err *err);

#endif
