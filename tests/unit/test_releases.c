/* Releases that do not fit: from built events to what the model counts. */
#include "cli/model/releases.h"

#include "cli/model/event.h"

#include <criterion/criterion.h>
#include <signal.h>

static const struct wire_hello hello = {.version = WIRE_VERSION, .pid = 1, .monotonic_ns = 1};

static struct process *make_process(void)
{
	struct process *p = process_new(&hello, PROCESS_RUN);

	for (uint32_t id = 1; id < 20; id++) {
		struct mem_event node = {.op = WIRE_NODE, .addr = 0x9000 + id, .stack = id};

		process_apply(p, &node, 1);
	}
	return p;
}

static void event(struct process *p, unsigned op, unsigned kind, uint64_t addr, uint64_t size, uint32_t stack)
{
	struct mem_event ev = {
		.op = (uint8_t)op, .kind = (uint8_t)kind, .addr = addr, .size_bytes = size, .stack = stack};

	process_apply(p, &ev, 1);
}

static void announce(struct process *p, uint64_t addr, uint32_t stack)
{
	uint64_t words[2] = {wire_ext_word(WIRE_FREE_STACK, 1, stack), addr};

	cr_assert(process_announce(p, 0, words, 2));
}

static void finish(struct process *p, int signal)
{
	struct process_exit how = {.kind = signal ? PROCESS_SIGNALED : PROCESS_EXITED, .signal = signal};

	process_finish(p, &how, 2);
}

static void expect(const struct process *p, size_t i, enum mismatch_type type, unsigned alloc_kind, unsigned free_kind,
		   uint32_t alloc_stack, uint32_t free_stack, uint64_t bytes)
{
	const struct mismatch *m = &p->mismatches.items[i];

	cr_assert_gt(p->mismatches.n_items, i);
	cr_assert_eq(m->type, type);
	cr_assert_eq(m->alloc_kind, alloc_kind);
	cr_assert_eq(m->free_kind, free_kind);
	cr_assert_eq(m->alloc_stack, alloc_stack);
	cr_assert_eq(m->free_stack, free_stack);
	cr_assert_eq(m->bytes, bytes);
	cr_assert_eq(m->count, 1);
}

/* Each way to allocate with each way to release: what Memcheck calls mismatched, and nothing else. */
Test(releases, families)
{
	static const unsigned frees[] = {WIRE_KIND_FREE, WIRE_KIND_DELETE, WIRE_KIND_DELETE_ARRAY, WIRE_KIND_REALLOC,
					 WIRE_KIND_REALLOCARRAY};

	for (unsigned alloc = WIRE_KIND_MALLOC; alloc <= WIRE_KIND_NEW_ARRAY; alloc++) {
		for (size_t i = 0; i < sizeof(frees) / sizeof(*frees); i++) {
			unsigned wanted = alloc == WIRE_KIND_NEW         ? WIRE_KIND_DELETE
					  : alloc == WIRE_KIND_NEW_ARRAY ? WIRE_KIND_DELETE_ARRAY
									 : WIRE_KIND_FREE;
			bool fits = frees[i] == wanted || (wanted == WIRE_KIND_FREE && frees[i] < WIRE_KIND_NEW);

			cr_assert_eq(release_fits(alloc, frees[i]), fits, "%s and %s", wire_kind_name(alloc),
				     wire_kind_name(frees[i]));
		}
	}
}

Test(releases, mismatched_with_both_stacks)
{
	struct process *p = make_process();

	event(p, WIRE_ALLOC, WIRE_KIND_NEW, 0x1000, 10, 1);
	announce(p, 0x1000, 2);
	event(p, WIRE_FREE, WIRE_KIND_FREE, 0x1000, 0, 0);
	event(p, WIRE_ALLOC, WIRE_KIND_MALLOC, 0x1000, 20, 3);
	event(p, WIRE_FREE, WIRE_KIND_DELETE, 0x1000, 0, 0); /* the shim was not sure */
	event(p, WIRE_ALLOC, WIRE_KIND_NEW_ARRAY, 0x1000, 30, 5);
	announce(p, 0x1000, 6);
	event(p, WIRE_REALLOC_BEGIN, WIRE_KIND_REALLOC, 0x1000, 0, 0);
	event(p, WIRE_REALLOC_END, WIRE_KIND_REALLOC, 0x2000, 60, 7);
	event(p, WIRE_FREE, WIRE_KIND_FREE, 0x2000, 0, 0); /* is malloc's from there on */
	cr_assert_eq(p->mismatches.n_items, 3);
	expect(p, 0, MISMATCH_OF_FAMILY, WIRE_KIND_NEW, WIRE_KIND_FREE, 1, 2, 10);
	expect(p, 1, MISMATCH_OF_FAMILY, WIRE_KIND_MALLOC, WIRE_KIND_DELETE, 3, 0, 20);
	expect(p, 2, MISMATCH_OF_FAMILY, WIRE_KIND_NEW_ARRAY, WIRE_KIND_REALLOC, 5, 6, 30);
	cr_assert_eq(p->totals.live_blocks, 0);
	cr_assert_eq(p->completeness.unknown_frees, 0);
	process_free(p);
}

