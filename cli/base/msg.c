/* Messages leave in one write each, so that they are not torn by what the watched program prints at the same time. */
#include "cli/base/msg.h"

#include "common/io.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

MW_PRINTF(2, 0)
static void say(const char *prefix, const char *fmt, va_list ap)
{
	char text[2048];
	size_t n;

	snprintf(text, sizeof(text) - 1, "memwatch: %s", prefix);
	n = strlen(text);
	vsnprintf(text + n, sizeof(text) - 1 - n, fmt, ap);
	n = strlen(text);
	text[n++] = '\n';
	io_write_all(STDERR_FILENO, text, n);
}

void msg_note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("", fmt, ap);
	va_end(ap);
}

void msg_warning(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("warning: ", fmt, ap);
	va_end(ap);
}

int msg_error(enum status status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("", fmt, ap);
	va_end(ap);
	return (int)status;
}

_Noreturn void msg_bug(const char *file, int line, const char *fmt, ...)
{
	char prefix[256];
	va_list ap;

	snprintf(prefix, sizeof(prefix), "BUG at %s:%d: ", file, line);
	va_start(ap, fmt);
	say(prefix, fmt, ap);
	va_end(ap);
	abort();
}
