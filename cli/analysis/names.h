/*
 * From the stacks of a model to the frames of a report. Each distinct address is resolved once, and its frames are
 * shared by all stacks: two stacks have the same frames exactly when their frame pointers are the same.
 */
#ifndef CLI_ANALYSIS_NAMES_H
#define CLI_ANALYSIS_NAMES_H

#include "cli/analysis/report.h"
#include "cli/analysis/store.h"
#include "cli/model/process.h"
#include "cli/symbols/symbols.h"

struct names;

/* The frames go to `store`; all four must outlive it. `exe` is the program's own file, or NULL. */
struct names *names_new(const struct process *process, const char *exe, struct symbols *symbols, struct store *store);
void names_free(struct names *names);

/*
 * The frames of stack `id`, without the allocator's at its top, cut to `depth` (0 = all). The array is valid until the
 * next call.
 */
struct report_stack names_stack(struct names *names, uint32_t id, uint32_t depth);

/* Path and build id of a module as its frames have them; NULL: not known. `index`: as of modules_get(). */
void names_module_strings(struct names *names, uint32_t index, const char **path, const char **build_id);

/* The function of the innermost frame as it was called, allocators not left out; NULL = not known. */
const char *names_innermost(struct names *names, uint32_t id);

/* The function that the code at an address of the process is in, inlined ones left out; NULL = not known. */
const char *names_at(struct names *names, uint64_t addr);

#endif