Test(releases, a_stack_is_of_the_next_release_only)
{
	struct process *p = make_process();

	event(p, WIRE_ALLOC, WIRE_KIND_MALLOC, 0x1000, 10, 1);
	announce(p, 0x1000, 2);
	event(p, WIRE_FREE, WIRE_KIND_FREE, 0x1000, 0, 0); /* in order after all */
	event(p, WIRE_ALLOC, WIRE_KIND_NEW, 0x1000, 10, 3);
	event(p, WIRE_FREE, WIRE_KIND_FREE, 0x1000, 0, 0);
	cr_assert_eq(p->mismatches.n_items, 1);
	expect(p, 0, MISMATCH_OF_FAMILY, WIRE_KIND_NEW, WIRE_KIND_FREE, 3, 0, 10);
	process_free(p);
}

/* Of two blocks whose releases were all recorded with their stacks. */
Test(releases, freed_again_and_where_first)
{
	struct process *p = make_process();

	event(p, WIRE_ALLOC, WIRE_KIND_MALLOC, 0x1000, 70, 1);
	event(p, WIRE_ALLOC, WIRE_KIND_MALLOC, 0x2000, 80, 1);
	announce(p, 0x1000, 2);
	event(p, WIRE_FREE, WIRE_KIND_FREE, 0x1000, 0, 0);
	announce(p, 0x2000, 3);
	event(p, WIRE_FREE, WIRE_KIND_DELETE, 0x2000, 0, 0); /* mismatched, too */
	announce(p, 0x1000, 4);
	event(p, WIRE_FREE, WIRE_KIND_FREE, 0x1000, 0, 0);
	announce(p, 0x2000, 5);
	event(p, WIRE_FREE, WIRE_KIND_FREE, 0x2000, 0, 0);
	announce(p, 0x1000, 6);
	event(p, WIRE_FREE, WIRE_KIND_FREE, 0x1000, 0, 0);
	cr_assert_eq(p->mismatches.n_items, 4);
	expect(p, 1, MISMATCH_FREED_AGAIN, WIRE_KIND_MALLOC, WIRE_KIND_FREE, 1, 4, 70);
	cr_assert_eq(p->mismatches.items[1].first_free_stack, 2);
	expect(p, 2, MISMATCH_FREED_AGAIN, WIRE_KIND_MALLOC, WIRE_KIND_FREE, 1, 5, 80);
	cr_assert_eq(p->mismatches.items[2].first_free_stack, 3);
	cr_assert_eq(p->mismatches.items[3].first_free_stack, 2, "not that of the second");
	process_free(p);
}

Test(releases, freed_again)
{
	struct process *p = make_process();

	event(p, WIRE_ALLOC, WIRE_KIND_MALLOC, 0x1000, 70, 1);
	event(p, WIRE_FREE, WIRE_KIND_FREE, 0x1000, 0, 0);
	announce(p, 0x1000, 2);
	event(p, WIRE_FREE, WIRE_KIND_FREE, 0x1000, 0, 0);
	finish(p, SIGABRT);
	cr_assert_eq(p->mismatches.n_items, 1);
	expect(p, 0, MISMATCH_FREED_AGAIN, WIRE_KIND_MALLOC, WIRE_KIND_FREE, 1, 2, 70);
	cr_assert_eq(p->completeness.unknown_frees, 1);
	cr_assert_eq(p->completeness.n_reasons, 0, "it is explained");
	cr_assert_eq(p->totals.frees, 1);
	process_free(p);
}

