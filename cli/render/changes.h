/* How two reports differ: lines for the text report, and the outputs of `memwatch diff`. */
#ifndef CLI_RENDER_CHANGES_H
#define CLI_RENDER_CHANGES_H

#include "cli/render/render.h"

/* "3 new, 1 gone, 2 grew", and what shrank if anything did. */
void changes_put_counts(struct out *out, const struct report_changes *changes);

/* "new leak: 1,024 bytes in 16 blocks, cache_add < main in server" and a newline */
void changes_put_line(struct out *out, const struct report_change *change);

/* All that changed, with stacks where they are known. */
void changes_render_text(const struct report_changes *changes, const struct render_options *options, struct out *out);

/* The same as "memwatch-diff/1". */
void changes_render_json(const struct report_changes *changes, struct out *out);

#endif
