/* Which processes a request is about, and reports of them. For the files of --http only. */
#ifndef CLI_SESSION_WEB_CHOICE_H
#define CLI_SESSION_WEB_CHOICE_H

#include "cli/serve/http.h"
#include "cli/session/tracker.h"

/* Refuses a request as Go does, so that its clients show the sentence. */
void web_refuse(struct http_exchange *exchange, int status, const char *why);

/*
 * Those that the parameter `pid` names: a number or "all"; without it the program itself: the first that runs and is no
 * shell. Their number, in *chosen (for free()); 0: there are none, and the request is refused.
 */
size_t web_choose(const struct tracker *tracker, struct http_exchange *exchange, struct tracked ***chosen);

/* The report of all processes of the run, ended ones too, without names. For web_report_clear(). */
void web_report_totals(struct tracker *tracker, struct report *report);

/* The same with all that is known of them, as of now. */
void web_report_whole(struct tracker *tracker, struct report *report);
void web_report_clear(struct report *report);

/* Completes totals with what the last scan has found. */
void web_add_verdicts(const struct tracked *tracked, struct report_process *report);

#endif
