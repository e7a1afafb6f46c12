/*
 * Which rule suppresses a stack. Valgrind's stacks begin with the allocation function, a report's with its caller: in
 * front of the frames stands what Valgrind would have there ("memalign", "posix_memalign"; its shape differs between
 * versions, and each is tried). A rule whose first line names some other function begins at the caller, too.
 *
 * What each pattern says of a frame is worked out once per frame; the rest is looking up bits.
 */
#ifndef CLI_SUPPRESS_MATCH_H
#define CLI_SUPPRESS_MATCH_H

#include "cli/analysis/report.h"
#include "cli/suppress/rules.h"

#define SUPPRESS_NONE SIZE_MAX

struct suppress_matcher;

/* Both the set and the frames that are asked about must outlive it. */
struct suppress_matcher *suppress_matcher_new(const struct suppress_set *set);
void suppress_matcher_free(struct suppress_matcher *matcher);

/*
 * Index of the first rule from `first` on that matches the stack of blocks of one allocation function (enum wire_kind)
 * and verdict, else SUPPRESS_NONE. Expired rules do not match, nor those that `off` (n_rules of them; NULL = none) has.
 */
size_t suppress_match(struct suppress_matcher *matcher, const struct report_stack *stack, unsigned kind,
		      enum verdict verdict, const bool *off, size_t first);

#endif
