#include "cli/base/pack.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct unpack view(const struct pack *pack)
{
	return (struct unpack){.at = pack->bytes, .end = pack->bytes + pack->n};
}

Test(pack, everything_comes_back)
{
	struct pack pack = {0};
	struct unpack from;

	pack_u8(&pack, 200);
	pack_string(&pack, "a name");
	pack_u32(&pack, 0xdeadbeef);
	pack_string(&pack, NULL);
	pack_u64(&pack, UINT64_MAX - 1);
	pack_string(&pack, "");
	pack_f64(&pack, -0.1);
	pack_bytes(&pack, "xyz", 3);
	from = view(&pack);
	cr_expect_eq(unpack_u8(&from), 200);
	cr_expect_str_eq(unpack_string(&from), "a name");
	cr_expect_eq(unpack_u32(&from), 0xdeadbeef);
	cr_expect_null(unpack_string(&from));
	cr_expect_eq(unpack_u64(&from), UINT64_MAX - 1);
	cr_expect_str_eq(unpack_string(&from), "");
	cr_expect(unpack_f64(&from) == -0.1);
	cr_expect_arr_eq(unpack_bytes(&from, 3), "xyz", 3);
	cr_expect(!from.bad && from.at == from.end);
	pack_release(&pack);
}

Test(pack, what_is_cut_anywhere_is_bad_and_never_read_beyond)
{
	struct pack pack = {0};

	pack_u32(&pack, 7);
	pack_string(&pack, "text");
	pack_u64(&pack, 9);
	for (size_t n = 0; n < pack.n; n++) {
		uint8_t *copy = n ? malloc(n) : NULL; /* of the exact size, for the sanitizer */
		struct unpack from = {.at = copy, .end = copy + n};

		if (n)
			memcpy(copy, pack.bytes, n);
		unpack_u32(&from);
		unpack_string(&from);
		unpack_u64(&from);
		cr_expect(from.bad, "%zu bytes", n);
		cr_expect_eq(unpack_u64(&from), 0);
		free(copy);
	}
	pack_release(&pack);
}

Test(pack, a_string_with_a_hole_or_without_an_end_is_bad)
{
	const uint8_t hole[] = {4, 0, 0, 0, 'a', 0, 'b', 0}, open[] = {2, 0, 0, 0, 'a', 'b'};
	struct unpack from = {.at = hole, .end = hole + sizeof(hole)};

	cr_expect_null(unpack_string(&from));
	cr_expect(from.bad);
	from = (struct unpack){.at = open, .end = open + sizeof(open)};
	cr_expect_null(unpack_string(&from));
	cr_expect(from.bad);
}

Test(pack, a_number_of_items_must_fit)
{
	struct pack pack = {0};
	struct unpack from;

	pack_u64(&pack, 3);
	pack_bytes(&pack, "abcdef", 6);
	from = view(&pack);
	cr_expect_eq(unpack_count(&from, 2), 3);
	cr_expect(!from.bad);
	from = view(&pack);
	cr_expect_eq(unpack_count(&from, 3), 0);
	cr_expect(from.bad);
	pack.n = 0;
	pack_u64(&pack, UINT64_MAX / 2);
	from = view(&pack);
	cr_expect_eq(unpack_count(&from, 16), 0, "no overflow");
	pack_release(&pack);
}
