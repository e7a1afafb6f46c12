/* Statistics of running processes, for `memwatch stat`: formats of their own under the names that reports have. */
#ifndef CLI_RENDER_STAT_H
#define CLI_RENDER_STAT_H

#include "cli/render/render.h"

/* text: a block of lines per process. json: an object per process, schema "memwatch-stat/1". */
void render_stat_text(const struct report *report, const struct render_options *options, struct out *out);
void render_stat_json(const struct report *report, const struct render_options *options, struct out *out);

/* NULL if there is none of this name. */
const struct render_format *render_stat_find(const char *name);

#endif
