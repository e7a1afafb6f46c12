#include "cli/render/shorten.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void shortens(const char *name, size_t max, const char *wanted)
{
	char *text = shorten_function(name, max);

	cr_expect_str_eq(text, wanted, "%s became %s", name, text);
	free(text);
}

Test(shorten, short_names_stay)
{
	shortens("main", 10, "main");
	shortens("f(std::vector<int> const&)", 100, "f(std::vector<int> const&)");
}

Test(shorten, arguments_then_parameters_then_a_cut)
{
	const char *name = "std::map<int, std::vector<char> >::at(int const&) const";

	shortens(name, 45, "std::map<...>::at(int const&) const");
	shortens(name, 34, "std::map<...>::at(...) const");
	shortens(name, 12, "std::map<...");
}

Test(shorten, operators_are_not_brackets)
{
	shortens("A<int> operator<< <char, B<int> >(A<int>&, char)", 40, "A<...> operator<< <...>(A<...>&, char)");
	shortens("P<LongLongLongName>::operator->() const", 30, "P<...>::operator->() const");
	shortens("F<LongLongLongName>::operator()(int, int, int) const", 34, "F<...>::operator()(...) const");
	shortens("bool operator< <LongLongLongName>(X const&)", 32, "bool operator< <...>(X const&)");
}

Test(shorten, rust_and_odd_names)
{
	shortens("<alloc::vec::Vec<some::Thing> as core::clone::Clone>::clone", 55,
		 "<alloc::vec::Vec<...> as core::clone::Clone>::clone");
	shortens("(anonymous namespace)::f(int, int, int, int)", 40, "(anonymous namespace)::f(...)");
	shortens("a<b<c", 4, "a...");
	shortens("\xc3\xa9\xc3\xa9\xc3\xa9", 5, "\xc3\xa9...");
}
