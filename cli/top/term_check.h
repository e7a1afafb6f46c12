/* Whether there is a terminal that a full screen can be shown on. */
#ifndef CLI_TOP_TERM_CHECK_H
#define CLI_TOP_TERM_CHECK_H

#include "cli/base/err.h"

/* -1 and a sentence, with the remedy, if stdin and stdout are no terminal, or one that cannot do it. */
int term_check(struct err *err);

#endif
