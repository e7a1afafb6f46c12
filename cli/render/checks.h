/*
 * The report as tests that passed or failed, for formats that know nothing else: one for each gate, and one for the
 * program if it did not end well. Without a gate there are three: nothing definitely lost, nothing indirectly, no free
 * that does not fit; they say what was found, and the exit status does not depend on them.
 */
#ifndef CLI_RENDER_CHECKS_H
#define CLI_RENDER_CHECKS_H

#include "cli/render/findings.h"

enum check_result {
	CHECK_PASSED,
	CHECK_FAILED,
	CHECK_ERROR, /* could not be judged, or the program failed by itself */
};

struct check {
	const char *rule; /* "definite", …; "program" */
	const char *name; /* "no definite leaks" */
	enum check_result result;
	char *message;  /* NULL if passed */
	unsigned kinds; /* set of 1 << enum finding_kind: findings that tell more of it */
};

struct checks {
	struct check *items;
	size_t n, cap;
};

struct checks checks_collect(const struct report *report);
void checks_release(struct checks *checks);

size_t checks_count(const struct checks *checks, enum check_result result);

#endif
