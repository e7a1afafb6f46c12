#include "cli/record/events.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define N_RANDOM 10000

static uint64_t random_state = 1;

static uint64_t draw(void)
{
	random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return random_state >> 16;
}

static void expect_same(const struct mem_event *got, const struct mem_event *wanted, size_t at)
{
	cr_assert_eq(got->addr, wanted->addr, "%zu", at);
	cr_assert_eq(got->size_bytes, wanted->size_bytes, "%zu", at);
	cr_assert_eq(got->stack, wanted->stack, "%zu", at);
	cr_assert_eq(got->stream, wanted->stream, "%zu", at);
	cr_assert_eq(got->op, wanted->op, "%zu", at);
	cr_assert_eq(got->kind, wanted->kind, "%zu", at);
	cr_assert_eq(got->result, wanted->result, "%zu", at);
	cr_assert_eq(got->near, wanted->near, "%zu", at);
}

/* Packs batches and takes them out again; the bytes that they took. */
static size_t expect_round_trip(const struct mem_event *events, const size_t *batches, size_t n_batches)
{
	static uint8_t packed[1 << 20];
	struct events_packer packer = {0}, unpacker = {0};
	struct unpack from;
	size_t n_bytes = 0, at = 0;

	for (size_t i = 0; i < n_batches; at += batches[i++]) {
		size_t n = events_pack(&packer, events + at, batches[i], packed + n_bytes);

		cr_assert_leq(n, EVENTS_BATCH_MAX);
		n_bytes += n;
		cr_assert_lt(n_bytes, sizeof(packed) - EVENTS_BATCH_MAX - 8);
	}
	from = (struct unpack){.at = packed, .end = packed + n_bytes};
	at = 0;
	for (size_t i = 0; i < n_batches; i++) {
		struct mem_event got[MEM_EVENT_BATCH];

		cr_assert_eq(events_unpack(&unpacker, &from, got), batches[i]);
		for (size_t j = 0; j < batches[i]; j++, at++)
			expect_same(&got[j], &events[at], at);
	}
	cr_assert_eq(from.at, from.end);
	return n_bytes;
}

static size_t expect_one(struct mem_event event)
{
	const size_t one = 1;

	return expect_round_trip(&event, &one, 1);
}

Test(events, the_least_and_the_most_of_each_field)
{
	const uint64_t addrs[] = {0, 1, 0x7f, 0x80, UINT64_C(0x7fffffffffff), (UINT64_C(1) << WIRE_ADDR_BITS) - 1};
	const uint64_t sizes[] = {0, 1, 255, 256, UINT64_C(1) << 40, UINT64_C(1) << 48, UINT64_C(1) << 55, UINT64_MAX};
	const uint32_t stacks[] = {0, 1, 127, 128, 0xffff, 0x7fffffff, 0x80000000, UINT32_MAX};

	for (size_t i = 0; i < 6; i++)
		for (size_t j = 0; j < 8; j++)
			for (size_t k = 0; k < 8; k++)
				expect_one((struct mem_event){.addr = addrs[i],
							      .size_bytes = sizes[j],
							      .stack = stacks[k],
							      .stream = (uint16_t)(k * 8191),
							      .op = WIRE_ALLOC,
							      .kind = 255,
							      .result = (uint8_t)j,
							      .near = MEM_STRAY});
}

Test(events, a_free_of_what_was_just_allocated_takes_three_bytes)
{
	struct mem_event events[3] = {
		{.addr = 0x555500001230, .size_bytes = 100, .stack = 7, .op = WIRE_ALLOC, .kind = WIRE_KIND_MALLOC},
		{.addr = 0x555500001230, .op = WIRE_FREE, .kind = WIRE_KIND_FREE},
	};
	const size_t batches[] = {1, 2};
	size_t before = expect_round_trip(events, batches, 1);

	events[2] = events[1];
	events[2].near = MEM_NEAR;
	events[2].size_bytes = 100;
	events[2].stack = 7;
	events[2].result = WIRE_KIND_MALLOC;
	cr_assert_eq(expect_round_trip(events, batches, 2), before + 3 + 3 + 3);
}

