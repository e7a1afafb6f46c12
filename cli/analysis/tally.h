/*
 * The findings of reports, summed by kind and fingerprint: what a baseline keeps, and what two runs are compared by.
 * Suppressed leaks and shells on the way have no part in it.
 */
#ifndef CLI_ANALYSIS_TALLY_H
#define CLI_ANALYSIS_TALLY_H

#include "cli/analysis/report.h"

#include <stddef.h>

/* What is lost is one kind: whether a block counts as definitely, indirectly or possibly lost may hang on a stale
 * pointer and differ from run to run. */
enum tally_kind {
	TALLY_LEAK, /* definite, indirect, possible */
	TALLY_REACHABLE,
	TALLY_UNCLASSIFIED,
	TALLY_GROWTH,   /* live bytes that grow */
	TALLY_MISMATCH, /* frees that do not fit, in blocks */
	N_TALLY_KINDS,
};

#define TALLY_ALL ((1u << N_TALLY_KINDS) - 1)

struct tally_item {
	char id[17]; /* fingerprint */
	enum tally_kind kind;
	struct report_amount amount;      /* without what is lost indirectly by it: that has items of its own */
	const char *where;                /* "cache_add < handle_request < main in server" */
	const struct report_stack *stack; /* of the report, which must live as long; NULL = not known */
};

struct tally {
	struct store *store;      /* of the strings */
	struct tally_item *items; /* by id and kind, once tally_sort() was called */
	size_t n, cap;
};

/* "leak", "reachable", "unclassified", "growth", "mismatch" */
const char *tally_kind_name(enum tally_kind kind);

void tally_init(struct tally *tally);
void tally_release(struct tally *tally); /* also of one that is all zero */

/* Adds the findings of `kinds`, a set of 1 << enum tally_kind. */
void tally_add_report(struct tally *tally, const struct report *report, unsigned kinds);

/* One item as it was written down; `where` is copied and may be NULL. */
void tally_add(struct tally *tally, const struct tally_item *item);

/* Sums up equal ones and puts them in order. */
void tally_sort(struct tally *tally);

/* NULL if there is none. */
const struct tally_item *tally_find(const struct tally *tally, enum tally_kind kind, const char *id);

/*
 * What changed from one to the other, of `kinds`: new ones first, then what grew, shrank and is gone, each by bytes. An
 * item grew or shrank if its blocks changed by more than a tenth, or its bytes by more than that and 64; growth never
 * does, its bytes are no measure. Of the stacks those of `now` are told, if there are any. Memory is the store's.
 */
void tally_compare(const struct tally *old, const struct tally *now, unsigned kinds, struct store *store,
		   struct report_changes *changes);

/* Whether an item of `now` is in `known` and has not grown. */
bool tally_is_known(const struct tally *known, const struct tally *now, enum tally_kind kind, const char *id);

/* The fingerprint of a free that does not fit. */
void tally_mismatch_id(const struct report_mismatch *mismatch, char id[17]);

#endif
