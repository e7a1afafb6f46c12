/*
 * Where a program keeps its pointers, in exact ranges: the kernel merges neighbouring mappings, so what is around a
 * range may be the heap, or ours.
 *	globals		writable segments of the object files; not the shim's, nor those of an allocator like jemalloc
 *	mappings	the program's own mmaps, and what it added to the break itself, as recorded; not those that an
 *			allocator made; of large shared ones, what the process has touched
 *	TLS		the static block of each thread and the C library's record of it, which is above
 *	stacks		from the stack pointer (128 bytes below, for leaf functions) to the thread's record, or to the
 *end of what it lies in; of the thread that waits for the scan, and of the one that has left main, from where the
 *request says registers	of all threads but those two
 *	loader		blocks that the dynamic loader allocated: its tables, and TLS of modules loaded later
 *	allocator	blocks that an allocator in glibc's place took from itself
 *	inherited	the parent's blocks
 *	regions		what the program registered by memwatch.h
 *	ended threads	the values that pthread_join() will give: cli/scan/pthreads.h
 *	ignored		blocks that the program says are no leaks; what only they lead to is ignored as well
 */
#ifndef CLI_SCAN_ROOTS_H
#define CLI_SCAN_ROOTS_H

#include "cli/scan/maps.h"
#include "cli/scan/scan.h"
#include "cli/scan/stop.h"

/* Fills in the result's ranges. `stop` has no threads if nothing was stopped; then the waiting thread is the only one.
 */
void roots_find(const struct scan_request *request, const struct maps *maps, const struct stop *stop,
		struct scan_result *result);

#endif
