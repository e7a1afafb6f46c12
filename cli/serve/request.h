/*
 * What is asked of a running reporter over its control socket, and the answer's form.
 *
 * A client connects, sends one line, reads the answer to its end. The line, ended by a newline, is words with a blank
 * between them:
 *	memwatch/1 VERB [pid=N] [output=FORMAT]... [top=N] [show=N] [verbose=1] [quiet=1] [memcheck=1] [color=1]
 *		[sort=N] [since=N] [stack=N] [filter=HEX]
 * VERB is `list` (the watched processes), `scan` (a leak scan now, then a report in each FORMAT) `stat` (statistics in
 *each FORMAT) or `top` (the stacks that have most, cli/answers/top_answer.h; the last four words are its own). show:
 *bit set of 1 << enum verdict. filter: the text's bytes as hex digits.
 *
 * The answer is one line of JSON, then, one after the other, the bytes of the outputs that it announces, as many as it
 * says, in the order in which they were asked for:
 *	{"memwatch": 1, "status": "ok", "pid": N, "program": "…", "outputs": [{"format": "text", "bytes": N}]}
 *	{"memwatch": 1, "status": "ok", "processes": [{"pid": N, "program": "…"}]}
 *	{"memwatch": 1, "status": "not-watched", "reason": "a sentence"}
 * status: ok, not-watched (no such process here), failed (it cannot be done, or not now), bad-request.
 */
#ifndef CLI_SERVE_REQUEST_H
#define CLI_SERVE_REQUEST_H

#include "cli/base/err.h"
#include "cli/base/out.h"
#include "cli/render/render.h"

#include <stdbool.h>
#include <stddef.h>

#define REQUEST_PROTOCOL    1
#define REQUEST_MAX_BYTES   512 /* of the line, with its newline */
#define REQUEST_MAX_OUTPUTS 4
#define REQUEST_FILTER_MAX  64 /* bytes */

enum request_verb {
	REQUEST_LIST,
	REQUEST_SCAN,
	REQUEST_STAT,
	REQUEST_TOP,
};

/* By what a table of stacks is sorted, the largest first. */
enum request_sort {
	SORT_LIVE,
	SORT_BLOCKS,
	SORT_GROWTH,
	SORT_RATE,
	N_SORTS,
};

/* What `top` wants to see; how many rows is render_options.top. */
struct request_top {
	unsigned sort;  /* enum request_sort */
	unsigned since; /* the number of an earlier answer, which rates are taken against; 0 = none */
	unsigned stack; /* one to be told of in full; 0 = none */
	char filter[REQUEST_FILTER_MAX + 1];
};

struct request {
	enum request_verb verb;
	int pid;                               /* 0 = not given: only of a list */
	char outputs[REQUEST_MAX_OUTPUTS][16]; /* names of formats: letters and dashes */
	size_t n_outputs;
	struct render_options how;
	struct request_top list;
};

/* Reads a line of `n` bytes, without its newline; any bytes. -1 and a sentence if it is not a request. */
int request_parse(const char *line, size_t n, struct request *request, struct err *err);

/* Writes the line, with its newline. */
void request_print(const struct request *request, struct out *out);

#endif
