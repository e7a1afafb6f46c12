#include "cli/symbols/demangle.h"

#include <criterion/criterion.h>

#include <stdlib.h>

static void expect(const char *mangled, const char *readable)
{
	char *got = demangle(mangled);

	if (readable)
		cr_expect_str_eq(got ? got : "(null)", readable, "%s gave %s", mangled, got ? got : "nothing");
	else
		cr_expect_null(got, "%s gave %s", mangled, got);
	free(got);
}

Test(demangle, cxx, .timeout = 10)
{
	expect("_ZN2ns3fooEi", "ns::foo(int)");
	expect("_ZN2ns1AC2Ev", "ns::A::A()");
	expect("_ZN2ns1A3getIlEEPT_S2_", "long* ns::A::get<long>(long)");
	expect("_ZZN2ns5outerEiENKUliE_clEi", "ns::outer(int)::{lambda(int)#1}::operator()(int) const");
	expect("_ZL3barv.cold", "bar() [clone .cold]");
}

Test(demangle, rust_without_hash, .timeout = 10)
{
	expect("_ZN4core3fmt9Formatter9write_str17h0123456789abcdefE", "core::fmt::Formatter::write_str");
	expect("_ZN71_$LT$Test$u20$$u2b$$u20$$u27$static$u20$as$u20$foo..Bar$LT$Test$GT$$GT$3bar17h930b740aa94f1d3aE",
	       "<Test + 'static as foo::Bar<Test>>::bar");
	expect("_RNvCs1234_7mycrate3foo", "mycrate::foo");
	expect("_RNvMs_NtCs1234_7mycrate3modNtB4_3Foo3bar", "<mycrate::mod::Foo>::bar");
}

Test(demangle, d, .timeout = 10)
{
	expect("_Dmain", "D main");
	expect("_D3std5stdio7writelnFiZv", "std.stdio.writeln(int)");
}

Test(demangle, other_names_stay, .timeout = 10)
{
	expect("main", NULL);
	expect("", NULL);
	expect("_", NULL);
	expect("_start", NULL);
	expect("__libc_malloc", NULL);
	expect("_Default", NULL);
	expect("_Z", NULL);
	expect("_R", NULL);
}
