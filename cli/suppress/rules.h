/*
 * Suppressions: rules that take known leaks out of a report. Read from files in two grammars, which may be mixed:
 *
 *	leak:PATTERN			LeakSanitizer's: any frame's function, source file or object file
 *	{ name Memcheck:Leak frames }	Valgrind's: the frames from the allocation function outwards
 *
 * Before an entry a comment may set limits: "# memwatch: max-bytes=4K max-blocks=10 expires=2027-01-31". To the other
 * two tools it is only a comment. Made by cli/suppress/parse.h, matched by cli/suppress/match.h.
 */
#ifndef CLI_SUPPRESS_RULES_H
#define CLI_SUPPRESS_RULES_H

#include "cli/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum suppress_what {
	SUPPRESS_LEAK,     /* LeakSanitizer's template */
	SUPPRESS_FUNCTION, /* fun: */
	SUPPRESS_OBJECT,   /* obj: */
	SUPPRESS_SOURCE,   /* src: */
};

/* What one line asks of one frame. Equal ones are kept once, mostly. */
struct suppress_pattern {
	enum suppress_what what;
	bool wild; /* has '*' or '?' */
	char *text;
	char *plain;   /* FUNCTION: without symbol version and clone suffix; NULL if it has none */
	uint32_t line; /* SOURCE: 0 = any */
};

#define SUPPRESS_ANY_FRAMES UINT32_MAX /* "...": none, one or more */

struct suppress_rule {
	char *name;         /* LeakSanitizer's: the pattern */
	const char *file;   /* of the set */
	unsigned line;      /* of the name */
	unsigned verdicts;  /* set of 1 << enum verdict */
	uint64_t max_bytes; /* what it may suppress in one process; UINT64_MAX = any amount */
	uint64_t max_blocks;
	char expires[11]; /* the last day on which it holds, "2027-01-31"; "" = it does for ever */
	bool expired;     /* set by suppress_expire() */
	bool template;    /* LeakSanitizer's: its one item is of a frame anywhere */
	uint32_t *items;  /* index of a pattern, or SUPPRESS_ANY_FRAMES; innermost first */
	size_t n_items;
};

/* Zeroed = empty. */
struct suppress_set {
	struct suppress_rule *rules; /* in the order of the files: the first that matches counts */
	size_t n_rules, cap_rules;
	struct suppress_pattern *patterns;
	size_t n_patterns, cap_patterns;
	char **files;
	size_t n_files, cap_files;
};

void suppress_release(struct suppress_set *set);

/* Adds the rules of a file. -1 and a sentence that says where, "FILE:LINE:COLUMN: …", and what should be there. */
int suppress_read(struct suppress_set *set, const char *path, struct err *err);

/* Adds copies of all rules of another set. */
void suppress_append(struct suppress_set *to, const struct suppress_set *from);

/* Index of the pattern, added if need be. `text` is copied. */
uint32_t suppress_pattern(struct suppress_set *set, enum suppress_what what, const char *text, uint32_t line);

/* Marks the rules whose last day is before `today`, "2026-12-31". Returns how many. */
size_t suppress_expire(struct suppress_set *set, const char *today);

/* A function's name is as long as this without its symbol version ("@@GLIBC_2.34") and the suffixes of compilers'
 * copies
 * (".constprop.0", ".part.1", ".cold"), which differ between builds. */
size_t suppress_plain_length(const char *function);

#endif
