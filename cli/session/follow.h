/* Keeps each event of each process, for the formats that tell them, if an output is to have one of these. */
#ifndef CLI_SESSION_FOLLOW_H
#define CLI_SESSION_FOLLOW_H

#include "cli/session/tracker.h"

/* Of one that has just started. */
void follow_start(struct tracker *tracker, struct tracked *tracked, struct process *process);

void follow_sample(struct tracked *tracked, const struct report_sample *sample);

/* It has ended. */
void follow_end(struct tracked *tracked);

/* Frees what is kept. The processes must be gone, and so must the reports. */
void follow_release(struct tracker *tracker);

#endif
