#include "cli/symbols/elf_symbols.h"
#include "cli/symbols/image.h"
#include "tests/unit/build_folder.h"

#include <criterion/criterion.h>

#include <elf.h>
#include <stdio.h>
#include <string.h>

/* Functions of 4 bytes at 0x1000, then marks and functions with and without sizes. */
static const char source[] = ".section .text,\"ax\"\n"
			     ".globl first, second, third, last\n"
			     ".type first,@function\n.type third,@function\n"
			     "first: .zero 4\n.size first, 4\n"
			     "second: .zero 4\n"    /* without a size: up to third, whatever marks are there */
			     "\"$mark\": .zero 4\n" /* +8 */
			     ".type \"$sized\",@function\n\"$sized\": .zero 4\n.size \"$sized\", 4\n" /* +12 */
			     "third: .zero 4\n.size third, 2\n"                                       /* +16 */
			     ".type \"$over\",@function\n.set \"$over\", third\n.size \"$over\", 4\n"
			     "last: .zero 4\n" /* +20: up to the end of the section */
			     ".data\n.globl value\n.type value,@object\nvalue: .zero 8\n.size value, 8\n";

TestSuite(elf_symbols, .init = make_dir, .fini = remove_dir, .timeout = 60);

static struct image *assemble(void)
{
	char path[128];
	const struct symbols_object object = {.path = path};
	FILE *f;

	snprintf(path, sizeof(path), "%s/a.s", dir);
	f = fopen(path, "w");
	cr_assert_not_null(f);
	fputs(source, f);
	fclose(f);
	cr_assert_eq(run("gcc -c a.s -o a.o && ld -shared --section-start=.text=0x1000 -Tdata=0x4000 a.o -o a.so"), 0);
	snprintf(path, sizeof(path), "%s/a.so", dir);
	return image_new(&object);
}

static void expect_function(struct image *image, uint64_t vaddr, const char *wanted)
{
	const char *found = image_function(image, vaddr);

	cr_expect_str_eq(found ? found : "none", wanted ? wanted : "none", "%#lx: %s", vaddr, found);
}

Test(elf_symbols, marks_of_assemblers_are_no_functions)
{
	struct image *image = assemble();
	uint64_t offset;

	expect_function(image, 0xfff, NULL);
	expect_function(image, 0x1000, "first");
	expect_function(image, 0x1003, "first");
	expect_function(image, 0x1004, "second");
	expect_function(image, 0x1008, "second");
	expect_function(image, 0x100f, "second");
	expect_function(image, 0x1010, "third");
	expect_function(image, 0x1012, NULL);
	expect_function(image, 0x1014, "last");
	expect_function(image, 0x1017, "last");
	expect_function(image, 0x1018, NULL);
	cr_expect_str_eq(image_variable(image, 0x4007, &offset), "value");
	cr_expect_eq(offset, 7);
	cr_expect_null(image_variable(image, 0x4008, &offset));
	image_free(image);
}

Test(elf_symbols, a_name_ends_in_its_file)
{
	char bytes[sizeof(Elf64_Ehdr) + 8] = {0}, *names_at = bytes + sizeof(Elf64_Ehdr), elsewhere[] = "else";
	Elf64_Ehdr head = {.e_type = ET_DYN, .e_machine = EM_X86_64, .e_version = EV_CURRENT};
	struct elf_names names = {0};
	Elf *elf;

	memcpy(head.e_ident, ELFMAG, SELFMAG);
	head.e_ident[EI_CLASS] = ELFCLASS64;
	head.e_ident[EI_DATA] = ELFDATA2LSB;
	head.e_ident[EI_VERSION] = EV_CURRENT;
	memcpy(bytes, &head, sizeof(head));
	memcpy(names_at, "abc\0defg", 8);
	elf_version(EV_CURRENT);
	elf = elf_memory(bytes, sizeof(bytes));
	cr_assert_not_null(elf);
	cr_expect(elf_names_hold(&names, elf, names_at));
	cr_expect(elf_names_hold(&names, elf, names_at + 3));
	cr_expect_not(elf_names_hold(&names, elf, names_at + 4));
	cr_expect_not(elf_names_hold(&names, elf, names_at + 8));
	cr_expect_not(elf_names_hold(&names, elf, elsewhere));
	elf_end(elf);
}
