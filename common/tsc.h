/* The processor's time-stamp counter: one order for all cores where it is invariant (constant_tsc, nonstop_tsc). */
#ifndef COMMON_TSC_H
#define COMMON_TSC_H

#include <stdint.h>

/* Read after all earlier loads have completed. */
static inline uint64_t tsc_ordered(void)
{
	uint32_t lo, hi;

	__asm__ volatile("lfence\n\trdtsc" : "=a"(lo), "=d"(hi) : : "memory");
	return (uint64_t)hi << 32 | lo;
}

/* Read at any time around here: a cheap bound. */
static inline uint64_t tsc_loose(void)
{
	uint32_t lo, hi;

	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
	return (uint64_t)hi << 32 | lo;
}

#endif