/* The same place of the memory, but not the same block; or not what it said of itself. */
Test(events, a_free_that_differs_from_what_is_remembered_is_told_whole)
{
	struct mem_event events[6] = {
		{.addr = 0x10000, .size_bytes = 100, .stack = 7, .op = WIRE_ALLOC, .kind = WIRE_KIND_NEW},
		{.addr = 0x20000, .op = WIRE_FREE, .kind = WIRE_KIND_FREE},
		{.addr = 0x10000, .size_bytes = 99, .stack = 7, .op = WIRE_FREE, .near = MEM_NEAR, .result = 10},
		{.addr = 0x10000, .size_bytes = 100, .stack = 8, .op = WIRE_FREE, .near = MEM_NEAR, .result = 10},
		{.addr = 0x10000, .size_bytes = 100, .stack = 7, .op = WIRE_FREE, .near = MEM_NEAR, .result = 1},
		{.addr = 0x10000, .size_bytes = 5, .op = WIRE_FREE, .result = 3},
	};
	const size_t batches[] = {6};

	expect_round_trip(events, batches, 1);
}

Test(events, random_ones_come_back)
{
	static struct mem_event events[N_RANDOM];
	static size_t batches[N_RANDOM];
	size_t n = 0, n_batches = 0;

	while (n + MEM_EVENT_BATCH < N_RANDOM) {
		uint16_t stream = draw() % 5;

		batches[n_batches] = 1 + draw() % MEM_EVENT_BATCH;
		for (size_t i = 0; i < batches[n_batches]; i++)
			events[n++] = (struct mem_event){.addr = draw() % 3 ? draw() % 64 * 16 : draw() >> draw() % 40,
							 .size_bytes = draw() % 4 ? draw() % 4 : draw() << 16,
							 .stack = (uint32_t)(draw() % 2 ? draw() % 3 : draw()),
							 .stream = stream,
							 .op = (uint8_t)(1 + draw() % 12),
							 .kind = (uint8_t)draw(),
							 .result = (uint8_t)(draw() % 2 ? 0 : draw()),
							 .near = (uint8_t)(draw() % 3)};
		n_batches++;
	}
	expect_round_trip(events, batches, n_batches);
}

Test(events, what_is_cut_off_is_refused)
{
	const struct mem_event event = {
		.addr = 0x1234567890, .size_bytes = 70000, .stack = 70000, .op = WIRE_ALLOC, .kind = 1, .result = 1};
	uint8_t packed[EVENTS_BATCH_MAX + 8];
	struct events_packer packer = {0};
	size_t n = events_pack(&packer, &event, 1, packed);

	for (size_t cut = 0; cut < n; cut++) {
		uint8_t *exact = memcpy(malloc(cut + 1), packed, cut);
		struct unpack from = {.at = exact, .end = exact + cut};
		struct mem_event got[MEM_EVENT_BATCH];

		packer = (struct events_packer){0};
		cr_assert_eq(events_unpack(&packer, &from, got), 0);
		cr_assert(from.bad);
		free(exact);
	}
}

Test(events, batches_of_none_and_of_too_many_are_refused)
{
	static const uint8_t numbers[] = {0, MEM_EVENT_BATCH + 1, 255};

	for (size_t i = 0; i < sizeof(numbers); i++) {
		uint8_t packed[EVENTS_BATCH_MAX * 4] = {numbers[i]};
		struct unpack from = {.at = packed, .end = packed + sizeof(packed)};
		struct events_packer packer = {0};
		struct mem_event got[MEM_EVENT_BATCH];

		cr_assert_eq(events_unpack(&packer, &from, got), 0);
		cr_assert(from.bad);
	}
}
