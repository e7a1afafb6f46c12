/*
 * While programs run, has the debug information read of the object files that their stacks go through, and memory be
 * there for the scan and the report: this takes most of the time that these need at the end, and meanwhile there is a
 * processor with little to do.
 */
#ifndef CLI_SESSION_PREPARE_H
#define CLI_SESSION_PREPARE_H

struct monitor;
struct tracker;

struct prepare;

/* Works on the beat of `monitor`. `tracker` must outlive it. */
struct prepare *prepare_new(struct tracker *tracker, struct monitor *monitor);
void prepare_free(struct prepare *prepare);

#endif
