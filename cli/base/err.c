#include "cli/base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static MW_PRINTF(3, 0) int err_vset(struct err *err, const char *suffix, const char *fmt, va_list ap)
{
	size_t n;

	if (err->text[0])
		return -1;
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	n = strlen(err->text);
	if (suffix)
		snprintf(err->text + n, sizeof(err->text) - n, ": %s", suffix);
	return -1;
}

int err_set(struct err *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	err_vset(err, NULL, fmt, ap);
	va_end(ap);
	return -1;
}

int err_set_errno(struct err *err, int errnum, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	err_vset(err, strerror(errnum), fmt, ap);
	va_end(ap);
	return -1;
}
