#include "cli/analysis/event_log.h"

#include <criterion/criterion.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct spool *spool;
static struct event_log *event_log;
static struct log_reader reader;

static void init(void)
{
	spool = spool_new(NULL);
	event_log = event_log_new(spool);
}

static void fini(void)
{
	event_log_free(event_log);
	spool_free(spool);
}

TestSuite(event_log, .init = init, .fini = fini, .timeout = 60);

static bool next(struct log_event *event)
{
	reader.log = event_log;
	return event_log_next(&reader, event);
}

/* All that is left, a line each. */
static char *rest(void)
{
	static const char *const names[] = {"info", "+", "-", "time", "resident"};
	static char text[4096];
	struct log_event event;
	size_t n = 0;

	event_log_end(event_log);
	text[0] = '\0';
	while (next(&event)) {
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s %llu", names[event.kind],
				      (unsigned long long)event.value);
		n += (size_t)snprintf(text + n, sizeof(text) - n, event.kind == LOG_INFO ? " of %u, " : ", ",
				      event.stack);
	}
	cr_assert_eq(reader.errnum, 0);
	return text;
}

Test(event_log, events_in_their_order)
{
	event_log_allocated(event_log, 0x1000, 3, 100, 0);
	event_log_allocated(event_log, 0x2000, 3, 0, 5);
	event_log_resident(event_log, UINT64_C(1) << 40, 5);
	event_log_freed(event_log, 0x1000, 3, 100, 1000000);
	event_log_allocated(event_log, 0x1000, UINT32_MAX, (UINT64_C(1) << 48) - 1, 1000000);
	event_log_freed(event_log, 0x1000, UINT32_MAX, (UINT64_C(1) << 48) - 1, 1000001);
	cr_assert_str_eq(rest(), "info 100 of 3, + 1, time 5, info 0 of 3, + 2, resident 1099511627776, "
				 "time 1000000, - 1, info 281474976710655 of 4294967295, + 3, time 1000001, - 3, ");
}

/* A reader tells a temporary block by the info alone. */
Test(event_log, only_the_very_block_has_its_info_behind_its_allocation)
{
	event_log_allocated(event_log, 0x1000, 1, 8, 0);
	event_log_allocated(event_log, 0x2000, 1, 8, 0);
	event_log_freed(event_log, 0x1000, 1, 8, 0); /* another one */
	event_log_freed(event_log, 0x2000, 1, 8, 0); /* not just before it */
	event_log_allocated(event_log, 0x3000, 1, 8, 0);
	event_log_freed(event_log, 0x3000, 1, 8, 0); /* temporary */
	event_log_allocated(event_log, 0x3000, 1, 8, 0);
	event_log_allocated(event_log, 0x4000, 1, 9, 0);
	event_log_freed(event_log, 0x3000, 1, 8, 0);
	cr_assert_str_eq(rest(), "info 8 of 1, + 1, + 1, info 8 of 1, - 2, - 1, + 1, - 1, + 1, info 9 of 1, + 3, "
				 "- 1, ");
}

Test(event_log, empty)
{
	cr_assert_str_eq(rest(), "");
}

static uint64_t said[1300000]; /* by info: its size and stack as one number */

/* More stacks and sizes than are remembered: what the infos say must still be what happened. */
Test(event_log, a_million_events_in_little_memory)
{
	const uint32_t n = 300000;
	struct log_event event;
	uint64_t n_infos = 0, n_events = 0, live = 0, freed = 0;
	size_t before = mallinfo2().uordblks, after;

	for (uint32_t round = 0; round < 2; round++) {
		for (uint32_t i = 0; i < n; i++)
			event_log_allocated(event_log, (i + UINT64_C(1)) << 12, i / 3, i % 1000, round * 10);
		for (uint32_t i = 0; i < n; i++)
			event_log_freed(event_log, (i + UINT64_C(1)) << 12, i / 3, i % 1000, round * 10 + 5);
	}
	after = mallinfo2().uordblks;
	cr_assert_lt(after - before, 4u << 20);
	event_log_end(event_log);
	while (next(&event)) {
		if (event.kind == LOG_INFO) {
			cr_assert_lt(++n_infos, sizeof(said) / sizeof(*said));
			said[n_infos] = event.value + 1000 * (uint64_t)event.stack;
		} else if (event.kind == LOG_ALLOCATED) {
			cr_assert_eq(said[event.value], n_events % n % 1000 + n_events % n / 3 * 1000);
			n_events++;
			live++;
		} else if (event.kind == LOG_FREED) {
			cr_assert_eq(said[event.value], freed % n % 1000 + freed % n / 3 * 1000);
			freed++;
			live--;
		}
	}
	cr_assert_eq(n_events, 2 * n);
	cr_assert_eq(freed, 2 * n);
	cr_assert_eq(live, 0);
	cr_assert_eq(reader.errnum, 0);
}
