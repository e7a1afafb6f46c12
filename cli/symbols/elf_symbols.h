/*
 * The functions of an ELF symbol table: .symtab of the file or of its separate debug file, .gnu_debugdata, else
 * .dynsym. What is used where there is no DWARF.
 */
#ifndef CLI_SYMBOLS_ELF_SYMBOLS_H
#define CLI_SYMBOLS_ELF_SYMBOLS_H

#include <elfutils/libdwfl.h>

#include <stdbool.h>
#include <stdint.h>

struct elf_symbols;

/* Which names lie in a file: a table may claim one that runs over its end. Starts as {0}. */
struct elf_names {
	Elf *elf;
	const char *first, *last_nul;
};

/*
 * Whether a name taken from a symbol table of `elf` does. The name is not looked at: to touch all pages of a large
 * table's names takes longer than the rest, and few are ever wanted.
 */
bool elf_names_hold(struct elf_names *names, Elf *elf, const char *name);

/* Never NULL. The names stay in the files of `module`, which must outlive it. */
struct elf_symbols *elf_symbols_new(Dwfl_Module *module);
void elf_symbols_free(struct elf_symbols *symbols);

/*
 * The name, as it is in the table but without a symbol version, of the function that covers `addr` (an address in the
 * module); NULL if none does: the nearest function before an address is not an answer. For free().
 */
char *elf_symbols_name(struct elf_symbols *symbols, uint64_t addr);

#endif
