#include "common/elf_sanitizer.h"

#include <criterion/criterion.h>

#include <string.h>

/* A file with what is looked at: the strings are at another offset than their address. */
struct image {
	Elf64_Ehdr ehdr;
	Elf64_Phdr phdrs[2];
	Elf64_Dyn dynamic[5];
	char strings[128];
};

#define BASE UINT64_C(0x400000)

static void make_image(struct image *image, const char *first, const char *second)
{
	*image = (struct image){0};
	image->ehdr.e_phoff = offsetof(struct image, phdrs);
	image->ehdr.e_phentsize = sizeof(Elf64_Phdr);
	image->ehdr.e_phnum = 2;
	image->phdrs[0] = (Elf64_Phdr){.p_type = PT_LOAD, .p_vaddr = BASE, .p_filesz = sizeof(*image)};
	image->phdrs[1] = (Elf64_Phdr){
		.p_type = PT_DYNAMIC, .p_offset = offsetof(struct image, dynamic), .p_filesz = sizeof(image->dynamic)};
	image->dynamic[0] = (Elf64_Dyn){.d_tag = DT_NEEDED, .d_un.d_val = 1};
	image->dynamic[1] = (Elf64_Dyn){.d_tag = DT_NEEDED, .d_un.d_val = 41};
	image->dynamic[2] = (Elf64_Dyn){.d_tag = DT_STRTAB, .d_un.d_ptr = BASE + offsetof(struct image, strings)};
	strcpy(image->strings + 1, first);
	strcpy(image->strings + 41, second);
}

static bool read_image(void *ctx, void *buf, size_t n_bytes, uint64_t offset)
{
	if (offset > sizeof(struct image) || n_bytes > sizeof(struct image) - offset)
		return false;
	memcpy(buf, (const char *)ctx + offset, n_bytes);
	return true;
}

static const char *sanitizer(struct image *image)
{
	return elf_sanitizer(read_image, image, &image->ehdr);
}

Test(elf_sanitizer, by_the_name_of_the_runtime)
{
	struct image image;

	make_image(&image, "libm.so.6", "libasan.so.8");
	cr_expect_str_eq(sanitizer(&image), "AddressSanitizer");
	make_image(&image, "libclang_rt.tsan-x86_64.so", "libc.so.6");
	cr_expect_str_eq(sanitizer(&image), "ThreadSanitizer");
	make_image(&image, "libhwasan.so.0", "libc.so.6");
	cr_expect_str_eq(sanitizer(&image), "HWAddressSanitizer");
	make_image(&image, "liblsan.so.0", "libubsan.so.1");
	cr_expect_null(sanitizer(&image), "these do not mind");
	make_image(&image, "libasan", "mylibasan.so");
	cr_expect_null(sanitizer(&image));
}

Test(elf_sanitizer, damaged)
{
	struct image good, image;

	make_image(&good, "libm.so.6", "libc.so.6");
	for (size_t at = 0; at < sizeof(good); at++) {
		for (int value = 0; value < 256; value += 85) {
			image = good;
			((unsigned char *)&image)[at] = (unsigned char)value;
			cr_expect_null(sanitizer(&image), "byte %zu", at);
		}
	}
	image = good;
	image.dynamic[2].d_tag = DT_NULL;
	cr_expect_null(sanitizer(&image));
	image = good;
	image.dynamic[0].d_un.d_val = UINT64_MAX - 10;
	cr_expect_null(sanitizer(&image));
}
