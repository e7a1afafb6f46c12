/* The variables of an ELF symbol table: which object of the program's data lies at an address. */
#ifndef CLI_SYMBOLS_ELF_DATA_H
#define CLI_SYMBOLS_ELF_DATA_H

#include <elfutils/libdwfl.h>

#include <stdint.h>

struct elf_data;

/* Never NULL. The names stay in the files of `module`, which must outlive it. */
struct elf_data *elf_data_new(Dwfl_Module *module);
void elf_data_free(struct elf_data *data); /* NULL is accepted */

/* The variable that covers `addr` (an address in the module) and, in *offset, how far inside; NULL if none does. */
const char *elf_data_name(const struct elf_data *data, uint64_t addr, uint64_t *offset);

#endif
