/* Filling in a struct scan_result. */
#ifndef CLI_SCAN_RESULT_H
#define CLI_SCAN_RESULT_H

#include "cli/scan/scan.h"
#include "common/compiler.h"

/* A copy that lives as long as the result. */
const char *result_string(struct scan_result *result, const char *text);
uint8_t *result_buffer(struct scan_result *result, size_t n_bytes);

/* A range more, all else of it zero; until the next one is added. */
struct scan_range *result_range(struct scan_result *result, enum scan_root_kind kind, uint64_t start, uint64_t end);

/* A full sentence; the same one is kept once. */
void result_problem(struct scan_result *result, const char *fmt, ...) MW_PRINTF(2, 3);

/* Makes `why_not` if there is none yet: a phrase without a full stop. */
void result_why_not(struct scan_result *result, const char *fmt, ...) MW_PRINTF(2, 3);

void result_totals(struct scan_result *result);

#endif
