#include "cli/render/render.h"

#include "common/compiler.h"

#include <string.h>

static const struct render_format formats[] = {
	{"text", render_text, .shown_only = true},
	{"json", render_json, .shown_only = false, .memstats = true},
	{"sarif", render_sarif, .shown_only = true, .peak = true},
	{"junit", render_junit, .shown_only = true, .peak = true},
	{"valgrind-xml", render_valgrind_xml, .shown_only = true},
	{"gitlab", render_gitlab, .shown_only = true, .peak = true},
	{"github", render_github, .shown_only = true, .peak = true},
	{"tap", render_tap, .shown_only = true, .peak = true},
	{"markdown", render_markdown, .shown_only = true, .peak = true},
	{"folded", render_folded, .shown_only = false},
	{"html", render_html, .shown_only = false, .sites = true, .memstats = true},
	{"svg", render_svg, .shown_only = false},
	{"timeline", render_timeline, .shown_only = false},
	{"speedscope", render_speedscope, .shown_only = true, .sites = true, .exported = true},
	{"massif", render_massif, .shown_only = true, .sites = true, .exported = true},
	{"dhat", render_dhat, .shown_only = true, .sites = true, .ages = true, .exported = true},
	{"heaptrack", render_heaptrack, .shown_only = true, .events = true, .packed = true, .exported = true},
	{"pprof", render_pprof, .shown_only = true, .sites = true},
	{"pprof-peak", render_pprof_peak, .shown_only = true, .sites = true},
	{"pprof-leaks", render_pprof_leaks, .sites = true},
};
_Static_assert(MW_ARRAY_LEN(formats) <= RENDER_FORMATS_MAX, "the table's size");

const struct render_format *render_format_at(size_t index)
{
	return index < MW_ARRAY_LEN(formats) ? &formats[index] : NULL;
}

const struct render_format *render_format_find(const char *name)
{
	for (size_t i = 0; i < MW_ARRAY_LEN(formats); i++)
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	return NULL;
}
