/* Answers what is asked over the control socket (cli/serve/request.h) about the processes of a tracker. */
#ifndef CLI_ANSWERS_ANSWER_H
#define CLI_ANSWERS_ANSWER_H

#include "cli/base/out.h"
#include "cli/serve/request.h"

/* `ctx` is a struct tracker. Fits struct control_service. */
void answer_request(void *ctx, const struct request *request, struct out *answer);

#endif
