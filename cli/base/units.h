/* Numbers, sizes and durations as users write them. Each returns 0, or -1 and a sentence that shows the text. */
#ifndef CLI_BASE_UNITS_H
#define CLI_BASE_UNITS_H

#include "cli/base/err.h"

#include <stdint.h>

/* A decimal number in [min, max]. */
int units_number(const char *text, uint64_t min, uint64_t max, uint64_t *value, struct err *err);

/* "4096", "64K", "1.5M", "2GiB", "1TB": powers of 1024, case does not matter. */
int units_size(const char *text, uint64_t *size_bytes, struct err *err);

/* "250ms", "1.5s", "2m", "1h", "10us"; a bare number is seconds. */
int units_duration(const char *text, uint64_t *duration_ns, struct err *err);

#endif
