/*
 * The stacks of a running process that have most of something, for one who looks again and again: `memwatch top`. A
 * look costs an addition for each stack that has ever allocated; only those that are told are named, once each. Rates
 * are taken against an earlier look, which the asker names, so that several can look at their own pace.
 */
#ifndef CLI_ANSWERS_BUSIEST_H
#define CLI_ANSWERS_BUSIEST_H

#include "cli/analysis/names.h"
#include "cli/analysis/report.h"
#include "cli/model/process.h"
#include "cli/serve/request.h"
#include "cli/symbols/symbols.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BUSIEST_ROWS_MAX 500u

/* What is kept of one process between looks. */
struct busiest;

struct busiest_row {
	uint32_t stack; /* the canonical one */
	struct report_amount live, allocated;
	uint64_t freed_ms;
	double growth, rate; /* bytes per second since the earlier look: of what is live, of what was allocated */
};

struct busiest_look {
	struct busiest_row *rows; /* the largest first; malloc'ed */
	size_t n_rows;
	struct busiest_row chosen; /* the one that was asked for; `stack` 0 = it has allocated nothing */
	size_t n_stacks;           /* all that have live blocks, or have allocated since the earlier look */
	size_t n_matching;         /* of these, that match the filter … */
	size_t n_unsearched;       /* … and that no one has compared yet: ask again */
	uint64_t number;           /* of this look: to be named as the earlier one */
	double period_seconds;     /* that the rates are of */
	bool since_start;          /* there was no earlier look */
};

struct busiest *busiest_new(const struct process *process, struct symbols *symbols);
void busiest_free(struct busiest *busiest); /* NULL is accepted */

/* `seconds`: the process's age. */
struct busiest_look busiest_look(struct busiest *busiest, const struct request_top *want, unsigned n_rows,
				 double seconds);

/* Names for what a look has told; valid until the next look. */
struct names *busiest_names(struct busiest *busiest);
struct store *busiest_store(struct busiest *busiest);

#endif
