/* Names that JIT compilers write for perf: /tmp/perf-PID.map, lines of "START SIZE NAME", numbers in hex. */
#ifndef CLI_SYMBOLS_JIT_MAP_H
#define CLI_SYMBOLS_JIT_MAP_H

#include <stdint.h>

struct jit_map;

/*
 * Never NULL: a file that is missing, not regular, another user's, or larger than JIT_MAP_BYTES_MAX gives an empty map
 * (anybody can write to /tmp, and part of a file would give wrong names: the last line for an address counts).
 */
struct jit_map *jit_map_read(const char *path);
const char *jit_map_name(struct jit_map *map, uint64_t addr);
void jit_map_free(struct jit_map *map);

#define JIT_MAP_BYTES_MAX (64u << 20)

#endif
