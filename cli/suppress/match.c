#include "cli/suppress/match.h"

#include "cli/analysis/origin.h"
#include "cli/base/xalloc.h"
#include "cli/suppress/glob.h"
#include "cli/symbols/demangle.h"
#include "common/compiler.h"
#include "common/wire.h"

#include <stdlib.h>
#include <string.h>

#define UNKNOWN   "\?\?\?"                                                  /* Valgrind's name for what has none */
#define PRELOADED "/usr/libexec/valgrind/vgpreload_memcheck-amd64-linux.so" /* where Valgrind's own malloc lies */

/* ---- allocation functions as they head the stacks of Valgrind */

enum head_name {
	HEAD_NONE,
	HEAD_MALLOC,
	HEAD_CALLOC,
	HEAD_REALLOC,
	HEAD_REALLOCARRAY,
	HEAD_POSIX_MEMALIGN,
	HEAD_ALIGNED_ALLOC,
	HEAD_MEMALIGN,
	HEAD_VALLOC,
	HEAD_PVALLOC,
	HEAD_NEW,
	HEAD_NEW_ARRAY,
	N_HEAD_NAMES,
};

#define NAMES_MAX   8 /* of one function */
#define NAMES_PLAIN 2 /* of them: the ones without alignment or nothrow */
#define HEAD_MAX    4 /* frames */
#define HEADS_MAX   4 /* of one kind */

static const char *const head_names[N_HEAD_NAMES][NAMES_MAX] = {
	[HEAD_MALLOC] = {"malloc"},
	[HEAD_CALLOC] = {"calloc"},
	[HEAD_REALLOC] = {"realloc"},
	[HEAD_REALLOCARRAY] = {"reallocarray"},
	[HEAD_POSIX_MEMALIGN] = {"posix_memalign"},
	[HEAD_ALIGNED_ALLOC] = {"aligned_alloc"},
	[HEAD_MEMALIGN] = {"memalign"},
	[HEAD_VALLOC] = {"valloc"},
	[HEAD_PVALLOC] = {"pvalloc"},
	[HEAD_NEW] = {"_Znwm", "operator new(unsigned long)", "_ZnwmRKSt9nothrow_t",
		      "operator new(unsigned long, std::nothrow_t const&)", "_ZnwmSt11align_val_t",
		      "operator new(unsigned long, std::align_val_t)", "_ZnwmSt11align_val_tRKSt9nothrow_t",
		      "operator new(unsigned long, std::align_val_t, std::nothrow_t const&)"},
	[HEAD_NEW_ARRAY] = {"_Znam", "operator new[](unsigned long)", "_ZnamRKSt9nothrow_t",
			    "operator new[](unsigned long, std::nothrow_t const&)", "_ZnamSt11align_val_t",
			    "operator new[](unsigned long, std::align_val_t)", "_ZnamSt11align_val_tRKSt9nothrow_t",
			    "operator new[](unsigned long, std::align_val_t, std::nothrow_t const&)"},
};

