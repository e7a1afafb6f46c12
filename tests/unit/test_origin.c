#include "cli/analysis/origin.h"

#include <criterion/criterion.h>

Test(origin, modules)
{
	cr_assert(origin_module_is_system("/usr/lib/x86_64-linux-gnu/libz.so.1", "/srv/app"));
	cr_assert(origin_module_is_system("/opt/sdk/lib/libstdc++.so.6", "/srv/app"));
	cr_assert(origin_module_is_system("linux-vdso.so.1", NULL));
	cr_assert(!origin_module_is_system("/usr/lib/gcc/x86_64-linux-gnu/12/cc1",
					   "/usr/lib/gcc/x86_64-linux-gnu/12/cc1"));
	cr_assert(!origin_module_is_system("/usr/local/lib/libmine.so", "/srv/app"));
	cr_assert(!origin_module_is_system("/srv/app", "/srv/app"));
	cr_assert(origin_module_is_core("/lib64/ld-linux-x86-64.so.2"));
	cr_assert(!origin_module_is_core("/usr/lib/libz.so.1"));
	cr_assert(origin_module_is_shim("/opt/lib/memwatch/libmemwatch.so"));
}

Test(origin, functions_of_runtimes)
{
	cr_assert(origin_function_is_runtime("std::vector<int>::push_back(int const&)"));
	cr_assert(origin_function_is_runtime("void std::sort<int*>(int*, int*)"));
	cr_assert(origin_function_is_runtime("std::_Vector_base<A, std::allocator<A> >::_M_allocate(unsigned long)"));
	cr_assert(origin_function_is_runtime("<alloc::vec::Vec<T> as core::clone::Clone>::clone"));
	cr_assert(origin_function_is_runtime("__gnu_cxx::new_allocator<int>::allocate(unsigned long, void const*)"));
	cr_assert(!origin_function_is_runtime("mine::vector<std::string>::grow()"));
	cr_assert(!origin_function_is_runtime("std::string mine::name<int>()"), "what it returns is not what it is");
	cr_assert(!origin_function_is_runtime("std::ostream& operator<< <int>(std::ostream&, Box<int> const&)"));
	cr_assert(!origin_function_is_runtime("(anonymous namespace)::f(std::string)"));
	cr_assert(!origin_function_is_runtime("main"));
}

Test(origin, allocators)
{
	cr_assert(origin_function_allocates("malloc"));
	cr_assert(origin_function_allocates("operator new(unsigned long)"));
	cr_assert(origin_function_allocates("operator new[](unsigned long, std::nothrow_t const&)"));
	cr_assert(!origin_function_allocates("strdup"), "it is what the program called");
	cr_assert(!origin_function_allocates("my_malloc"));
	cr_assert(!origin_function_allocates("operator newish()"));
}

Test(origin, programs)
{
	cr_assert(origin_program_is_wrapper("/usr/bin/dash"));
	cr_assert(origin_program_is_wrapper("sh"));
	cr_assert(!origin_program_is_wrapper("/usr/bin/python3"));
	cr_assert(!origin_program_is_wrapper("/srv/shell"));
}

Test(origin, files)
{
	cr_assert(origin_file_is_system("/usr/include/c++/12/bits/stl_vector.h"));
	cr_assert(origin_file_is_system("/rustc/abc/library/alloc/src/vec.rs"));
	cr_assert(!origin_file_is_system("/srv/include/mine.h"));
}
