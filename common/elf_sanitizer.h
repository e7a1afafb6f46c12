/*
 * Programs that nothing may be preloaded into: built with a sanitizer whose shared runtime ends or crashes the program
 * unless it comes first of all objects. (Runtimes that are linked into the program are no such case, neither is
 * LeakSanitizer's.)
 */
#ifndef COMMON_ELF_SANITIZER_H
#define COMMON_ELF_SANITIZER_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads `n_bytes` of the file at `offset`; false if they are not there. */
typedef bool elf_read(void *ctx, void *buf, size_t n_bytes, uint64_t offset);

/* What the program whose header is `eh` needs first, "AddressSanitizer" and the like; NULL: nothing, or the file is
 * damaged. */
const char *elf_sanitizer(elf_read *read, void *ctx, const Elf64_Ehdr *eh);

#endif
