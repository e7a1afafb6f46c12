/* Functions whose lines nobody wants get their name from the symbol table alone. */
#include "cli/symbols/symbols.h"

#include <criterion/criterion.h>
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Not static: found by dladdr() or by its name in the symbol table. */
int plain_function(int n);
int plain_function(int n)
{
	return n + 1;
}

static bool is_plain(const char *function)
{
	return strcmp(function, "plain_function") == 0;
}

static bool is_nothing(const char *function)
{
	(void)function;
	return false;
}

static struct symbols_frame resolve(bool (*without_lines)(const char *function))
{
	const struct symbols_object object = {.path = "/proc/self/exe"};
	struct symbols *symbols = symbols_new(without_lines);
	static char function[64];
	struct symbols_frame frame;
	Dl_info info;

	cr_assert(dladdr(__extension__(void *) plain_function, &info));
	cr_assert_eq(symbols_resolve(symbols, &object,
				     (uint64_t)(uintptr_t)plain_function - (uint64_t)(uintptr_t)info.dli_fbase, &frame,
				     1),
		     1);
	cr_assert_not_null(frame.function);
	snprintf(function, sizeof(function), "%s", frame.function);
	frame.function = function;
	symbols_free(symbols);
	return frame;
}

Test(symbols_plain, no_line_where_none_is_wanted)
{
	struct symbols_frame frame = resolve(is_plain);

	cr_assert_str_eq(frame.function, "plain_function");
	cr_assert_eq(frame.line, 0);
	cr_assert_null(frame.file);
}

Test(symbols_plain, a_line_elsewhere)
{
	struct symbols_frame frame = resolve(is_nothing);

	cr_assert_str_eq(frame.function, "plain_function");
	cr_assert_gt(frame.line, 0);
}
