/*
 * The id of a finding: the same for the same leak in another build or run, so that baselines and suppressions by id
 * survive unrelated changes. FNV-1a, 64 bits, over one token per frame, innermost first, each ended by a newline:
 *
 *	module ":" function	code of the program and its libraries, inlined or not
 *	module ":?"		the same without a name
 *	module			the C/C++ runtime and the loader, once per run of frames: their inner names change with
 *				each release
 *
 * `module` is the file's name without folder and without what follows ".so"; "?" where code belongs to no file.
 * `function` is the demangled name without the compiler's clone suffixes (.constprop.0, .isra.0, .part.0, .cold,
 * " [clone …]"). Addresses, offsets and line numbers have no part in it. It is part of the report's format: a change
 * makes all baselines useless.
 */
#ifndef CLI_ANALYSIS_FINGERPRINT_H
#define CLI_ANALYSIS_FINGERPRINT_H

#include "cli/analysis/report.h"

/* 16 hex digits and NUL. */
void fingerprint_stack(const struct report_stack *stack, char id[17]);

#endif
