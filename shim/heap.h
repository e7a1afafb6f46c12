/*
 * The allocator's own statistics (struct shm_heap), asked for in a child that shares nothing with the program but the
 * gate: mallinfo2 walks the free lists, and in a program that has written where it must not that may never end, or
 * crash. There it harms nobody. A lock that another thread holds at that moment is never released in the child; then
 * too there is no answer, and the child is killed. Only at the end of a program that never had a second thread is it in
 * the program's memory (take_as_guest()).
 */
#ifndef SHIM_HEAP_H
#define SHIM_HEAP_H

/* Takes them now. In a thread that is in no recording. Makes a process, which on a busy machine may take a while; after
 * half a second it returns without. */
void mw_heap_read(void);

/* The same at the end of the process, if that is wanted and does not take too long. Not in a short-lived child: where
 * there are thousands of those, as in a build, it would cost more than they do themselves. */
void mw_heap_read_last(void);

#endif
