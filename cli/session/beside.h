/* A report is made while other processes run, whose pipes are read beside that. */
#ifndef CLI_SESSION_BESIDE_H
#define CLI_SESSION_BESIDE_H

#include "cli/analysis/build.h"

struct capture;

/* As report_process_build(), of a process that has ended; `capture`: NULL if nothing runs. */
void beside_build(struct capture *capture, const struct process *process, struct symbols *symbols,
		  const struct build_options *options, struct report_process *out);

#endif
