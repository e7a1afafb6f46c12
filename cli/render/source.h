/* Where a finding is shown in a source tree: paths relative to its top, as CI services want them. No file is read. */
#ifndef CLI_RENDER_SOURCE_H
#define CLI_RENDER_SOURCE_H

#include "cli/analysis/report.h"
#include "cli/base/out.h"
#include "cli/render/render.h"

/* A line of a file; for source_place_release(). */
struct source_place {
	char *path; /* relative to the root, without "./"; else absolute. NULL = not known */
	bool in_root;
	uint32_t line; /* at least 1 */
};

/* Without ".", ".." and double slashes, by the text alone; for free(). "" when a relative path leads out or nowhere. */
char *source_normal(const char *path);

/* `path` relative to the root, for free(); NULL if it is not below it. A relative path is taken to begin at the root.
 */
char *source_relative(const struct source_roots *roots, const char *path);

/* The place of one frame; no path if the frame has no file. */
struct source_place source_frame(const struct source_roots *roots, const struct report_frame *frame);

/* The innermost frame below the root, else the innermost of the program's own, else the program's file, line 1. */
struct source_place source_stack(const struct source_roots *roots, const struct report_process *process,
				 const struct report_stack *stack);

void source_place_release(struct source_place *place);

/* The path as a URI reference: "src/a%20b.c", "file:///usr/include/x.h". */
void source_put_uri(struct out *out, const struct source_place *place);

#endif
