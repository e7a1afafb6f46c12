/* Text cut to columns. */
#include "cli/top/top_text.h"

#include <criterion/criterion.h>
#include <locale.h>
#include <stdlib.h>

static void expect(const char *text, size_t columns, bool utf8, const char *want)
{
	char *cut = top_text_cut(text, columns, utf8);

	cr_expect_str_eq(cut, want);
	free(cut);
}

Test(top_text, counts_columns)
{
	cr_assert(setlocale(LC_CTYPE, "C.UTF-8"));
	expect("plain", 10, true, "plain");
	expect("plain", 3, true, "pla");
	expect("▁▂▃", 2, true, "▁▂");
	expect("▁▂▃", 2, false, "??");
	expect("漢字x", 3, true, "漢"); /* two columns each */
	expect("漢字x", 5, true, "漢字x");
	expect("a\xcc\x81"
	       "b",
	       1, true, "a\xcc\x81"); /* a combining accent has none */
	expect("a\x1b\xff"
	       "b",
	       5, true, "ab");
	expect("", 0, true, "");
}

Test(top_text, works_in_the_c_locale)
{
	expect("▁▂▃", 2, true, "▁▂");
}
