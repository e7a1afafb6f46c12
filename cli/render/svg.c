/*
 * A flame graph of the live bytes as one SVG picture: no scripts, no fonts, nothing loaded; each box has a title text,
 * which browsers show under the pointer. The outermost function is on top, callees hang below. Colours say what of a
 * box is lost; light and dark follow the reader's preference. What is too narrow to be seen is not drawn, and counts in
 * the boxes above it.
 */
#include "cli/render/render.h"

#include "cli/base/xalloc.h"
#include "cli/render/format.h"
#include "cli/render/frame_tree.h"
#include "cli/render/utf8.h"
#include "cli/render/xml.h"
#include "common/compiler.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH       1200.0
#define MARGIN      12.0
#define TOP         64.0 /* of the first row */
#define ROW         18.0
#define CHAR_WIDTH  6.63 /* of the widest of the monospaced fonts at 11px */
#define PADDING     4.0  /* of a text in its box */
#define WIDTH_LEAST 0.3  /* of a box that is drawn */

struct svg {
	struct out *out;
	struct frame_tree_amount whole;
	bool judged; /* there are verdicts */
};

static const char style[] =
	"<style>\n"
	"svg{font:11px ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace;background:#fff}\n"
	"text{fill:#1c1e21;pointer-events:none}\n"
	".h{font:600 15px system-ui,'DejaVu Sans',sans-serif}\n"
	".s,.k{font:12px system-ui,'DejaVu Sans',sans-serif;fill:#5f6670}\n"
	"rect{stroke:#fff;stroke-width:.6}\n"
	".l{fill:#f2a99b}.p{fill:#f3d08a}.o{fill:#a9c7e8}.t{opacity:.62}\n"
	"g:hover>rect{stroke:#1c1e21}\n"
	"@media(prefers-color-scheme:dark){svg{background:#16181c}text{fill:#e8eaed}.s,.k{fill:#9aa1ab}\n"
	"rect{stroke:#16181c}.l{fill:#93423a}.p{fill:#7d6020}.o{fill:#2f5580}g:hover>rect{stroke:#e8eaed}}\n"
	"</style>\n";

static char *node_name(const struct frame_tree_node *node)
{
	const struct report_frame *frame = node->frame;

	if (!frame && !node->process)
		return xstrdup("all processes");
	if (!frame)
		return xasprintf("%s (pid %d)", node->process->exe ? format_basename(node->process->exe) : "?",
				 node->process->pid);
	if (frame->function)
		return xstrdup(frame->function);
	if (frame->module)
		return xasprintf("%s+0x%" PRIx64, format_basename(frame->module), frame->offset);
	return xasprintf("0x%" PRIx64, frame->offset);
}

static const char *node_class(const struct frame_tree_node *node)
{
	const struct frame_tree_amount *amount = &node->amount;
	bool system = node->frame && node->frame->system;

	if (amount->lost_bytes && amount->lost_bytes >= amount->bytes - amount->lost_bytes)
		return system ? "l t" : "l";
	if (amount->possible_bytes &&
	    amount->lost_bytes + amount->possible_bytes >= amount->bytes - amount->lost_bytes - amount->possible_bytes)
		return system ? "p t" : "p";
	return system ? "o t" : "o";
}

/* The part of a name that a box of this width has room for; nothing for less than three characters. */
static void put_label(struct out *out, const char *name, double width)
{
	size_t room = width > 2 * PADDING ? (size_t)((width - 2 * PADDING) / CHAR_WIDTH) : 0;
	char *text = utf8_repair(name);
	size_t n_chars = 0, end = 0, cut = 0;

	while (text[end]) {
		uint32_t code;

		end += utf8_decode(text + end, &code);
		n_chars++;
		if (n_chars + 1 == room)
			cut = end;
	}
	if (n_chars > room) {
		text[room >= 3 ? cut : 0] = '\0';
		xml_text(out, text);
		out_str(out, room >= 3 ? "\xe2\x80\xa6" : "");
	} else {
		xml_text(out, text);
	}
	free(text);
}

static void put_title(const struct svg *svg, const struct frame_tree_node *node, const char *name)
{
	const struct report_frame *frame = node->frame;
	const struct frame_tree_amount *amount = &node->amount;
	struct format_buf size, percent, count, lost;

	out_str(svg->out, "<title>");
	xml_text(svg->out, name);
	if (frame && frame->file) {
		out_str(svg->out, "\n");
		xml_text(svg->out, frame->file);
	}
	if (frame && frame->module) {
		out_str(svg->out, "\nin ");
		xml_text(svg->out, frame->module);
	}
	out_printf(svg->out, "\n%s in %s, ", format_size(&size, amount->bytes),
		   format_noun(&count, amount->blocks, "block"));
	xml_text(svg->out, format_percent(&percent, amount->bytes, svg->whole.bytes)); /* "< 1 %" */
	out_str(svg->out, " of all");
	if (svg->judged)
		out_printf(svg->out, "\n%s lost, %s possibly lost", format_size(&lost, amount->lost_bytes),
			   format_size(&size, amount->possible_bytes));
	out_str(svg->out, "</title>");
}