/* By enum wire_kind, innermost first: realloc(NULL, n) goes on to malloc, posix_memalign to memalign, and so on. */
static const uint8_t heads[][HEADS_MAX][HEAD_MAX] = {
	[WIRE_KIND_MALLOC] = {{HEAD_MALLOC}},
	[WIRE_KIND_CALLOC] = {{HEAD_CALLOC}},
	[WIRE_KIND_REALLOC] = {{HEAD_REALLOC}, {HEAD_MALLOC, HEAD_REALLOC}, {HEAD_MALLOC}},
	[WIRE_KIND_REALLOCARRAY] = {{HEAD_REALLOCARRAY},
				    {HEAD_REALLOC, HEAD_REALLOCARRAY},
				    {HEAD_MALLOC, HEAD_REALLOC, HEAD_REALLOCARRAY}},
	[WIRE_KIND_POSIX_MEMALIGN] = {{HEAD_POSIX_MEMALIGN}, {HEAD_MEMALIGN, HEAD_POSIX_MEMALIGN}, {HEAD_MEMALIGN}},
	[WIRE_KIND_ALIGNED_ALLOC] = {{HEAD_ALIGNED_ALLOC}, {HEAD_MEMALIGN, HEAD_ALIGNED_ALLOC}, {HEAD_MEMALIGN}},
	[WIRE_KIND_MEMALIGN] = {{HEAD_MEMALIGN}},
	[WIRE_KIND_VALLOC] = {{HEAD_VALLOC}, {HEAD_MEMALIGN, HEAD_VALLOC}, {HEAD_MEMALIGN}},
	[WIRE_KIND_PVALLOC] = {{HEAD_PVALLOC}, {HEAD_MEMALIGN, HEAD_PVALLOC}, {HEAD_MEMALIGN}},
	[WIRE_KIND_NEW] = {{HEAD_NEW}, {HEAD_MALLOC, HEAD_NEW}},
	[WIRE_KIND_NEW_ARRAY] = {{HEAD_NEW_ARRAY},
				 {HEAD_NEW, HEAD_NEW_ARRAY},
				 {HEAD_MALLOC, HEAD_NEW_ARRAY},
				 {HEAD_MALLOC, HEAD_NEW, HEAD_NEW_ARRAY}},
};

/* ---- the matcher */

/* A rule's items as they are compared. */
struct plan {
	const uint32_t *items;
	size_t n_items;
	uint32_t *own;    /* items, when they are not the rule's; for free() */
	bool from_caller; /* may also begin at the first frame of the report's stack */
};

/* An object file that was asked about; frames share the string. */
struct object {
	const char *module;
	char *path;
};

struct suppress_matcher {
	const struct suppress_set *set;
	size_t n_words; /* of a row: a bit for each pattern */
	struct plan *plans;
	uint64_t *head_rows;  /* by enum head_name */
	const void **frames;  /* open addressing */
	uint32_t *frame_rows; /* of the frame in the same slot */
	size_t n_frames, n_slots;
	struct object *objects;
	size_t n_objects, cap_objects;
	uint64_t **rows; /* one for each frame */
	size_t cap_rows;
	uint64_t *any;          /* of the stack at hand: what matches any frame of it */
	const uint64_t **stack; /* rows of the stack at hand, behind room for the head */
	size_t cap_stack;
};

static bool row_has(const uint64_t *row, uint32_t pattern)
{
	return row[pattern / 64] >> pattern % 64 & 1;
}

static bool same_plain(const char *plain, const char *name)
{
	size_t n = strlen(plain);

	return strncmp(plain, name, n) == 0 && suppress_plain_length(name) == n;
}

static bool function_matches(const struct suppress_pattern *pattern, const char *name)
{
	if (!name)
		return false;
	if (pattern->wild ? glob_match(pattern->text, name) : strcmp(pattern->text, name) == 0)
		return true;
	return pattern->plain && same_plain(pattern->plain, name);
}

static bool source_matches(const struct suppress_pattern *pattern, const struct report_frame *frame)
{
	const char *file = frame->file ? frame->file : UNKNOWN;

	if (pattern->line && pattern->line != frame->line)
		return false;
	return glob_match(pattern->text, file) || glob_match(pattern->text, origin_basename(file));
}

static bool template_matches(const struct suppress_pattern *pattern, const struct report_frame *frame)
{
	const char *const texts[] = {frame->function, frame->symbol, frame->file, frame->module};

	for (size_t i = 0; i < MW_ARRAY_LEN(texts); i++)
		if (texts[i] && (i != 1 || texts[1] != texts[0]) && glob_template(pattern->text, texts[i]))
			return true;
	return false;
}

/* The file behind links: "libz.so.1" is "libz.so.1.2.13" to Valgrind. The same path where there is none. */
static const char *real_path(struct suppress_matcher *matcher, const char *module)
{
	struct object *object;
	char *path;

	for (size_t i = 0; i < matcher->n_objects; i++)
		if (matcher->objects[i].module == module)
			return matcher->objects[i].path;
	path = realpath(module, NULL);
	matcher->objects =
		xgrow(matcher->objects, &matcher->cap_objects, matcher->n_objects + 1, sizeof(*matcher->objects));
	object = &matcher->objects[matcher->n_objects++];
	*object = (struct object){module, path ? path : xstrdup(module)};
	return object->path;
}

