/* A thread that waits for the leak scan reads its own process's memory, when the reporter asks for it. */
#ifndef SHIM_READOUT_H
#define SHIM_READOUT_H

#include <stdint.h>

/* Answers the request that the slot's scan_done stands for, if it is one; see common/shm.h. */
void mw_readout(uint32_t scan_done);

#endif
