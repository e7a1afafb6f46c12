/*
 * The id of a finding: the same for the same leak in another build or run, so that baselines and suppressions by id
 * survive unrelated changes. FNV-1a, 64 bits, over tokens, each ended by a newline, of the frames from the innermost
 *one to main() or a thread's function:
 *
 *	module ":" function	code of the program and its own libraries, inlined or not
 *	module ":?"		the same without a name
 *	module			a library in a folder of the system: its inner names change with each release
 *	"runtime"		the C and C++ runtime, also where templates of it were made or inlined in the program:
 *what of it is inlined is up to the compiler
 *
 * Equal neighbours are one: compilers make loops of recursion, and its depth hangs on the input. `module` is the file's
 * name without folder and without what follows ".so"; "?" where code belongs to no file. `function` is the last part of
 * the name (of N::C<T>::f(int) it is "f"), without the compiler's clone suffixes (.constprop.0, .isra.0, .part.0,
 *.cold, " [clone …]"): debug information has no more than that of an inlined function that is local to its file.
 *Addresses, offsets and line numbers have no part in it. It is part of the report's format: a change makes all
 *baselines useless.
 */
#ifndef CLI_ANALYSIS_FINGERPRINT_H
#define CLI_ANALYSIS_FINGERPRINT_H

#include "cli/analysis/report.h"

/* 16 hex digits and NUL. */
void fingerprint_stack(const struct report_stack *stack, char id[17]);

/* The same for many stacks that share frames: what each frame gives is kept. The frames must outlive it, unchanged. */
struct fingerprints;

struct fingerprints *fingerprints_new(void);
void fingerprints_free(struct fingerprints *fingerprints);
void fingerprints_stack(struct fingerprints *fingerprints, const struct report_stack *stack, char id[17]);

#endif
