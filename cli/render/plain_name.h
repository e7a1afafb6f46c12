/* Names of functions as profile viewers show and compare them. */
#ifndef CLI_RENDER_PLAIN_NAME_H
#define CLI_RENDER_PLAIN_NAME_H

/*
 * A copy, for free(), of a demangled name without parameters, template arguments and return type, as pprof itself makes
 * names of mangled ones: "std::vector<int>::push_back(int const&)" gives "std::vector::push_back". What stands in angle
 * brackets for itself stays, as in Rust's "<impl core::fmt::Display for u32>::fmt".
 */
char *plain_name(const char *demangled);

#endif
