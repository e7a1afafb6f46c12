/* Where the code of an object file is: its first executable segment. */
#ifndef CLI_SYMBOLS_ELF_CODE_H
#define CLI_SYMBOLS_ELF_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct elf_code {
	uint64_t vaddr, n_bytes; /* in memory, as ELF virtual addresses */
	uint64_t file_offset;
};

/* False if there is no such file, or it has another build id than this one (n_id 0: it should have none). */
bool elf_code_find(const char *path, const uint8_t *build_id, size_t n_id, struct elf_code *code);

#endif
