/* The session's folder and the shim's own path, taken from the environment at start, and path building without stdio.
 */
#ifndef SHIM_PATHS_H
#define SHIM_PATHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads MEMWATCH_SESSION and LD_PRELOAD; false when the process is not to be watched. */
bool mw_paths_init(void);

/* Takes our variables out of the program's environment, so that it sees what it would see without us. Call once, from
 * the constructor. */
void mw_paths_clean_environment(void);

/* "PREFIX/NUMBER SUFFIX" ("/dev/shm/x", 7, ".mem" -> "/dev/shm/x/7.mem"); a prefix that ends in '/' gets no other. */
void mw_path_format(char *buf, size_t size, const char *prefix, uint32_t number, const char *suffix);
void mw_path_join(char *buf, size_t size, const char *folder, const char *name);

/* The value of `name` in an entry "name=value" of an environment, or NULL. */
char *mw_entry_value(char *entry, const char *name);

#endif
