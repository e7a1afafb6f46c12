/* What memwatch says to its user on stderr, each as one line "memwatch: …". Only main, session and cmd/ may use it:
 * library modules fill a struct err. */
#ifndef CLI_BASE_MSG_H
#define CLI_BASE_MSG_H

#include "cli/base/status.h"
#include "common/compiler.h"

void msg_note(const char *fmt, ...) MW_PRINTF(1, 2);
void msg_warning(const char *fmt, ...) MW_PRINTF(1, 2);

/* Says it and returns `status`, so that `return msg_error(STATUS_…, …)` works. */
int msg_error(enum status status, const char *fmt, ...) MW_PRINTF(2, 3);

/* A broken promise inside memwatch: says where, and aborts. */
_Noreturn void msg_bug(const char *file, int line, const char *fmt, ...) MW_PRINTF(3, 4);
#define BUG(...) msg_bug(__FILE__, __LINE__, __VA_ARGS__)

#endif
