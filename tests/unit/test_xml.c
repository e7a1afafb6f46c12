#include "cli/render/xml.h"

#include <criterion/criterion.h>

static void text(const char *s, const char *wanted, void (*put)(struct out *, const char *))
{
	struct out *out = out_memory();

	put(out, s);
	cr_expect_str_eq(out_text(out, NULL), wanted);
	out_close(out, NULL);
}

Test(xml, what_has_a_meaning_is_escaped)
{
	text("std::vector<a&&> \"x\" ]]> 'y'", "std::vector&lt;a&amp;&amp;&gt; &quot;x&quot; ]]&gt; 'y'", xml_text);
	text("plain \xc3\xa9 \xf0\x9f\x98\x80", "plain \xc3\xa9 \xf0\x9f\x98\x80", xml_text);
	text("", "", xml_text);
}

Test(xml, what_xml_cannot_hold_is_replaced)
{
	text("a\x01\x1b[31m\x7f", "a\xef\xbf\xbd\xef\xbf\xbd[31m\x7f", xml_text);
	text("\xff\xc3 \xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd \xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", xml_text);
	text("\xef\xbf\xbe\xef\xbf\xbf", "\xef\xbf\xbd\xef\xbf\xbd", xml_text);
}

Test(xml, line_feeds)
{
	text("a\n\tb\r", "a&#10;&#9;b&#13;", xml_text);
	text("a\n\tb\r", "a\n\tb&#13;", xml_lines);
}

Test(xml, elements)
{
	struct out *out = out_memory();

	xml_element(out, 2, "fn", "operator<");
	xml_printf(out, 0, "line", "%d", 7);
	xml_attribute(out, "name", "\"");
	cr_expect_str_eq(out_text(out, NULL), "  <fn>operator&lt;</fn>\n<line>7</line>\n name=\"&quot;\"");
	out_close(out, NULL);
}
