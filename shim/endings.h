/* How a process ends: the status is told, and the reporter may look for leaks before the memory is gone. */
#ifndef SHIM_ENDINGS_H
#define SHIM_ENDINGS_H

/* Registers the last of all exit handlers; from the constructor. */
void mw_endings_init(void);

#endif
