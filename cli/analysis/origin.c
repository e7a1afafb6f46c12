#include "cli/analysis/origin.h"

#include "common/compiler.h"

#include <stddef.h>
#include <string.h>

static bool starts_with(const char *s, const char *prefix)
{
	return s[0] == prefix[0] && strncmp(s, prefix, strlen(prefix)) == 0; /* most differ at once */
}

static bool starts_with_any(const char *s, const char *const *prefixes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (starts_with(s, prefixes[i]))
			return true;
	return false;
}

static bool is_one_of(const char *s, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(s, names[i]) == 0)
			return true;
	return false;
}

const char *origin_basename(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool origin_module_is_core(const char *module)
{
	static const char *const prefixes[] = {
		"libc.so",      "libc-2.",    "libm.so",    "libm-2.",  "libmvec.so",   "libpthread",
		"libdl.so",     "libdl-2.",   "librt.so",   "librt-2.", "libstdc++.so", "libc++.so",
		"libc++abi.so", "libgcc_s",   "ld-linux",   "ld-2.",    "ld-musl",      "ld.so",
		"ld64.so",      "linux-vdso", "linux-gate", "[vdso]",   "[vsyscall]",
	};

	return starts_with_any(origin_basename(module), prefixes, MW_ARRAY_LEN(prefixes));
}

bool origin_module_is_shim(const char *module)
{
	return strcmp(origin_basename(module), "libmemwatch.so") == 0;
}

bool origin_module_is_system(const char *module, const char *exe)
{
	static const char *const folders[] = {
		"/lib/",       "/lib32/",     "/lib64/",      "/libx32/",    "/usr/lib/",
		"/usr/lib32/", "/usr/lib64/", "/usr/libx32/", "/nix/store/", "/gnu/store/",
	};

	if (exe && strcmp(module, exe) == 0)
		return false;
	return starts_with_any(module, folders, MW_ARRAY_LEN(folders)) || origin_module_is_core(module) ||
	       origin_module_is_shim(module);
}

bool origin_file_is_system(const char *file)
{
	static const char *const folders[] = {"/usr/include/", "/usr/lib/", "/usr/src/debug/gcc", "/rustc/"};

	return starts_with_any(file, folders, MW_ARRAY_LEN(folders)) || strstr(file, "/include/c++/");
}

/*
 * Where the qualified name begins in a demangled one: templates come with their return type before it ("void
 * std::sort<…>(…)"). It is behind the last blank outside of brackets, up to the parameters or the word "operator".
 */
static const char *qualified_name(const char *function)
{
	static const char anonymous[] = "(anonymous namespace)";
	const char *name = function;
	int depth = 0;

	for (const char *s = function; *s; s++) {
		if (depth == 0 && starts_with(s, "operator"))
			break;
		if (depth == 0 && starts_with(s, anonymous))
			s += sizeof(anonymous) - 2;
		else if (*s == '<')
			depth++;
		else if (*s == '>' && depth > 0)
			depth--;
		else if (*s == '(' && depth == 0)
			break;
		else if (*s == ' ' && depth == 0)
			name = s + 1;
	}
	return name;
}

bool origin_function_is_runtime(const char *function)
{
	static const char *const prefixes[] = {
		"std::", "__gnu_cxx::", "__cxxabiv1::", "__gnu_debug::", "alloc::", "core::", "hashbrown::", "__rust_",
	};
	const char *name = qualified_name(function);

	/* Rust: "<alloc::vec::Vec<T> as core::…>::from", a method of a trait for a type */
	if (name[0] == '<')
		name++;
	return starts_with_any(name, prefixes, MW_ARRAY_LEN(prefixes));
}

bool origin_function_allocates(const char *function)
{
	static const char *const names[] = {
		"malloc",
		"calloc",
		"realloc",
		"reallocarray",
		"posix_memalign",
		"aligned_alloc",
		"memalign",
		"valloc",
		"pvalloc",
		"_int_malloc",
		"_int_realloc",
		"_int_memalign",
		"_mid_memalign",
		"__libc_malloc",
		"__libc_calloc",
		"__libc_realloc",
		"__libc_memalign",
		"__libc_valloc",
		"__libc_pvalloc",
		"__libc_reallocarray",
		"__posix_memalign",
		"sysmalloc",
		"malloc_consolidate",
		"tcache_init",
		"operator new",
		"operator new[]",
	};
	static const char *const prefixes[] = {
		"operator new(", "operator new[](", "__rust_alloc", "__rust_realloc", "__rdl_", "__rg_",
	};

	return is_one_of(function, names, MW_ARRAY_LEN(names)) ||
	       starts_with_any(function, prefixes, MW_ARRAY_LEN(prefixes));
}

bool origin_function_starts(const char *function)
{
	static const char *const names[] = {
		"_start",
		"__libc_start_main",
		"__libc_start_main@@GLIBC_2.34",
		"__libc_start_call_main",
		"__libc_start_main_impl",
		"start_thread",
		"clone",
		"clone3",
		"__clone",
		"__clone3",
		"(below main)",
	};

	return is_one_of(function, names, MW_ARRAY_LEN(names));
}

bool origin_program_is_wrapper(const char *exe)
{
	static const char *const names[] = {
		"sh",     "bash", "dash",    "ash",     "zsh",     "ksh",     "mksh",    "ksh93",
		"fish",   "tcsh", "csh",     "env",     "nohup",   "nice",    "ionice",  "timeout",
		"xargs",  "time", "sudo",    "doas",    "su",      "runuser", "setpriv", "setsid",
		"stdbuf", "chrt", "taskset", "numactl", "unshare", "flock",   "script",
	};

	return is_one_of(origin_basename(exe), names, MW_ARRAY_LEN(names));
}
