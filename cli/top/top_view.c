#include "cli/top/top_view.h"

#include "cli/base/out.h"
#include "cli/base/xalloc.h"
#include "cli/render/format.h"
#include "cli/render/trend.h"
#include "cli/render/utf8.h"
#include "cli/top/top_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define GRAPH_AT 64u /* column */

/* A screen that is being filled. */
struct view {
	const struct top_state *state;
	const struct top_data *data;
	struct top_screen screen;
	struct out *line; /* the one being written */
};

static void end_line(struct view *view, enum top_style style)
{
	struct top_screen *screen = &view->screen;
	struct err ignored = {0};

	screen->lines = xgrow(screen->lines, &screen->cap, screen->n + 1, sizeof(*screen->lines));
	screen->lines[screen->n++] = (struct top_line){
		top_text_cut(out_text(view->line, NULL), view->state->width, view->state->utf8), style};
	out_close(view->line, &ignored);
	view->line = out_memory();
}

static void put_line(struct view *view, const char *text, enum top_style style)
{
	out_str(view->line, text);
	end_line(view, style);
}

/* ---- figures */

/* "+1.5 KiB/s", "-1.5 KiB/s", "0" */
static const char *signed_rate(struct format_buf *buf, double rate)
{
	struct format_buf size;

	if (fabs(rate) < 1)
		return strcpy(buf->text, "0");
	format_size(&size, (uint64_t)fmin(fabs(rate), 1e18));
	buf->text[0] = rate < 0 ? '-' : '+';
	strcpy(stpcpy(buf->text + 1, size.text), "/s");
	return buf->text;
}

static const char *plain_rate(struct format_buf *buf, double rate)
{
	signed_rate(buf, fabs(rate));
	return buf->text + (buf->text[0] == '+');
}

/* The last points of a series, as many as fit behind what the line has. */
static void put_graph(struct view *view, const struct top_series *series)
{
	size_t used, room, n = series->n;

	out_text(view->line, &used);
	for (size_t blanks = used + 2 < GRAPH_AT ? GRAPH_AT - used : 2; blanks > 0; blanks--, used++)
		out_char(view->line, ' ');
	room = view->state->width > used + 1 ? view->state->width - used - 1 : 0;
	n = n < room ? n : room;
	trend_graph(series->values + series->n - n, n, view->state->utf8, view->line);
}

/* ---- what is above each page */

static void put_title(struct view *view)
{
	const struct top_data *data = view->data;
	struct format_buf age, interval;

	out_printf(view->line, "memwatch top  %d ", data->pid);
	utf8_print(view->line, format_basename(data->program));
	out_printf(view->line, ", running %s; every %s", format_seconds(&age, data->seconds),
		   format_seconds(&interval, (double)view->state->interval_ns / 1e9));
	if (view->state->paused)
		out_str(view->line, "  PAUSED");
	end_line(view, STYLE_BOLD);
}

/* Over all stacks: from the history, whose last point is at most an interval old. */
static double last_rate(const struct top_data *data)
{
	return data->rate.n ? (double)data->rate.values[data->rate.n - 1] : 0;
}

static void put_totals(struct view *view)
{
	const struct top_data *data = view->data;
	struct format_buf a, b, c;

	out_printf(view->line, "Live  %s in %s, peak %s", format_size(&a, data->live_bytes),
		   format_noun(&b, data->live_blocks, "block"), format_size(&c, data->peak_live_bytes));
	put_graph(view, &data->live);
	end_line(view, STYLE_PLAIN);
	out_printf(view->line, "Rate  %s allocated; in all %s in %s", plain_rate(&a, last_rate(data)),
		   format_size(&b, data->allocated_bytes), format_noun(&c, data->allocations, "call"));
	put_graph(view, &data->rate);
	end_line(view, STYLE_PLAIN);
	out_printf(view->line, "RSS   %s", format_size(&a, data->rss_bytes));
	if (data->limit_bytes)
		out_printf(view->line, "; limit %s (%s)", format_size(&b, data->limit_bytes), data->limit_source);
	put_graph(view, &data->rss);
	end_line(view, STYLE_PLAIN);
}

static void put_findings(struct view *view)
{
	const struct top_data *data = view->data;
	struct format_buf a, b;
	bool alarm = data->growing || data->definite_blocks;

	out_str(view->line, "Leaks ");
	if (data->scanned)
		out_printf(view->line, "%s definitely lost, %s ago",
			   data->definite_blocks ? format_amount(&a, (struct report_amount){data->definite_blocks,
											    data->definite_bytes})
						 : "nothing",
			   format_seconds(&b, data->scan_age_seconds));
	else
		out_str(view->line, "not scanned yet");
	if (data->judged_age_seconds < 0)
		out_str(view->line, "; growth not judged yet");
	else
		out_printf(view->line, "; %s growing, judged %s ago", format_noun(&a, data->growing, "stack"),
			   format_seconds(&b, data->judged_age_seconds));
	end_line(view, alarm ? STYLE_ALARM : STYLE_PLAIN);
}