Test(releases, inside_of_a_block)
{
	struct process *p = make_process();

	event(p, WIRE_ALLOC, WIRE_KIND_CALLOC, 0x1000, 32, 1);
	event(p, WIRE_FREE, WIRE_KIND_FREE, 0x1020, 0, 0); /* behind it */
	event(p, WIRE_FREE, WIRE_KIND_FREE, 0x101f, 0, 0);
	cr_assert_eq(p->mismatches.n_items, 1);
	expect(p, 0, MISMATCH_NOT_A_BLOCK, WIRE_KIND_CALLOC, WIRE_KIND_FREE, 1, 0, 32);
	cr_assert_eq(p->totals.live_blocks, 1);
	process_free(p);
}

/* A block from before the watching may be freed; only the allocator's word against it counts. */
Test(releases, unknown_addresses)
{
	struct process *p = make_process(), *aborted = make_process(), *own_abort = make_process();
	uint64_t scan = wire_ext_word(WIRE_SCAN, 0, 1);

	event(p, WIRE_FREE, WIRE_KIND_FREE, 0x7000, 0, 0);
	finish(p, 0);
	cr_assert_eq(p->mismatches.n_items, 0);
	cr_assert_eq(p->completeness.n_reasons, 1);

	event(aborted, WIRE_FREE, WIRE_KIND_FREE, 0x6000, 0, 0);
	event(aborted, WIRE_ALLOC, WIRE_KIND_MALLOC, 0x1000, 1, 1); /* that one was accepted */
	announce(aborted, 0x7000, 4);
	event(aborted, WIRE_FREE, WIRE_KIND_FREE, 0x7000, 0, 0);
	finish(aborted, SIGABRT);
	cr_assert_eq(aborted->mismatches.n_items, 1);
	expect(aborted, 0, MISMATCH_NOT_A_BLOCK, 0, WIRE_KIND_FREE, 0, 4, 0);

	event(own_abort, WIRE_FREE, WIRE_KIND_FREE, 0x7000, 0, 0);
	cr_assert(process_announce(own_abort, 0, &scan, 1));
	finish(own_abort, SIGABRT);
	cr_assert_eq(own_abort->mismatches.n_items, 0);
	process_free(p);
	process_free(aborted);
	process_free(own_abort);
}

/* The parent's stacks mean nothing in the child. */
Test(releases, inherited_blocks)
{
	struct process *parent = make_process(), *child = make_process();
	uint64_t operators = wire_ext_word(WIRE_OPERATORS, 0, 0);

	event(parent, WIRE_ALLOC, WIRE_KIND_NEW, 0x1000, 10, 1);
	event(parent, WIRE_ALLOC, WIRE_KIND_MALLOC, 0x2000, 20, 2);
	event(parent, WIRE_FREE, WIRE_KIND_FREE, 0x2000, 0, 0);
	cr_assert(process_announce(parent, 0, &operators, 1));
	process_inherit(child, process_snapshot(parent));
	event(child, WIRE_FREE, WIRE_KIND_FREE, 0x1000, 0, 0);
	event(child, WIRE_FREE, WIRE_KIND_FREE, 0x2000, 0, 0);
	event(child, WIRE_FREE, WIRE_KIND_FREE, 0x1000, 0, 0);
	cr_assert_eq(child->mismatches.n_items, 3);
	expect(child, 0, MISMATCH_OF_FAMILY, WIRE_KIND_NEW, WIRE_KIND_FREE, 0, 0, 10);
	expect(child, 1, MISMATCH_FREED_AGAIN, WIRE_KIND_MALLOC, WIRE_KIND_FREE, 0, 0, 20);
	expect(child, 2, MISMATCH_FREED_AGAIN, WIRE_KIND_NEW, WIRE_KIND_FREE, 0, 0, 10);
	cr_assert(child->foreign_operators);
	process_free(parent);
	process_free(child);
}

Test(releases, malformed_announcements)
{
	struct process *p = make_process();
	uint64_t words[2] = {wire_ext_word(WIRE_FREE_STACK, 0, 1), 0};

	cr_assert(!process_announce(p, 0, words, 1));
	announce(p, 0x1000, UINT32_MAX);
	event(p, WIRE_ALLOC, WIRE_KIND_NEW, 0x1000, 10, 1);
	event(p, WIRE_FREE, WIRE_KIND_FREE, 0x1000, 0, 0);
	expect(p, 0, MISMATCH_OF_FAMILY, WIRE_KIND_NEW, WIRE_KIND_FREE, 1, 0, 10);
	process_free(p);
}
