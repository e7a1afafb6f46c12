/*
 * Rules that have been computed, for all threads: one word per rule in a table that is read and written without a lock.
 * Behind the small cache of each writer (stack.h). Rules of code without an object are not kept here.
 */
#ifndef SHIM_RULES_H
#define SHIM_RULES_H

#include "shim/cfi.h"

struct writer;

/* Sets *rule to that of `pc`, from the table or anew; a new object is announced in the writer's stream. */
void mw_rule_find(struct writer *w, uint64_t pc, struct rule *rule);

/* An object has gone. Call with slow_lock held. */
void mw_rules_forget(void);

#endif
