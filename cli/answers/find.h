/* Finds the sessions that run on this machine, by the folders that they have. */
#ifndef CLI_ANSWERS_FIND_H
#define CLI_ANSWERS_FIND_H

#include <stdbool.h>

/* Is called with an open descriptor of a session's folder, which may be one whose reporter was killed. Returns whether
 * to go on to the next one. */
typedef bool find_visit(void *ctx, int folder_fd);

/* Visits the folder that process `pid` has its shared memory in. The process itself says so (/proc/PID/maps), whatever
 * its environment; no other process can that had the same number before. */
void find_of_process(int pid, find_visit *visit, void *ctx);

/* Visits each folder of this user (root: of all users) in the places where sessions are made. Removes those whose
 * reporter was killed. */
void find_all(find_visit *visit, void *ctx);

#endif
