#include "cli/render/utf8.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

Test(utf8, decodes_what_rfc_3629_allows)
{
	static const struct {
		const char *bytes;
		size_t length;
		uint32_t code;
	} cases[] = {
		{"a", 1, 'a'},
		{"\xc2\x80", 2, 0x80},
		{"\xe2\x82\xac", 3, 0x20ac},
		{"\xf4\x8f\xbf\xbf", 4, 0x10ffff},
		{"\xc1\xbf", 0, 0}, /* overlong */
		{"\xe0\x9f\xbf", 0, 0},
		{"\xf0\x8f\xbf\xbf", 0, 0},
		{"\xed\xa0\x80", 0, 0}, /* a surrogate */
		{"\xf4\x90\x80\x80", 0, 0}, /* beyond Unicode */
		{"\xf8\x88\x80\x80\x80", 0, 0},
		{"\x80", 0, 0},
		{"\xe2\x82", 0, 0}, /* cut */
		{"\xe2", 0, 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t code = 0;

		cr_expect_eq(utf8_decode(cases[i].bytes, &code), cases[i].length, "case %zu", i);
		if (cases[i].length)
			cr_expect_eq(code, cases[i].code);
	}
}

Test(utf8, repairs)
{
	char *text = utf8_repair("a\xff\xe2\x82z");

	cr_assert_str_eq(text, "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz");
	cr_assert(utf8_valid(text));
	cr_assert(!utf8_valid("\xff"));
	free(text);
}

Test(utf8, prints_only_what_is_harmless)
{
	struct out *out = out_memory();

	utf8_print(out, "\xc3\xa9\033]0;t\a\n\t\r\xc2\x85\xe2\x80\xa8\xe2\x81\xa6\xef\xbb\xbf\xfe!");
	cr_assert_str_eq(out_text(out, NULL), "\xc3\xa9\\x1b]0;t\\x07\\n\\t\\r\\x85\\u2028\\u2066\\ufeff\\xfe!");
	out_close(out, NULL);
}
