/* Errors of library modules: they return -1 and put one full sentence here; the caller decides whether to print. */
#ifndef CLI_BASE_ERR_H
#define CLI_BASE_ERR_H

#include "common/compiler.h"

struct err {
	char text[512]; /* "" = no error */
};

/* Sets the sentence if none is set yet (the first cause wins). Always returns -1, so that `return err_set(…)` works. */
int err_set(struct err *err, const char *fmt, ...) MW_PRINTF(2, 3);

/* The same with ": " and strerror(errnum) appended. */
int err_set_errno(struct err *err, int errnum, const char *fmt, ...) MW_PRINTF(3, 4);

#endif
