#include "cli/render/plain_name.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static void check(const char *demangled, const char *wanted)
{
	char *got = plain_name(demangled);

	cr_expect_str_eq(got, wanted, "%s: got %s, wanted %s", demangled, got, wanted);
	free(got);
}

Test(plain_name, c_names_stay)
{
	check("main", "main");
	check("__libc_start_main@@GLIBC_2.34", "__libc_start_main@@GLIBC_2.34");
	check("", "");
}

Test(plain_name, parameters_and_template_arguments_go)
{
	check("foo(int)", "foo");
	check("std::vector<int, std::allocator<int> >::push_back(int const&)", "std::vector::push_back");
	check("Pool::grow(std::map<int, std::vector<int>> const&) const", "Pool::grow");
	check("f(int) [clone .cold]", "f");
	check("a<(b)1, &(c(int))>::d()", "a::d");
}

Test(plain_name, return_types_go)
{
	check("void make<int>(int)", "make");
	check("std::vector<int> ns::make<int>(std::vector<int>&&)", "ns::make");
	check("unsigned long long f<int>()", "f");
}

Test(plain_name, operators_stay)
{
	check("operator new(unsigned long)", "operator new");
	check("operator new[](unsigned long)", "operator new[]");
	check("A::operator()(int) const", "A::operator()");
	check("A::operator<(A const&) const", "A::operator<");
	check("std::ostream& operator<< <char>(std::ostream&, char)", "operator<<");
	check("A::operator->() const", "A::operator->");
	check("A::operator[](int)", "A::operator[]");
	check("A::operator bool() const", "A::operator bool");
	check("A<int>::operator unsigned long() const", "A::operator unsigned long");
	check("my_operator(int)", "my_operator");
}

Test(plain_name, names_in_brackets_stay)
{
	check("(anonymous namespace)::f(int)", "(anonymous namespace)::f");
	check("a::(anonymous namespace)::b::c()", "a::(anonymous namespace)::b::c");
	check("main::{lambda(int)#1}::operator()(int) const", "main::{lambda(int)#1}::operator()");
	check("<alloc::vec::Vec<T> as core::ops::Drop>::drop", "<alloc::vec::Vec<T> as core::ops::Drop>::drop");
	check("core::fmt::num::<impl core::fmt::Display for u32>::fmt",
	      "core::fmt::num::<impl core::fmt::Display for u32>::fmt");
	check("core::ptr::drop_in_place<alloc::vec::Vec<u8>>", "core::ptr::drop_in_place");
}

Test(plain_name, what_is_not_closed_does_no_harm)
{
	check("a<b", "a");
	check("a(b", "a");
	check("<", "<");
	check("(", "(");
	check("operator", "operator");
	check("a->b>", "a->b>");
}