static bool object_matches(struct suppress_matcher *matcher, const struct suppress_pattern *pattern, const char *module)
{
	if (!module)
		return glob_match(pattern->text, UNKNOWN);
	return glob_match(pattern->text, module) || glob_match(pattern->text, real_path(matcher, module));
}

static bool frame_matches(struct suppress_matcher *matcher, const struct suppress_pattern *pattern,
			  const struct report_frame *frame)
{
	switch (pattern->what) {
	case SUPPRESS_LEAK:
		return template_matches(pattern, frame);
	case SUPPRESS_FUNCTION:
		if (!frame->function && !frame->symbol)
			return glob_match(pattern->text, UNKNOWN);
		return function_matches(pattern, frame->symbol) || function_matches(pattern, frame->function) ||
		       (frame->function && origin_function_starts(frame->function) &&
			strcmp(pattern->text, "(below main)") == 0);
	case SUPPRESS_OBJECT:
		return object_matches(matcher, pattern, frame->module);
	case SUPPRESS_SOURCE:
		return source_matches(pattern, frame);
	}
	return false;
}

/* Which form of operator new it was is not recorded. Only who spells one out means it: "*align*" does not. */
static size_t names_asked_for(const struct suppress_pattern *pattern)
{
	bool spelt = pattern->what == SUPPRESS_FUNCTION &&
		     (strncmp(pattern->text, "_Zn", 3) == 0 || strncmp(pattern->text, "operator new", 12) == 0);

	return spelt ? NAMES_MAX : NAMES_PLAIN;
}

static bool head_matches(const struct suppress_pattern *pattern, enum head_name head)
{
	if (pattern->what == SUPPRESS_OBJECT)
		return glob_match(pattern->text, PRELOADED);
	if (pattern->what == SUPPRESS_SOURCE)
		return !pattern->line && glob_match(pattern->text, UNKNOWN);
	for (size_t i = 0; i < names_asked_for(pattern) && head_names[head][i]; i++) {
		const char *name = head_names[head][i];

		if (pattern->what == SUPPRESS_LEAK ? glob_template(pattern->text, name)
						   : function_matches(pattern, name))
			return true;
	}
	return false;
}

/* ---- rules */

static const char *literal_function(const struct suppress_set *set, uint32_t item)
{
	if (item == SUPPRESS_ANY_FRAMES || set->patterns[item].what != SUPPRESS_FUNCTION || set->patterns[item].wild)
		return NULL;
	return set->patterns[item].text;
}

static bool is_head_name(const char *function)
{
	for (size_t head = 1; head < N_HEAD_NAMES; head++)
		for (size_t i = 0; i < NAMES_MAX && head_names[head][i]; i++)
			if (strcmp(head_names[head][i], function) == 0)
				return true;
	return false;
}

static bool allocates(const char *function)
{
	char *readable = demangle(function);
	bool ret = origin_function_allocates(readable ? readable : function);

	free(readable);
	return ret;
}

/* Inner functions of allocators ("_int_malloc", "__rdl_alloc") are in Valgrind's stacks, but not in a report's. */
static void plan_rule(const struct suppress_set *set, const struct suppress_rule *rule, struct plan *plan)
{
	const char *function = rule->n_items ? literal_function(set, rule->items[0]) : NULL;
	size_t n = 0, i = 0;

	plan->items = rule->items;
	plan->n_items = rule->n_items;
	plan->from_caller = function && !is_head_name(function) && !allocates(function);
	plan->own = xcalloc(rule->n_items + 1, sizeof(*plan->own));
	for (; i < rule->n_items && (function = literal_function(set, rule->items[i])) && allocates(function); i++)
		if (is_head_name(function) || i + 1 == rule->n_items)
			plan->own[n++] = rule->items[i];
	if (n == i)
		return;
	for (; i < rule->n_items; i++)
		plan->own[n++] = rule->items[i];
	plan->items = plan->own;
	plan->n_items = n;
}

