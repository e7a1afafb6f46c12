#include "cli/model/modules.h"

#include <criterion/criterion.h>

#include <string.h>

static struct wire_module wire(uint32_t id, uint64_t start, uint8_t build)
{
	struct wire_module wire = {.id = id, .build_id_bytes = 1, .bias = start, .start = start, .end = start + 0x1000};

	wire.build_id[0] = build;
	return wire;
}

static uint32_t load(struct modules *modules, uint32_t id, uint64_t start, uint8_t build, const char *path)
{
	const struct wire_module w = wire(id, start, build);

	return modules_load(modules, &w, path, strlen(path));
}

Test(modules, found_by_address_as_long_as_they_are_loaded)
{
	struct modules *modules = modules_new();
	uint32_t a = load(modules, 1, 0x10000, 1, "/a"), b = load(modules, 2, 0x20000, 2, "/b");

	cr_expect_eq(modules_count(modules), 2);
	cr_expect_eq(modules_find(modules, 0x10000), a);
	cr_expect_eq(modules_find(modules, 0x20fff), b);
	cr_expect_eq(modules_find(modules, 0x21000), 0);
	cr_expect_eq(load(modules, 1, 0x10000, 1, "/a"), a, "told twice");
	modules_unload(modules, 1);
	cr_expect_eq(modules_find(modules, 0x10000), 0);
	cr_expect_str_eq(modules_get(modules, a)->path, "/a");
	modules_free(modules);
}

Test(modules, the_same_file_again_is_the_same_module)
{
	struct modules *modules = modules_new();
	uint32_t a = load(modules, 1, 0x10000, 1, "/a");

	for (uint32_t id = 2; id < 100; id++) {
		modules_unload(modules, id - 1);
		cr_expect_eq(load(modules, id, 0x10000, 1, "/a"), a);
		cr_expect_eq(modules_find(modules, 0x10000), a);
	}
	cr_expect_eq(modules_count(modules), 1);
	modules_unload(modules, 99);
	cr_expect_neq(load(modules, 100, 0x10000, 1, "/a2"), a, "another path");
	cr_expect_neq(load(modules, 101, 0x10000, 2, "/a"), a, "another file");
	cr_expect_neq(load(modules, 102, 0x30000, 1, "/a"), a, "another place");
	cr_expect_eq(modules_find(modules, 0x10000), 3, "what overlaps has gone");
	modules_free(modules);
}

/* Without a build id nobody knows whether it is the same file. */
static uint32_t load_plain(struct modules *modules, uint32_t id, uint64_t start, uint64_t end)
{
	struct wire_module wire = {.id = id, .bias = start, .start = start, .end = end};

	return modules_load(modules, &wire, "libx.so", 7);
}

Test(modules, generations)
{
	struct modules *modules = modules_new();
	uint32_t first = load_plain(modules, 1, 0x1000, 0x2000), second, third;

	cr_assert_eq(modules_find(modules, 0x1fff), first);
	cr_assert_eq(modules_find(modules, 0x2000), 0);
	cr_assert_eq(load_plain(modules, 1, 0x1000, 0x2000), first, "announced twice");
	modules_unload(modules, 1);
	cr_assert_eq(modules_find(modules, 0x1800), 0);
	cr_assert(!modules_get(modules, first)->loaded);
	second = load_plain(modules, 2, 0x1000, 0x2000);
	third = load_plain(modules, 3, 0x1800, 0x3000); /* overlaps: the unload was not seen */
	cr_assert(!modules_get(modules, second)->loaded);
	cr_assert_eq(modules_find(modules, 0x1000), 0);
	cr_assert_eq(modules_find(modules, 0x1800), third);
	cr_assert_eq(modules_count(modules), 3);
	cr_assert_null(modules_get(modules, 0));
	cr_assert_null(modules_get(modules, 4));
	cr_assert_eq(load_plain(modules, 9, 0x3000, 0x3000), 0);
	cr_assert_str_eq(modules_get(modules, first)->path, "libx.so");
	modules_free(modules);
}
