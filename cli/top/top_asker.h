/* Asks the session in the background, one question at a time, so that keys work while it takes its time. */
#ifndef CLI_TOP_TOP_ASKER_H
#define CLI_TOP_TOP_ASKER_H

#include "cli/base/err.h"
#include "cli/serve/request.h"
#include "cli/top/top_data.h"

#include <stdbool.h>
#include <stdint.h>

struct top_asker;

/* NULL and `err` on failure. */
struct top_asker *top_asker_new(int pid, uint64_t timeout_ns, struct err *err);

/* One that still waits for an answer is left to the end of the program. NULL is accepted. */
void top_asker_free(struct top_asker *asker);

/* Readable when there is an answer to take. */
int top_asker_fd(const struct top_asker *asker);

/* Asks for `n_rows` stacks. What is asked while an answer is awaited is asked after that, only the last of it. */
void top_asker_ask(struct top_asker *asker, const struct request_top *want, unsigned n_rows);
bool top_asker_is_busy(const struct top_asker *asker);

/* Takes the answer, for top_data_release(), and how long it took. -1 and `err` if there was none. */
int top_asker_take(struct top_asker *asker, struct top_data *data, uint64_t *took_ns, struct err *err);

#endif
