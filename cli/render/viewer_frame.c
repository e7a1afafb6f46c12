#include "cli/render/viewer_frame.h"

#include "cli/render/format.h"
#include "cli/render/utf8.h"

#include <inttypes.h>

void viewer_frame_print(struct out *out, const struct report_frame *frame)
{
	out_printf(out, "0x%" PRIX64 ": ", frame->offset);
	utf8_print(out, frame->function ? frame->function : "???");
	if (frame->file) {
		out_str(out, " (");
		utf8_print(out, format_basename(frame->file));
		out_printf(out, ":%" PRIu32 ")", frame->line);
	} else if (frame->module) {
		out_str(out, " (in ");
		utf8_print(out, frame->module);
		out_char(out, ')');
	}
}
