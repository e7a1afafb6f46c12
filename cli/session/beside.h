/*
 * The report of a process that has ended is made while others run, whose pipes are read beside that. Between
 * beside_begin() and beside_end() they are read while a file is waited for.
 */
#ifndef CLI_SESSION_BESIDE_H
#define CLI_SESSION_BESIDE_H

#include "cli/analysis/build.h"

struct capture;

/* Returns whom to look after: `capture`, or NULL if nothing else runs. */
struct capture *beside_begin(struct capture *capture, const struct process *process, struct symbols *symbols);

/* As report_process_build(); `others`: of beside_begin(). */
void beside_build(struct capture *others, const struct process *process, struct symbols *symbols,
		  const struct build_options *options, struct report_process *out);

void beside_end(struct symbols *symbols);

/* Names all of a report's leaks ahead; the others are read beside that, but for `process`, which is at its end. */
void beside_name(struct capture *capture, const struct process *process, struct report_ahead *ahead);

#endif