static void put_node(const struct svg *svg, const struct frame_tree_node *node, double x, unsigned depth)
{
	double whole = svg->whole.bytes ? (double)svg->whole.bytes : 1;
	double width = (WIDTH - 2 * MARGIN) * (double)node->amount.bytes / whole;
	double y = TOP + ROW * depth;
	char *name;

	if (width < WIDTH_LEAST)
		return;
	name = node_name(node);
	out_str(svg->out, "<g>");
	put_title(svg, node, name);
	out_printf(svg->out, "<rect class=\"%s\" x=\"%.2f\" y=\"%.0f\" width=\"%.2f\" height=\"%.0f\" rx=\"2\"/>",
		   node_class(node), x, y, width, ROW - 1);
	if (width >= 3 * CHAR_WIDTH + 2 * PADDING) {
		out_printf(svg->out, "<text x=\"%.2f\" y=\"%.0f\">", x + PADDING, y + 12);
		put_label(svg->out, name, width);
		out_str(svg->out, "</text>");
	}
	out_str(svg->out, "</g>\n");
	free(name);
	for (size_t i = 0; i < node->n_children; i++) {
		put_node(svg, &node->children[i], x, depth + 1);
		x += (WIDTH - 2 * MARGIN) * (double)node->children[i].amount.bytes / whole;
	}
}

static unsigned rows(const struct frame_tree_node *node, uint64_t whole)
{
	unsigned most = 0;

	if ((WIDTH - 2 * MARGIN) * (double)node->amount.bytes < WIDTH_LEAST * (double)(whole ? whole : 1))
		return 0;
	for (size_t i = 0; i < node->n_children; i++) {
		unsigned below = rows(&node->children[i], whole);

		most = below > most ? below : most;
	}
	return most + 1;
}

static void put_key(struct out *out)
{
	static const char *const keys[][2] = {{"l", "mostly lost"}, {"p", "possibly lost"}, {"o", "in use"}};
	double x = WIDTH - MARGIN - 330;

	for (size_t i = 0; i < MW_ARRAY_LEN(keys); i++) {
		out_printf(out, "<rect class=\"%s\" x=\"%.0f\" y=\"34\" width=\"12\" height=\"12\" rx=\"2\"/>",
			   keys[i][0], x);
		out_printf(out, "<text class=\"k\" x=\"%.0f\" y=\"44\">%s</text>\n", x + 18, keys[i][1]);
		x += 115;
	}
}

static void put_head(const struct svg *svg, const struct report *report, unsigned n_rows)
{
	const struct report_process *first = report->n_processes ? &report->processes[0] : NULL;
	double height = TOP + ROW * (n_rows ? n_rows : 1) + MARGIN;
	struct format_buf size, count;

	out_printf(svg->out,
		   "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" "
		   "height=\"%.0f\">\n",
		   WIDTH, height, WIDTH, height);
	out_str(svg->out, style);
	out_printf(svg->out, "<text class=\"h\" x=\"%.0f\" y=\"26\">Live memory by call stack: ", MARGIN);
	put_label(svg->out, first && first->exe ? format_basename(first->exe) : "?", 80 * CHAR_WIDTH);
	out_str(svg->out, report->n_processes > 1 ? " and its children" : "");
	out_printf(svg->out, "</text>\n<text class=\"s\" x=\"%.0f\" y=\"45\">%s in %s</text>\n", MARGIN,
		   format_size(&size, svg->whole.bytes), format_noun(&count, svg->whole.blocks, "block"));
	if (svg->judged)
		put_key(svg->out);
}

void render_svg(const struct report *report, const struct render_options *options, struct out *out)
{
	struct frame_tree_node root;
	struct svg svg = {.out = out};
	unsigned n_rows;

	(void)options;
	for (size_t i = 0; i < report->n_processes; i++)
		svg.judged = svg.judged || report->processes[i].verdicts.scanned;
	frame_tree_report(report, 0, &root);
	svg.whole = root.amount;
	n_rows = rows(&root, root.amount.bytes);
	put_head(&svg, report, n_rows);
	if (root.amount.bytes)
		put_node(&svg, &root, MARGIN, 0);
	else
		out_printf(out, "<text class=\"s\" x=\"%.0f\" y=\"%.0f\">Nothing is live.</text>\n", MARGIN, TOP + 12);
	out_str(out, "</svg>\n");
	frame_tree_clear(&root);
}
