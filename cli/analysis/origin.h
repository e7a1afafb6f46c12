/* Whose code a frame is: told from the names of modules, functions and source files. Pure. */
#ifndef CLI_ANALYSIS_ORIGIN_H
#define CLI_ANALYSIS_ORIGIN_H

#include <stdbool.h>

/* What is behind the last slash; the whole of it if there is none. */
const char *origin_basename(const char *path);

/* A module of a system folder, or one of origin_module_is_core(); never the program itself, `exe` (may be NULL). */
bool origin_module_is_system(const char *module, const char *exe);

/* The C and C++ runtime and the loader, wherever they lie: libc, ld, libm, libstdc++, libgcc_s, the vDSO, … */
bool origin_module_is_core(const char *module);

/* memwatch's preloaded object. */
bool origin_module_is_shim(const char *module);

/* std::, __gnu_cxx::, Rust's alloc::, core::, … also where they were instantiated or inlined in the program. */
bool origin_function_is_runtime(const char *function);

/* Headers and sources that come with the system or a compiler. */
bool origin_file_is_system(const char *file);

/* The malloc family, operator new and delete, and their inner functions. */
bool origin_function_allocates(const char *function);

/* What lies below main() or a thread's function: _start, __libc_start_main, start_thread, … */
bool origin_function_starts(const char *function);

/* A program that only runs others: sh, env, timeout, xargs, … */
bool origin_program_is_wrapper(const char *exe);

#endif
