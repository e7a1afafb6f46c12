/* The time of all that is measured and waited for: CLOCK_MONOTONIC. */
#ifndef CLI_BASE_CLOCK_H
#define CLI_BASE_CLOCK_H

#include <stdint.h>

uint64_t clock_now_ns(void);

#endif