struct suppress_matcher *suppress_matcher_new(const struct suppress_set *set)
{
	struct suppress_matcher *matcher = xcalloc(1, sizeof(*matcher));

	matcher->set = set;
	matcher->n_words = (set->n_patterns + 63) / 64;
	matcher->n_slots = 1024;
	matcher->frames = xcalloc(matcher->n_slots, sizeof(*matcher->frames));
	matcher->frame_rows = xcalloc(matcher->n_slots, sizeof(*matcher->frame_rows));
	matcher->any = xcalloc(matcher->n_words + 1, sizeof(*matcher->any));
	matcher->head_rows = xcalloc(N_HEAD_NAMES * matcher->n_words + 1, sizeof(*matcher->head_rows));
	matcher->plans = xcalloc(set->n_rules + 1, sizeof(*matcher->plans));
	for (size_t i = 0; i < set->n_rules; i++)
		plan_rule(set, &set->rules[i], &matcher->plans[i]);
	for (size_t head = 1; head < N_HEAD_NAMES; head++)
		for (size_t p = 0; p < set->n_patterns; p++)
			if (head_matches(&set->patterns[p], (enum head_name)head))
				matcher->head_rows[head * matcher->n_words + p / 64] |= UINT64_C(1) << p % 64;
	return matcher;
}

void suppress_matcher_free(struct suppress_matcher *matcher)
{
	if (!matcher)
		return;
	for (size_t i = 0; i < matcher->set->n_rules; i++)
		free(matcher->plans[i].own);
	for (size_t i = 0; i < matcher->n_frames; i++)
		free(matcher->rows[i]);
	for (size_t i = 0; i < matcher->n_objects; i++)
		free(matcher->objects[i].path);
	free(matcher->objects);
	free(matcher->plans);
	free(matcher->rows);
	free(matcher->head_rows);
	free(matcher->frames);
	free(matcher->frame_rows);
	free(matcher->any);
	free(matcher->stack);
	free(matcher);
}

/* ---- frames */

static size_t frame_slot(const struct suppress_matcher *matcher, const void *frame)
{
	uint64_t h = (uint64_t)(uintptr_t)frame * UINT64_C(0x9e3779b97f4a7c15); /* Fibonacci hashing */
	size_t mask = matcher->n_slots - 1, i;

	for (i = h >> 32 & mask; matcher->frames[i] && matcher->frames[i] != frame;)
		i = (i + 1) & mask;
	return i;
}

static void grow_slots(struct suppress_matcher *matcher)
{
	const void **old = matcher->frames;
	uint32_t *old_rows = matcher->frame_rows;
	size_t n_old = matcher->n_slots;

	matcher->n_slots *= 2;
	matcher->frames = xcalloc(matcher->n_slots, sizeof(*matcher->frames));
	matcher->frame_rows = xcalloc(matcher->n_slots, sizeof(*matcher->frame_rows));
	for (size_t i = 0; i < n_old; i++) {
		if (old[i]) {
			size_t slot = frame_slot(matcher, old[i]);

			matcher->frames[slot] = old[i];
			matcher->frame_rows[slot] = old_rows[i];
		}
	}
	free(old);
	free(old_rows);
}

/* Which patterns match the frame. */
static const uint64_t *frame_row(struct suppress_matcher *matcher, const struct report_frame *frame)
{
	size_t slot = frame_slot(matcher, frame);
	uint64_t *row;

	if (matcher->frames[slot])
		return matcher->rows[matcher->frame_rows[slot]];
	if ((matcher->n_frames + 1) * 4 > matcher->n_slots * 3) {
		grow_slots(matcher);
		slot = frame_slot(matcher, frame);
	}
	row = xcalloc(matcher->n_words + 1, sizeof(*row));
	for (size_t p = 0; p < matcher->set->n_patterns; p++)
		if (frame_matches(matcher, &matcher->set->patterns[p], frame))
			row[p / 64] |= UINT64_C(1) << p % 64;
	matcher->rows = xgrow(matcher->rows, &matcher->cap_rows, matcher->n_frames + 1, sizeof(*matcher->rows));
	matcher->rows[matcher->n_frames] = row;
	matcher->frames[slot] = frame;
	matcher->frame_rows[slot] = (uint32_t)matcher->n_frames++;
	return row;
}

