/*
 * What grows though nothing of it is lost:
 *
 *	[growing 1 of 2] 98.3 KiB/s in 100.7 blocks/s, now 1,000,000 bytes in 1,000 blocks: cache_add (cache.c:42)
 *	    Of 1010 blocks allocated since 0.05 s, 1000 are left, spread evenly over all that time.
 *	    the oldest lives for 9.95 s; those that were freed lived for 1.5 ms on average
 *	    > cache_add at /src/cache.c:42
 *	    held by global cache_head in prog
 */
#include "cli/render/text.h"

#include "cli/render/format.h"
#include "cli/render/utf8.h"

#include <stdio.h>

#define LIST_MAX 20u /* growing ones, unless -v */

static size_t count(const struct report_process *process, enum growth_verdict verdict)
{
	size_t n = 0;

	for (size_t i = 0; i < process->n_growth; i++)
		n += process->growth[i].verdict == verdict;
	return n;
}

/* "98.3 KiB/s", "64.0 bytes/s", "0.017 bytes/s": slow ones are of interest too. */
static const char *byte_rate(struct format_buf *buf, double bytes_per_second)
{
	struct format_buf size;

	if (bytes_per_second < 1024)
		snprintf(buf->text, sizeof(buf->text), "%.3g bytes/s", bytes_per_second);
	else
		snprintf(buf->text, sizeof(buf->text), "%s/s", format_size(&size, (uint64_t)bytes_per_second));
	return buf->text;
}

static const char *word(enum growth_verdict verdict)
{
	static const char *const words[] = {
		[GROWTH_GROWING] = "growing", [GROWTH_BOUNDED] = "bounded", [GROWTH_UNCLEAR] = "unclear"};

	return words[verdict];
}

static void put_ages(const struct text *text, const struct report_growth *growth)
{
	struct format_buf oldest, lifetime;

	if (growth->oldest_seconds < 0 && growth->lifetime_mean_seconds < 0)
		return;
	out_str(text->out, "    ");
	if (growth->oldest_seconds >= 0)
		out_printf(text->out, "the oldest lives for %s%s", format_seconds(&oldest, growth->oldest_seconds),
			   growth->lifetime_mean_seconds >= 0 ? "; " : "");
	if (growth->lifetime_mean_seconds >= 0)
		out_printf(text->out, "those that were freed lived for %s on average",
			   format_seconds(&lifetime, growth->lifetime_mean_seconds));
	out_char(text->out, '\n');
}

static void put_record(const struct text *text, const struct report_process *process,
		       const struct report_growth *growth, size_t index, size_t n)
{
	struct format_buf a, b, rate, amount;

	out_printf(text->out, "[%s %s of %s] ", word(growth->verdict), format_count(&a, index), format_count(&b, n));
	if (growth->verdict == GROWTH_GROWING)
		out_printf(text->out, "%s%s%s in %.3g blocks/s, now ", text->alarm,
			   byte_rate(&rate, growth->bytes_per_second), text->off, growth->blocks_per_second);
	out_str(text->out, format_amount(&amount, growth->live));
	if (growth->stack.n_frames) {
		out_str(text->out, ": ");
		text_where(text, &growth->stack);
	}
	out_str(text->out, "\n    ");
	utf8_print(text->out, growth->why ? growth->why : "");
	out_char(text->out, '\n');
	put_ages(text, growth);
	text_stack(text, process, &growth->stack);
	text_held_by(text, growth->held_by, growth->n_held_by);
	if (text->options->verbose)
		out_printf(text->out, "    id %s, confidence %.2f\n", growth->id, growth->confidence);
	out_char(text->out, '\n');
}

void text_growth(const struct text *text, const struct report_process *process)
{
	size_t n_growing = count(process, GROWTH_GROWING);
	bool verbose = text->options->verbose;
	size_t index[] = {[GROWTH_GROWING] = 0, [GROWTH_BOUNDED] = 0, [GROWTH_UNCLEAR] = 0};

	for (size_t i = 0; i < process->n_growth; i++) {
		const struct report_growth *growth = &process->growth[i];
		size_t n = growth->verdict == GROWTH_GROWING ? n_growing : count(process, growth->verdict);

		if (verbose || (growth->verdict == GROWTH_GROWING && index[GROWTH_GROWING] < LIST_MAX))
			put_record(text, process, growth, ++index[growth->verdict], n);
	}
	if (!verbose && n_growing > LIST_MAX)
		out_printf(text->out, "%zu more stacks that grow are not shown (-v shows all)\n\n",
			   n_growing - LIST_MAX);
}

void text_growth_summary(const struct text *text, const struct report_process *process)
{
	size_t growing = count(process, GROWTH_GROWING), bounded = count(process, GROWTH_BOUNDED);
	size_t unclear = count(process, GROWTH_UNCLEAR);
	double bytes_per_second = 0;
	struct format_buf stacks, rate;

	for (size_t i = 0; i < process->n_growth; i++)
		bytes_per_second += process->growth[i].bytes_per_second;
	out_printf(text->out, "  %-18s ", "growth");
	if (growing)
		out_printf(text->out, "%s%s %s by %s%s", text->alarm, format_noun(&stacks, growing, "stack"),
			   growing == 1 ? "grows" : "grow", byte_rate(&rate, bytes_per_second), text->off);
	else if (process->n_growth == 0 && process->duration_seconds < REPORT_GROWTH_SECONDS)
		out_str(text->out, "not judged, the run was too short");
	else
		out_str(text->out, "none seen");
	if (bounded)
		out_printf(text->out, ", %zu bounded", bounded);
	if (unclear)
		out_printf(text->out, ", %zu unclear", unclear);
	out_printf(text->out, "%s\n", bounded + unclear && !text->options->verbose ? " (-v lists them)" : "");
}
