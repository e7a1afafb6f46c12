/* Which processes a request is about. For the files of --http only. */
#ifndef CLI_ANSWERS_WEB_CHOICE_H
#define CLI_ANSWERS_WEB_CHOICE_H

#include "cli/serve/http.h"
#include "cli/session/tracker.h"

/* Refuses a request as Go does, so that its clients show the sentence. */
void web_refuse(struct http_exchange *exchange, int status, const char *why);

/*
 * Those that the parameter `pid` names: a number or "all"; without it the program itself: the first that runs and is no
 * shell. Their number, in *chosen (for free()); 0: there are none, and the request is refused.
 */
size_t web_choose(const struct tracker *tracker, struct http_exchange *exchange, struct tracked ***chosen);

#endif
