/* Asks running sessions: the other end of the control socket. Never prints. */
#ifndef CLI_ANSWERS_ASK_H
#define CLI_ANSWERS_ASK_H

#include "cli/base/err.h"
#include "cli/serve/request.h"

#include <stddef.h>
#include <stdint.h>

struct ask_output {
	const char *bytes;
	size_t n;
};

struct ask_answer {
	char *program;                                  /* NULL = not known */
	struct ask_output outputs[REQUEST_MAX_OUTPUTS]; /* as many as were asked for */
	char *text;                                     /* private: what they point into */
};

/* Asks the session that watches the request's process. 0, or -1 and a sentence: nobody watches it (and which processes
 * are watched), it cannot be done, no answer came within `timeout_ns`. */
int ask(const struct request *request, uint64_t timeout_ns, struct ask_answer *answer, struct err *err);
void ask_answer_release(struct ask_answer *answer);

#endif
