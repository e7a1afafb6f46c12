#include "cli/render/render.h"

#include "common/compiler.h"

#include <string.h>

static const struct render_format formats[] = {
	{"text", render_text, true},
	{"json", render_json, false},
	{"sarif", render_sarif, true},
	{"folded", render_folded, false},
	{"svg", render_svg, false},
	{"timeline", render_timeline, false},
};

const struct render_format *render_format_find(const char *name)
{
	for (size_t i = 0; i < MW_ARRAY_LEN(formats); i++)
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	return NULL;
}
