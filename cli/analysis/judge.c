#include "cli/analysis/judge.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define BINS           SURVIVORS_BINS
#define OLD            (BINS * 3 / 4) /* bins from here on are the last quarter: there may be blocks soon to be freed */
#define WARM_UP_STEP   2u             /* bins */
#define SECONDS_LEAST  REPORT_GROWTH_SECONDS /* a shorter run is GROWING only if … */
#define TURNOVER_LEAST 10.0                  /* … it allocated its peak so many times, … */
#define BLOCKS_LEAST   1000u                 /* … and so many blocks were left */
#define ALL_SHARE      0.03                  /* of all bytes or blocks that have stayed */
#define TOLD_SHARE     0.01                  /* less is not worth telling */
#define REGULAR        0.3                   /* standard deviation of few blocks' intervals, of their mean */
#define GOES_ON        0.6                   /* of the earlier rate, that the last quarter must have */
#define LATE_FREES     0.05                  /* of the survivors' number: so many frees … */
#define LATE_AGE       0.125                 /* … of blocks that had lived this part of the run, on average */
#define SHARE_LEAST    0.1    /* of the survivors, in the first and in the last third of the other clock */
#define HEIGHT_BYTES   4096.0 /* below this, and */
#define HEIGHT_SHARE   0.01   /* of the process's peak, BOUNDED and UNCLEAR are not worth telling */
#define NEW_HEIGHT     1.05   /* times what was before */
#define HIGHER_MEAN    1.1    /* of the last quarter, times that of the half before */
#define RISES_LEAST    3u     /* windows that reached a new height */

/* What is behind a warm-up of `first` bins, on one clock. */
struct stretch {
	enum survivors_clock clock;
	unsigned first;
	double from; /* of the clock, 0 to 1 */
	double old_blocks, old_bytes, new_blocks, new_bytes;
};

static double now_of(const struct windows *windows, enum survivors_clock clock)
{
	const struct windows_tick *now = &windows->ticks[windows->n_ticks - 1];

	return clock == CLOCK_SECONDS ? now->seconds : now->bytes;
}

/* The moment i on a clock, as a part of the run. */
static double part(const struct windows *windows, enum survivors_clock clock, size_t i)
{
	const struct windows_tick *tick = &windows->ticks[i];

	return (clock == CLOCK_SECONDS ? tick->seconds : tick->bytes) / now_of(windows, clock);
}

/* A part of the run on one clock as one on the other. */
static double converted(const struct windows *windows, enum survivors_clock from, double x)
{
	double at = x * now_of(windows, from);

	if (from == CLOCK_SECONDS)
		return windows_bytes_at(windows, at) / now_of(windows, CLOCK_BYTES);
	return windows_seconds_at(windows, at) / now_of(windows, CLOCK_SECONDS);
}

static double seconds_at(const struct windows *windows, enum survivors_clock clock, double x)
{
	double seconds = clock == CLOCK_SECONDS ? x : converted(windows, clock, x);

	return seconds * now_of(windows, CLOCK_SECONDS);
}

enum field { ALLOCATIONS, ALLOCATED_BYTES, LIVE_BYTES };

static double value(const struct judge_stack *stack, enum field field, size_t i)
{
	return field == ALLOCATIONS       ? stack->points[i].allocations
	       : field == ALLOCATED_BYTES ? stack->points[i].allocated_bytes
					  : stack->points[i].live_bytes;
}

static double value_at(const struct judge_stack *stack, enum field field, enum survivors_clock clock, double x)
{
	size_t i = 1;
	double x0, x1, y0, y1;

	while (i + 1 < stack->windows->n_ticks && part(stack->windows, clock, i) < x)
		i++;
	x0 = part(stack->windows, clock, i - 1), x1 = part(stack->windows, clock, i);
	y0 = value(stack, field, i - 1), y1 = value(stack, field, i);
	return x1 > x0 ? y0 + (y1 - y0) * fmin(1, fmax(0, (x - x0) / (x1 - x0))) : y1;
}

/* The mean of the live bytes between two parts of the run. */
static double mean_live(const struct judge_stack *stack, enum survivors_clock clock, double from, double to)
{
	double sum = 0, x = from, y = value_at(stack, LIVE_BYTES, clock, from);

	for (size_t i = 0; i <= stack->windows->n_ticks; i++) {
		double next = i < stack->windows->n_ticks ? part(stack->windows, clock, i) : to;
		double at;

		if (next <= x)
			continue;
		next = fmin(next, to);
		at = value_at(stack, LIVE_BYTES, clock, next);
		sum += (next - x) * (y + at) / 2;
		x = next;
		y = at;
	}
	return to > from ? sum / (to - from) : y;
}

