/*
 * Not everything that the model counted is told. Where operator new or delete are the program's own, what they do with
 * malloc is their matter. Where a file has a copy of libstdc++'s operators that is not visible to others, its
 * operator delete is seen as the free inside: its name in the stack tells. And where records are missing, a free of
 * what is not known proves nothing.
 */
#include "cli/analysis/mismatch.h"

#include "cli/base/xalloc.h"
#include "common/wire.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_operator(const char *function, const char *name)
{
	return function && strncmp(function, name, strlen(name)) == 0;
}

static bool operators_differ(const struct mismatch *m, struct names *names)
{
	const char *allocates = names_innermost(names, m->alloc_stack);
	const char *frees = names_innermost(names, m->free_stack);

	return is_operator(allocates, "operator new") || is_operator(frees, "operator delete");
}

static bool is_told(const struct process *process, const struct mismatch *m, struct names *names)
{
	bool cxx = m->alloc_kind == WIRE_KIND_NEW || m->alloc_kind == WIRE_KIND_NEW_ARRAY ||
		   m->free_kind == WIRE_KIND_DELETE || m->free_kind == WIRE_KIND_DELETE_ARRAY;

	if (process->foreign_operators && cxx)
		return false;
	if (m->type == MISMATCH_OF_FAMILY)
		return !operators_differ(m, names);
	return process->completeness.lost_records == 0;
}

static struct report_stack keep_stack(struct names *names, struct store *store, uint32_t id, uint32_t depth)
{
	struct report_stack stack = {0};
	size_t n_bytes;

	if (id == 0)
		return stack;
	stack = names_stack(names, id, depth);
	n_bytes = stack.n_frames * sizeof(*stack.frames);
	if (n_bytes)
		stack.frames = memcpy(store_alloc(store, 1, n_bytes), stack.frames, n_bytes);
	return stack;
}

static void fill(struct report_mismatch *to, const struct mismatch *from, struct names *names, struct store *store,
		 uint32_t depth)
{
	static const enum mismatch_kind kinds[] = {[MISMATCH_OF_FAMILY] = MISMATCH_FREE,
						   [MISMATCH_FREED_AGAIN] = MISMATCH_DOUBLE_FREE,
						   [MISMATCH_NOT_A_BLOCK] = MISMATCH_INVALID_FREE};

	*to = (struct report_mismatch){
		.kind = kinds[from->type],
		.count = from->count,
		.allocator = from->alloc_kind ? wire_kind_name(from->alloc_kind) : NULL,
		.deallocator = from->free_kind ? wire_kind_name(from->free_kind) : NULL,
		.bytes = from->bytes,
		.alloc = keep_stack(names, store, from->alloc_stack, depth),
		.free = keep_stack(names, store, from->free_stack, depth),
		.first_free = keep_stack(names, store, from->first_free_stack, depth),
	};
}

static bool same_stack(const struct report_stack *a, const struct report_stack *b)
{
	return a->n_frames == b->n_frames && a->truncated == b->truncated &&
	       (a->n_frames == 0 || memcmp(a->frames, b->frames, a->n_frames * sizeof(*a->frames)) == 0);
}

/* Several ids may be of one stack. */
static bool same(const struct report_mismatch *a, const struct report_mismatch *b)
{
	return a->kind == b->kind && a->allocator == b->allocator && a->deallocator == b->deallocator &&
	       same_stack(&a->alloc, &b->alloc) && same_stack(&a->free, &b->free) &&
	       same_stack(&a->first_free, &b->first_free);
}

struct ranked {
	struct report_mismatch mismatch;
	size_t rank; /* in the order of the first time */
};

static int compare(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->mismatch.count != y->mismatch.count)
		return x->mismatch.count > y->mismatch.count ? -1 : 1;
	return x->rank < y->rank ? -1 : 1;
}

static size_t gather(const struct process *process, struct names *names, struct store *store, uint32_t depth,
		     struct ranked *found)
{
	size_t n = 0;

	for (size_t i = 0; i < process->mismatches.n_items; i++) {
		const struct mismatch *from = &process->mismatches.items[i];
		size_t at = 0;

		if (!is_told(process, from, names))
			continue;
		fill(&found[n].mismatch, from, names, store, depth);
		while (at < n && !same(&found[at].mismatch, &found[n].mismatch))
			at++;
		if (at < n) {
			found[at].mismatch.count += from->count;
			found[at].mismatch.bytes += from->bytes;
			continue;
		}
		found[n].rank = n;
		n++;
	}
	qsort(found, n, sizeof(*found), compare);
	return n;
}

void mismatch_build(const struct process *process, struct names *names, struct store *store, uint32_t depth,
		    struct report_process *out)
{
	const struct mismatches *from = &process->mismatches;
	struct report_mismatch *mismatches;
	struct ranked *found;
	size_t n;

	if (from->n_items == 0)
		return;
	found = xcalloc(from->n_items, sizeof(*found));
	n = gather(process, names, store, depth, found);
	mismatches = store_alloc(store, n, sizeof(*mismatches));
	for (size_t i = 0; i < n; i++)
		mismatches[i] = found[i].mismatch;
	out->mismatches = mismatches;
	out->n_mismatches = n;
	free(found);
	if (n && from->n_others) {
		char text[128];

		snprintf(text, sizeof(text),
			 "%" PRIu64 " more mismatched or invalid frees came from other places and are not listed.",
			 from->n_others);
		store_append(store, &out->completeness.reasons, &out->completeness.n_reasons, text);
	}
}