/* ---- the table */

static void put_head(struct view *view)
{
	static const char *const names[N_SORTS] = {
		[SORT_LIVE] = "LIVE", [SORT_BLOCKS] = "BLOCKS", [SORT_GROWTH] = "GROWTH", [SORT_RATE] = "ALLOCATED"};
	static const int widths[N_SORTS] = {10, 13, 15, 15};

	for (int i = 0; i < N_SORTS; i++) {
		char title[32];

		strcpy(stpcpy(title, (int)view->state->sort == i ? ">" : ""), names[i]);
		out_printf(view->line, "%*s", widths[i], title);
	}
	out_str(view->line, "   WHERE");
	end_line(view, STYLE_HEAD);
}

static void put_row(struct view *view, const struct top_row *row, bool selected)
{
	struct format_buf live, blocks, growth, rate;
	bool growing = row->verdict && !strcmp(row->verdict, "growing");

	out_printf(view->line, "%10s%13s%15s%15s %c ", format_size(&live, row->live_bytes),
		   format_count(&blocks, row->live_blocks), signed_rate(&growth, row->growth),
		   plain_rate(&rate, row->rate), growing ? '!' : ' ');
	utf8_print(view->line, row->where);
	end_line(view, selected ? STYLE_SELECTED : growing ? STYLE_ALARM : STYLE_PLAIN);
}

static void put_table(struct view *view)
{
	const struct top_state *state = view->state;
	const struct top_data *data = view->data;
	size_t room = top_state_page_rows(state), first = 0;

	if (state->selected >= room)
		first = state->selected - room + 1;
	put_head(view);
	for (size_t i = 0; i < room; i++) {
		if (first + i < data->n_rows)
			put_row(view, &data->rows[first + i], first + i == state->selected);
		else
			end_line(view, STYLE_PLAIN);
	}
}

static void put_summary(struct view *view)
{
	const struct top_data *data = view->data;
	const struct top_state *state = view->state;
	size_t at = data->n_rows ? state->selected + 1 : 0;
	struct format_buf a, b, c;

	if (state->filter[0]) {
		out_printf(view->line, "%zu of %s with \"", at, format_noun(&a, data->n_matching, "stack"));
		utf8_print(view->line, state->filter);
		out_printf(view->line, "\", of %s", format_count(&b, data->n_stacks));
		if (data->n_unsearched)
			out_printf(view->line, "; %s still to be searched", format_count(&c, data->n_unsearched));
	} else {
		out_printf(view->line, "%zu of %s", at, format_noun(&a, data->n_stacks, "stack"));
	}
	out_printf(view->line, "; rates %s %s", data->since_start ? "since the start," : "of the last",
		   format_seconds(&c, data->period_seconds));
	end_line(view, STYLE_DIM);
}

static void put_keys(struct view *view)
{
	const struct top_state *state = view->state;

	if (state->typing) {
		out_str(view->line, "Filter: ");
		utf8_print(view->line, state->typed);
		out_str(view->line, "_   (Enter: apply, Esc: leave)");
		end_line(view, STYLE_BOLD);
	} else if (state->notice) {
		put_line(view, state->notice, STYLE_ALARM);
	} else if (state->page == TOP_TABLE) {
		put_line(view, "q quit  ? help  Enter stack  / filter  l b g a sort  p pause", STYLE_DIM);
	} else {
		put_line(view, "q quit  ? help  Esc back  up/down scroll  p pause", STYLE_DIM);
	}
}

/* ---- the others */

