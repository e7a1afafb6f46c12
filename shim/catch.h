/*
 * --catch-signals: a handler for signals that would kill the process, where the program has none, so that its memory
 * can be read before it dies of the signal all the same. The program can see that there is a handler; so this is only
 * done if it is asked for.
 */
#ifndef SHIM_CATCH_H
#define SHIM_CATCH_H

#include <stdbool.h>

/* Whether it is our handler that a signal comes to. */
bool mw_catches(int sig);

/* Once, by the constructor. A fork child has its parent's; exec takes them away. */
void mw_catch_init(void);

#endif