/* ---- stacks */

static const uint8_t (*heads_of(unsigned kind))[HEAD_MAX]
{
	return kind < MW_ARRAY_LEN(heads) && heads[kind][0][0] ? heads[kind] : NULL;
}

static void add_to_any(struct suppress_matcher *matcher, const uint64_t *row)
{
	for (size_t w = 0; w < matcher->n_words; w++)
		matcher->any[w] |= row[w];
}

static const uint64_t *head_row(const struct suppress_matcher *matcher, uint8_t head)
{
	return &matcher->head_rows[head * matcher->n_words];
}

/* The rows of the frames, behind room for a head; and what any of them matches. */
static void lay_out(struct suppress_matcher *matcher, const struct report_stack *stack, unsigned kind)
{
	const uint8_t(*variants)[HEAD_MAX] = heads_of(kind);

	memset(matcher->any, 0, matcher->n_words * sizeof(*matcher->any));
	matcher->stack =
		xgrow(matcher->stack, &matcher->cap_stack, stack->n_frames + HEAD_MAX, sizeof(*matcher->stack));
	for (size_t i = 0; i < stack->n_frames; i++) {
		matcher->stack[HEAD_MAX + i] = frame_row(matcher, stack->frames[i]);
		add_to_any(matcher, matcher->stack[HEAD_MAX + i]);
	}
	for (size_t i = 0; variants && i < HEADS_MAX; i++)
		for (size_t j = 0; j < HEAD_MAX && variants[i][j]; j++)
			add_to_any(matcher, head_row(matcher, variants[i][j]));
}

/* From the first row on; rows behind the last item do not matter. */
static bool items_match(const struct plan *plan, const uint64_t *const *rows, size_t n_rows)
{
	size_t i = 0, row = 0, again = 0, again_row = 0; /* behind the last "...", which may take one frame more */
	bool may_retry = false;

	while (i < plan->n_items) {
		if (plan->items[i] == SUPPRESS_ANY_FRAMES) {
			again = ++i;
			again_row = row;
			may_retry = true;
		} else if (row < n_rows && row_has(rows[row], plan->items[i])) {
			i++;
			row++;
		} else if (may_retry && again_row < n_rows) {
			i = again;
			row = ++again_row;
		} else {
			return false;
		}
	}
	return true;
}

static bool rule_matches(struct suppress_matcher *matcher, size_t index, size_t n_frames, unsigned kind)
{
	const struct plan *plan = &matcher->plans[index];
	const uint8_t(*variants)[HEAD_MAX] = heads_of(kind);

	for (size_t i = 0; i < plan->n_items; i++)
		if (plan->items[i] != SUPPRESS_ANY_FRAMES && !row_has(matcher->any, plan->items[i]))
			return false;
	if (matcher->set->rules[index].template)
		return true;
	if ((plan->from_caller || !variants) && items_match(plan, matcher->stack + HEAD_MAX, n_frames))
		return true;
	for (size_t v = 0; variants && v < HEADS_MAX && variants[v][0]; v++) {
		size_t n = 1;

		while (n < HEAD_MAX && variants[v][n])
			n++;
		for (size_t i = 0; i < n; i++)
			matcher->stack[HEAD_MAX - n + i] = head_row(matcher, variants[v][i]);
		if (items_match(plan, matcher->stack + HEAD_MAX - n, n_frames + n))
			return true;
	}
	return false;
}

size_t suppress_match(struct suppress_matcher *matcher, const struct report_stack *stack, unsigned kind,
		      enum verdict verdict, const bool *off, size_t first)
{
	lay_out(matcher, stack, kind);
	for (size_t i = first; i < matcher->set->n_rules; i++) {
		const struct suppress_rule *rule = &matcher->set->rules[i];

		if (rule->expired || (off && off[i]) || !(rule->verdicts & 1u << verdict))
			continue;
		if (rule_matches(matcher, i, stack->n_frames, kind))
			return i;
	}
	return SUPPRESS_NONE;
}
