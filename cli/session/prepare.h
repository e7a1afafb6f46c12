/*
 * While programs run, has the debug information read of the object files that their stacks go through: unpacking it
 * takes most of the time that a report needs at the end, and meanwhile there is a processor with little to do.
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