/* ---- growing */

static struct stretch stretch_of(const struct judge_stack *stack, enum survivors_clock clock, unsigned first)
{
	const struct survivors_bins *bins = &stack->survivors->bins[clock];
	struct stretch s = {.clock = clock, .first = first, .from = (double)first / BINS};

	for (unsigned i = first; i < BINS; i++) {
		*(i < OLD ? &s.old_blocks : &s.new_blocks) += bins->blocks[i];
		*(i < OLD ? &s.old_bytes : &s.new_bytes) += (double)bins->bytes[i];
	}
	return s;
}

/* On a machine that is very busy the births of a while have one time, that of the reading. Returns the longest such
 * while as a part of the run, beyond what a window is long anyway. */
static double lateness(const struct windows *windows, enum survivors_clock clock)
{
	double longest = 0;

	for (size_t i = 1; i < windows->n_ticks; i++)
		longest = fmax(longest, part(windows, clock, i) - part(windows, clock, i - 1));
	return fmax(0, longest - 4.0 / WINDOWS_MAX);
}

/* How far the births before the last quarter are from even: the largest distance between their distribution and a
 * straight line, as in the test of Kolmogorov and Smirnov, whose 5 % limit is 1.36 / sqrt(n). */
static bool is_even(const struct judge_stack *stack, const struct stretch *s)
{
	const struct survivors_bins *bins = &stack->survivors->bins[s->clock];
	double sum = 0, largest = 0;

	for (unsigned i = s->first; i < OLD; i++) {
		sum += bins->blocks[i];
		largest = fmax(largest, fabs(sum / s->old_blocks - (double)(i + 1 - s->first) / (OLD - s->first)));
	}
	return largest <= 0.1 + 0.5 / sqrt(s->old_blocks) + lateness(stack->windows, s->clock);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The births in a stretch, of few blocks, sorted, as parts of the run. Returns how many there are. */
static size_t births_in(const struct judge_stack *stack, const struct stretch *s, double births[SURVIVORS_FEW])
{
	const struct survivors *survivors = stack->survivors;
	size_t n = 0;

	for (size_t i = 0; i < survivors->n_blocks && i < SURVIVORS_FEW; i++) {
		double x = survivors->births[i] / now_of(stack->windows, CLOCK_SECONDS);

		if (s->clock == CLOCK_BYTES)
			x = converted(stack->windows, CLOCK_SECONDS, x);
		if (x >= s->from)
			births[n++] = x;
	}
	qsort(births, n, sizeof(*births), compare);
	return n;
}

/*
 * Few blocks: whether they were born at regular intervals. Random ones deviate by as much as their mean, and that n of
 * them deviate by no more than a part c of it has a probability like c to the power of n − 1: with c it is kept as
 * small in many stacks as it is in one.
 */
static bool is_regular(const struct judge_stack *stack, const struct stretch *s)
{
	double limit = REGULAR * pow(fmax(1, (double)stack->n_few), -1.0 / (JUDGE_BLOCKS_LEAST - 1));
	double births[SURVIVORS_FEW], mean, squares = 0;
	size_t n = births_in(stack, s, births);

	if (n < JUDGE_BLOCKS_LEAST)
		return false;
	mean = (births[n - 1] - births[0]) / (double)(n - 1);
	for (size_t i = 1; i < n; i++)
		squares += pow(births[i] - births[i - 1] - mean, 2);
	return sqrt(squares / (double)(n - 1)) <= limit * mean && births[0] - s->from <= 2 * mean &&
	       1 - births[n - 1] <= 2 * mean;
}

static bool goes_on(const struct stretch *s)
{
	double expected = s->old_blocks / (OLD - s->first) * (BINS - OLD);
	double expected_bytes = s->old_bytes / (OLD - s->first) * (BINS - OLD);

	return s->new_blocks >= GOES_ON * expected && s->new_bytes >= GOES_ON / 2 * expected_bytes;
}

/* Whether the live bytes rise as the survivors tell: in a cache that is full they do not. */
static bool rises(const struct judge_stack *stack, const struct stretch *s)
{
	double per_part = s->old_bytes / ((double)OLD / BINS - s->from);
	double before = mean_live(stack, s->clock, 0.5, 0.75), after = mean_live(stack, s->clock, 0.75, 1);

	return after - before >= GOES_ON * per_part / 4;
}

/* The mean age at which its blocks were freed, as a part of the run. */
static double freed_age(const struct judge_stack *stack)
{
	double seconds = stack->frees ? (double)stack->freed_ms / 1e3 / (double)stack->frees : 0;

	return seconds / now_of(stack->windows, CLOCK_SECONDS);
}

/* Whether blocks are freed when they are as old as those that are left: so is their turn to come. */
static bool is_freed_late(const struct judge_stack *stack)
{
	return (double)stack->frees > LATE_FREES * stack->survivors->n_blocks && freed_age(stack) > LATE_AGE;
}

/* Whether what was born before the stretch was freed like the rest, or was there at all: else this is no warm-up but a
 * cache that has given up its oldest blocks. */
static bool is_warm_up(const struct judge_stack *stack, const struct stretch *s)
{
	const struct survivors_bins *bins = &stack->survivors->bins[s->clock];
	double left = 0, born = value_at(stack, ALLOCATIONS, s->clock, s->from), later;

	for (unsigned i = 0; i < s->first; i++)
		left += bins->blocks[i];
	later = value_at(stack, ALLOCATIONS, s->clock, (double)OLD / BINS) - born;
	if (later <= 0 || born * s->old_blocks / later < 2)
		return true;
	return left / born >= 0.9 * s->old_blocks / later || freed_age(stack) < 1.0 / BINS;
}

/* Whether there are survivors in the first and the last third of the stretch on the other clock. */
static bool is_covered(const struct judge_stack *stack, const struct stretch *s)
{
	enum survivors_clock other = s->clock == CLOCK_SECONDS ? CLOCK_BYTES : CLOCK_SECONDS;
	const struct survivors_bins *bins = &stack->survivors->bins[other];
	double from = converted(stack->windows, s->clock, s->from) * BINS, third = (BINS - from) / 3;
	double all = 0, early = 0, late = 0;

	for (unsigned i = 0; i < BINS; i++) {
		double middle = i + 0.5;

		if (middle < from)
			continue;
		all += bins->blocks[i];
		early += middle < from + third ? bins->blocks[i] : 0;
		late += middle >= BINS - third ? bins->blocks[i] : 0;
	}
	return early >= SHARE_LEAST * all && late >= SHARE_LEAST * all && all > 0;
}

static bool grows_on(const struct judge_stack *stack, enum survivors_clock clock, struct stretch *s)
{
	for (unsigned first = 0; first <= BINS / 2; first += WARM_UP_STEP) {
		double n;

		*s = stretch_of(stack, clock, first);
		n = s->old_blocks + s->new_blocks;
		/* behind a warm-up there have to be as many as without one */
		if (n < JUDGE_BLOCKS_LEAST || s->old_blocks < 1 ||
		    (n <= SURVIVORS_FEW && stack->survivors->n_blocks > SURVIVORS_FEW))
			return false;
		if ((stack->survivors->n_blocks <= SURVIVORS_FEW ? is_regular(stack, s) : is_even(stack, s)) &&
		    goes_on(s) && rises(stack, s) && is_warm_up(stack, s) && is_covered(stack, s))
			return true;
	}
	return false;
}

static bool is_enough(const struct judge_stack *stack)
{
	return now_of(stack->windows, CLOCK_SECONDS) >= SECONDS_LEAST ||
	       (now_of(stack->windows, CLOCK_BYTES) >= TURNOVER_LEAST * (double)stack->peak_bytes &&
		stack->survivors->n_blocks >= BLOCKS_LEAST);
}

/* The probability that the next window leaves survivors, too, after `k` of n have: Laplace's rule of succession. */
static double succession(double k, double n)
{
	return (k + 1) / (n + 2);
}

/* Of windows so wide that two blocks are to be expected in each. */
static double confidence(const struct judge_stack *stack, const struct stretch *s)
{
	const struct survivors_bins *bins = &stack->survivors->bins[s->clock];
	unsigned n_bins = BINS - s->first, n = (unsigned)fmin(n_bins, (s->old_blocks + s->new_blocks) / 2);
	unsigned with = 0;

	for (unsigned w = 0; w < n; w++) {
		uint32_t blocks = 0;

		for (unsigned i = w * n_bins / n; i < (w + 1) * n_bins / n; i++)
			blocks += bins->blocks[s->first + i];
		with += blocks > 0;
	}
	return succession(with, n);
}

static void set_rates(struct judgement *out, double blocks, double bytes, double seconds)
{
	if (seconds <= 0)
		return;
	out->blocks_per_second = blocks / seconds;
	out->bytes_per_second = bytes / seconds;
}

/* The rates, over as much of the run as is right. */
static void measure(const struct judge_stack *stack, const struct stretch *s, struct judgement *out)
{
	const struct survivors *survivors = stack->survivors;
	double now = now_of(stack->windows, CLOCK_SECONDS), from = seconds_at(stack->windows, s->clock, s->from);
	double blocks = s->old_blocks + s->new_blocks, bytes = s->old_bytes + s->new_bytes;
	double expected = s->old_blocks / (OLD - s->first) * (BINS - OLD);
	double births[SURVIVORS_FEW];

	if (s->first == 0 && survivors->first_seconds > 3 * now / blocks)
		from = survivors->first_seconds; /* later than chance lets the first one be */
	out->since_seconds = from;
	if (survivors->n_blocks <= SURVIVORS_FEW && s->clock == CLOCK_SECONDS) {
		size_t n = births_in(stack, s, births), intervals = n - 1;

		set_rates(out, (double)intervals, bytes * (double)intervals / (double)n,
			  (births[n - 1] - births[0]) * now);
	} else if (s->new_blocks <= 1.25 * expected + 2) {
		set_rates(out, blocks, bytes, now - from);
	} else { /* many of the young ones are to be freed soon */
		set_rates(out, s->old_blocks, s->old_bytes,
			  seconds_at(stack->windows, s->clock, (double)OLD / BINS) - from);
	}
}

static void say_growing(const struct judge_stack *stack, const struct stretch *s, struct judgement *out)
{
	double born = value_at(stack, ALLOCATIONS, s->clock, 1) - value_at(stack, ALLOCATIONS, s->clock, s->from);
	double left = s->old_blocks + s->new_blocks;

	snprintf(out->why, sizeof(out->why),
		 "Of %.0f blocks allocated since %.3g s, %.0f are left, spread evenly over all %s.", fmax(born, left),
		 out->since_seconds, left,
		 s->clock == CLOCK_SECONDS ? "that time" : "that the program allocated meanwhile");
}

/* With the shorter warm-up, or more windows that tell the same. */
static bool is_better(const struct judge_stack *stack, const struct stretch *a, const struct stretch *b)
{
	return a->first != b->first ? a->first < b->first : confidence(stack, a) > confidence(stack, b);
}

static bool judge_growing(const struct judge_stack *stack, struct judgement *out)
{
	struct stretch s, other;
	bool on_seconds, on_bytes;
	double born;

	if (!stack->survivors || !is_enough(stack) || is_freed_late(stack))
		return false;
	on_seconds = grows_on(stack, CLOCK_SECONDS, &s);
	on_bytes = grows_on(stack, CLOCK_BYTES, &other);
	if (!on_seconds && !on_bytes)
		return false;
	if (!on_seconds || (on_bytes && is_better(stack, &other, &s)))
		s = other;
	*out = (struct judgement){
		.verdict = GROWTH_GROWING, .confidence = confidence(stack, &s), .clock = s.clock, .first = s.first};
	born = value_at(stack, ALLOCATED_BYTES, s.clock, (double)OLD / BINS) -
	       value_at(stack, ALLOCATED_BYTES, s.clock, s.from);
	out->survivor_ratio = born > 0 ? fmin(1, s.old_bytes / born) : 1;
	measure(stack, &s, out);
	say_growing(stack, &s, out);
	return true;
}

bool judge_share(const struct survivors *survivors, struct survivors_bins all[N_CLOCKS], struct judgement *judgement)
{
	const struct survivors_bins *own = &survivors->bins[judgement->clock], *whole = &all[judgement->clock];
	double blocks = 0, bytes = 0, all_blocks = 0, all_bytes = 0, share;

	for (unsigned i = judgement->first; i < OLD; i++) {
		blocks += own->blocks[i];
		bytes += (double)own->bytes[i];
		all_blocks += whole->blocks[i];
		all_bytes += (double)whole->bytes[i];
	}
	share = fmax(blocks / fmax(all_blocks, 1), bytes / fmax(all_bytes, 1));
	if (share < ALL_SHARE) {
		*judgement = (struct judgement){.verdict = GROWTH_UNCLEAR,
						.survivor_ratio = judgement->survivor_ratio,
						.since_seconds = judgement->since_seconds};
		snprintf(judgement->why, sizeof(judgement->why),
			 "It rises, but is only %.2g %% of what the program has kept since %.3g s.", share * 100,
			 judgement->since_seconds);
		return share >= TOLD_SHARE;
	}
	for (int clock = 0; clock < N_CLOCKS; clock++) {
		for (unsigned i = 0; i < BINS; i++) {
			all[clock].blocks[i] -= survivors->bins[clock].blocks[i];
			all[clock].bytes[i] -= survivors->bins[clock].bytes[i];
		}
	}
	return true;
}

/* ---- bounded or unclear */

struct heights {
	double before, all; /* most live bytes before the last quarter, and ever, at a moment */
	unsigned rises;     /* windows in which it became higher than ever */
	double since;       /* seconds: when it was first near `before` */
	double allocated_since;
};

static struct heights heights_of(const struct judge_stack *stack)
{
	const struct windows *windows = stack->windows;
	struct heights h = {0};

	for (size_t i = 0; i < windows->n_ticks; i++) {
		h.rises += stack->points[i].live_bytes > h.all;
		h.all = fmax(h.all, stack->points[i].live_bytes);
		if (part(windows, CLOCK_SECONDS, i) <= 0.75)
			h.before = fmax(h.before, stack->points[i].live_bytes);
	}
	for (size_t i = 0; i < windows->n_ticks; i++) {
		if (stack->points[i].live_bytes * NEW_HEIGHT < h.before)
			continue;
		h.since = windows->ticks[i].seconds;
		h.allocated_since =
			stack->points[windows->n_ticks - 1].allocated_bytes - stack->points[i].allocated_bytes;
		break;
	}
	return h;
}

static bool still_rises(const struct judge_stack *stack, const struct heights *h)
{
	return h->all > NEW_HEIGHT * h->before &&
	       mean_live(stack, CLOCK_SECONDS, 0.75, 1) > HIGHER_MEAN * mean_live(stack, CLOCK_SECONDS, 0.25, 0.75);
}

static void say_bounded(const struct heights *h, struct judgement *out)
{
	if (h->allocated_since > 0)
		snprintf(out->why, sizeof(out->why),
			 "It has stayed at or below %.0f bytes since %.3g s, while it allocated %.0f more.", h->all,
			 h->since, h->allocated_since);
	else
		snprintf(out->why, sizeof(out->why), "It has allocated nothing more since %.3g s.", h->since);
}

/* How much of what was born before the last quarter lives: of few blocks this is not counted. */
static double ratio(const struct judge_stack *stack)
{
	double born = value_at(stack, ALLOCATED_BYTES, CLOCK_SECONDS, 0.75);

	if (!stack->survivors || born <= 0)
		return stack->frees ? 0 : 1;
	return fmin(1, stretch_of(stack, CLOCK_SECONDS, 0).old_bytes / born);
}

bool judge(const struct judge_stack *stack, struct judgement *out)
{
	const struct windows *windows = stack->windows;
	double now = now_of(windows, CLOCK_SECONDS), idle;
	struct heights h;

	if (windows->n_ticks < 3 || now < JUDGE_SECONDS_LEAST || now_of(windows, CLOCK_BYTES) <= 0)
		return false;
	if (judge_growing(stack, out))
		return true;
	h = heights_of(stack);
	if (h.all < HEIGHT_BYTES || h.all < HEIGHT_SHARE * (double)stack->peak_bytes || h.rises < RISES_LEAST)
		return false;
	/* what was there from the first on, and did nothing since, is no news */
	if (value_at(stack, ALLOCATIONS, CLOCK_SECONDS, 1) <= value_at(stack, ALLOCATIONS, CLOCK_SECONDS, 0.1))
		return false;
	*out = (struct judgement){.verdict = GROWTH_UNCLEAR, .survivor_ratio = ratio(stack), .since_seconds = h.since};
	idle = 1 - converted(windows, CLOCK_SECONDS, 0.75);
	if (still_rises(stack, &h)) {
		snprintf(out->why, sizeof(out->why),
			 now < SECONDS_LEAST ? "It rose until the end, but %.3g s are too short a time to tell."
					     : "It reached new heights in the last quarter of %.3g s, but what is left "
					       "was not born evenly over the run.",
			 now);
	} else if (idle < 0.02 && h.since > now / 2) {
		snprintf(out->why, sizeof(out->why),
			 "It has not risen since %.3g s, but the program hardly allocated anything since.", h.since);
	} else {
		out->verdict = GROWTH_BOUNDED;
		out->confidence = 1 - h.since / now;
		say_bounded(&h, out);
	}
	return true;
}
