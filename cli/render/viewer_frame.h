/* A frame in the words of valgrind's profilers, which viewers take apart: "0x1189: cache_add (cache.c:42)". */
#ifndef CLI_RENDER_VIEWER_FRAME_H
#define CLI_RENDER_VIEWER_FRAME_H

#include "cli/analysis/report.h"
#include "cli/base/out.h"

/* Without a source line: "0x1189: cache_add (in /usr/bin/server)". On one line, in valid UTF-8. */
void viewer_frame_print(struct out *out, const struct report_frame *frame);

#endif
