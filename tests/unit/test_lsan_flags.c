#include "cli/suppress/lsan_flags.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static void expect(const char *text, const char *name, const char *wanted)
{
	char *value = lsan_flag(text, name);

	if (wanted)
		cr_assert_str_eq(value, wanted, "%s: %s", text, value);
	else
		cr_assert_null(value, "%s", text);
	free(value);
}

Test(lsan_flags, values)
{
	expect("suppressions=a.supp", "suppressions", "a.supp");
	expect("x=1:suppressions=a.supp,y=2", "suppressions", "a.supp");
	expect(" x=1\nsuppressions='a b:c.supp' y=2", "suppressions", "a b:c.supp");
	expect("suppressions=\"a.supp\":suppressions=b", "suppressions", "b");
	expect("suppressions=", "suppressions", "");
	expect("suppressions='not ended", "suppressions", "not ended");
}

Test(lsan_flags, none)
{
	expect("", "suppressions", NULL);
	expect("print_suppressions=0:suppressions_=1", "suppressions", NULL);
	expect("suppressions", "suppressions", NULL);
	expect(":::,,= =", "suppressions", NULL);
	expect("x='suppressions=1'", "suppressions", NULL);
}
