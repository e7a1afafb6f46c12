/*
 * Keeps a recording of a run (--record): what capture delivers, and what the session finds out beside it. The format is
 * cli/record/format.h's. Each function accepts a recorder that is NULL, when nothing is to be kept.
 */
#ifndef CLI_SESSION_RECORDER_H
#define CLI_SESSION_RECORDER_H

#include "cli/analysis/report.h"
#include "cli/base/err.h"
#include "cli/base/pattern.h"
#include "cli/ingest/tap.h"
#include "cli/opts/opts.h"
#include "cli/scan/scan.h"
#include "cli/session/facts.h"
#include "cli/symbols/symbols.h"

#include <stdbool.h>
#include <stdint.h>

struct recorder;

/* Makes the file of options->record, named by `run`; if the name has the pid, as soon as that is known, which is when
 * the program says hello: what fails then, recorder_flush() tells. NULL and `err` on failure. */
struct recorder *recorder_open(const struct options *options, const struct pattern_values *run, struct err *err);

/* For the capture; NULL if there is no recorder. */
const struct intake_tap *recorder_tap(const struct recorder *recorder);

/* The number, for what follows, of the process that has just said hello. */
uint32_t recorder_newest(const struct recorder *recorder);

void recorder_limit(struct recorder *recorder, uint32_t id, uint64_t n_bytes, const char *source);
void recorder_sample(struct recorder *recorder, uint32_t id, const struct report_sample *sample);
void recorder_warning(struct recorder *recorder, uint32_t id, const struct report_warning *warning);

/* A scan was made that began at `seconds`; `last`: its verdicts are the report's. */
void recorder_scan(struct recorder *recorder, uint32_t id, const struct scan_result *scan, double seconds, bool last);

/* … but it was not kept. */
void recorder_unscan(struct recorder *recorder, uint32_t id);

/* Its growth was judged; `final`: at its end. */
void recorder_judge(struct recorder *recorder, uint32_t id, bool final);

/* The process's report was made of all this; `symbols` has been asked for whatever any report of it may tell. */
void recorder_report(struct recorder *recorder, uint32_t id, struct symbols *symbols, const struct report_facts *facts);

/* To be called now and then. False, once, with a sentence if the recording could not be written. */
bool recorder_flush(struct recorder *recorder, struct err *err);

/* Frees; false if not all was written. The sentence in *err, if any, was not told yet. */
bool recorder_close(struct recorder *recorder, struct err *err);

#endif