static void put_help(struct view *view)
{
	static const char *const lines[] = {
		"",
		"  up, down, k, j       another stack; PgUp, PgDn, Home, End",
		"  Enter                the whole stack: its frames, verdict, growth, lifetimes; Esc: back",
		"  l  b  g  a           sort by live bytes, live blocks, growth, bytes allocated; s: the next one",
		"  /                    only stacks with this text in a function, file or module; Esc: all",
		"  p                    pause, and go on",
		"  q                    quit",
		"",
		"  GROWTH and ALLOCATED are bytes per second of the last interval. A stack marked ! was judged to be",
		"  growing: see it with Enter. Verdicts are those of the last leak scan: memwatch scan PID makes one.",
		"",
		"  Any key: back.",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		put_line(view, lines[i], STYLE_PLAIN);
}

static void put_verdicts(struct view *view, const struct top_stack *stack)
{
	struct format_buf a;

	if (!stack->walked)
		return put_line(view, "Verdicts  not looked up: too many blocks live; see memwatch scan", STYLE_PLAIN);
	out_str(view->line, "Verdicts  ");
	for (size_t i = 0; i < stack->n_verdicts; i++) {
		const struct top_amount *amount = &stack->verdicts[i];

		out_printf(view->line, "%s%s %s", i ? ", " : "", amount->verdict,
			   format_amount(&a, (struct report_amount){amount->blocks, amount->bytes}));
	}
	if (!view->data->scanned)
		out_str(view->line, "not scanned yet");
	else if (stack->unscanned_blocks)
		out_printf(view->line, "%s%s since the scan", stack->n_verdicts ? ", " : "",
			   format_noun(&a, stack->unscanned_blocks, "block"));
	end_line(view, STYLE_PLAIN);
}

static void put_holders(struct view *view, const struct top_stack *stack)
{
	if (stack->n_held_by)
		put_line(view, "One of its blocks is held by", STYLE_HEAD);
	for (size_t i = 0; i < stack->n_held_by; i++) {
		out_str(view->line, i ? "     -> " : "        ");
		utf8_print(view->line, stack->held_by[i]);
		end_line(view, STYLE_PLAIN);
	}
}

static void put_growth(struct view *view, const struct top_stack *stack)
{
	struct format_buf a, b;

	out_printf(view->line, "Growth    %s now, allocates %s", signed_rate(&a, stack->row.growth),
		   plain_rate(&b, stack->row.rate));
	end_line(view, STYLE_PLAIN);
	if (stack->row.verdict) {
		out_printf(view->line, "          judged %s: %s", stack->row.verdict, stack->why ? stack->why : "");
		end_line(view, strcmp(stack->row.verdict, "growing") ? STYLE_PLAIN : STYLE_ALARM);
	}
}

static void put_stack(struct view *view)
{
	const struct top_stack *stack = &view->data->stack;
	struct format_buf a, b;

	if (!view->data->has_stack || stack->row.stack != view->state->opened)
		return put_line(view, "Asking ...", STYLE_DIM);
	out_printf(view->line, "Live      %s; ",
		   format_amount(&a, (struct report_amount){stack->row.live_blocks, stack->row.live_bytes}));
	out_printf(view->line, "allocated in all %s",
		   format_amount(&b, (struct report_amount){stack->allocations, stack->allocated_bytes}));
	end_line(view, STYLE_PLAIN);
	out_str(view->line, "Lifetimes ");
	if (stack->lifetime_seconds < 0)
		out_str(view->line, "none was freed");
	else
		out_printf(view->line, "freed after %s on average", format_seconds(&a, stack->lifetime_seconds));
	if (stack->oldest_seconds >= 0)
		out_printf(view->line, "; the oldest live one is %s old", format_seconds(&b, stack->oldest_seconds));
	end_line(view, STYLE_PLAIN);
	put_growth(view, stack);
	put_verdicts(view, stack);
	put_line(view, "Frames, from the allocation outwards", STYLE_HEAD);
	for (size_t i = 0; i < stack->n_frames; i++) {
		out_printf(view->line, "%6zu  ", i);
		utf8_print(view->line, stack->frames[i]);
		end_line(view, STYLE_PLAIN);
	}
	put_holders(view, stack);
}

/* Takes lines from the top of what is behind the first `fixed` ones, and those that are too many. */
static void scroll(struct top_screen *screen, size_t fixed, size_t room, size_t *by)
{
	size_t n = screen->n - fixed, most = n > room ? n - room : 0;

	*by = *by < most ? *by : most;
	for (size_t i = 0; i < n; i++)
		if (i < *by || i >= *by + room)
			free(screen->lines[fixed + i].text);
	memmove(screen->lines + fixed, screen->lines + fixed + *by, (n - *by) * sizeof(*screen->lines));
	screen->n = fixed + (n - *by < room ? n - *by : room);
}

static void fill(struct view *view, struct top_state *state)
{
	size_t none = 0, room = state->height > 2 ? state->height - 2 : 0;

	if (view->data->pid == 0) {
		put_line(view, "memwatch top: asking ...", STYLE_DIM);
		return;
	}
	put_title(view);
	if (state->page == TOP_TABLE) {
		put_totals(view);
		put_findings(view);
		put_table(view);
		put_summary(view);
	} else if (state->page == TOP_STACK) {
		put_stack(view);
		scroll(&view->screen, 1, room, &state->scroll);
	} else {
		put_help(view);
		scroll(&view->screen, 1, room, &none);
	}
	while (view->screen.n + 1 < state->height)
		end_line(view, STYLE_PLAIN);
}

struct top_screen top_view(struct top_state *state, const struct top_data *data)
{
	struct view view = {.state = state, .data = data, .line = out_memory()};
	size_t none = 0, fits = state->height ? state->height - 1 : 0;
	struct err ignored = {0};

	fill(&view, state);
	scroll(&view.screen, 0, fits, &none); /* of a very low screen the last lines are lost but for the keys */
	put_keys(&view);
	scroll(&view.screen, 0, state->height, &none);
	out_close(view.line, &ignored);
	return view.screen;
}

void top_screen_release(struct top_screen *screen)
{
	for (size_t i = 0; i < screen->n; i++)
		free(screen->lines[i].text);
	free(screen->lines);
	*screen = (struct top_screen){0};
}
