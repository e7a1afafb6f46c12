/*
 * The compressed debug sections of an ELF file, unpacked before libdw would do it: by libdeflate, in less than half of
 * zlib's time, and without those that nobody here reads. libdw finds the bytes where it looks for them.
 */
#ifndef CLI_SYMBOLS_UNPACKED_H
#define CLI_SYMBOLS_UNPACKED_H

#include <libelf.h>

#include <stddef.h>

/* Starts as {0}. */
struct unpacked {
	void **buffers;
	size_t n, cap;
};

/*
 * Before a Dwarf is made of `elf`. What this cannot unpack (of another kind than zlib's, or
 * damaged) stays as it is, for libdw to judge.
 */
void unpacked_add(struct unpacked *unpacked, Elf *elf);

/* After the end of each Elf. */
void unpacked_release(struct unpacked *unpacked);

#endif
