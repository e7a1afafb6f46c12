#include "cli/model/said.h"

#include "cli/base/xalloc.h"
#include "cli/model/state.h"

#include <stdlib.h>
#include <string.h>

struct said {
	struct process_mark *marks;
	size_t n_marks, cap_marks;
	struct process_region *regions;
	size_t n_regions, cap_regions;
	struct process_pool *pools;
	size_t n_pools, cap_pools;
	struct process_lsan lsan;
	struct live *pieces; /* by address; the thread is the pool's index */
	uint64_t dropped;
};

struct said *said_new(void)
{
	return xcalloc(1, sizeof(struct said));
}

void said_free(struct said *said)
{
	if (!said)
		return;
	for (size_t i = 0; i < said->n_marks; i++)
		free(said->marks[i].name);
	for (size_t i = 0; i < said->n_pools; i++)
		free(said->pools[i].name);
	live_free(said->pieces);
	free(said->lsan.suppressions);
	free(said->lsan.options);
	free(said->marks);
	free(said->regions);
	free(said->pools);
	free(said);
}

struct said *said_clone(const struct said *said)
{
	struct said *clone = said_new();

	clone->lsan.suppressions = said->lsan.suppressions ? xstrdup(said->lsan.suppressions) : NULL;
	clone->lsan.options = said->lsan.options ? xstrdup(said->lsan.options) : NULL;
	clone->n_regions = clone->cap_regions = said->n_regions;
	if (said->n_regions) {
		clone->regions = xreallocarray(NULL, said->n_regions, sizeof(*clone->regions));
		memcpy(clone->regions, said->regions, said->n_regions * sizeof(*clone->regions));
	}
	return clone;
}

uint64_t said_dropped(const struct said *said)
{
	return said->dropped;
}

size_t said_bytes(const struct said *said)
{
	return sizeof(*said) + said->cap_marks * sizeof(*said->marks) + said->cap_regions * sizeof(*said->regions) +
	       (said->pieces ? live_bytes(said->pieces) : 0);
}

/* ---- marks */

static bool add_mark(struct process *process, bool snapshot, const uint64_t *words, size_t n_bytes, size_t name_bytes)
{
	struct said *said = process->state->said;
	struct process_mark *mark;

	if (n_bytes < 8 || name_bytes > n_bytes - 8)
		return false;
	if (said->n_marks == SAID_MARKS_MAX) {
		said->dropped++;
		return true;
	}
	said->marks = xgrow(said->marks, &said->cap_marks, said->n_marks + 1, sizeof(*said->marks));
	mark = &said->marks[said->n_marks++];
	*mark = (struct process_mark){
		.ns = words[1] > process->start_monotonic_ns ? words[1] - process->start_monotonic_ns : 0,
		.name = xstrndup((const char *)(words + 2), name_bytes),
		.snapshot = snapshot,
		.live_bytes = process->totals.live_bytes,
		.live_blocks = process->totals.live_blocks,
	};
	return true;
}

/* ---- what is ignored, and where pointers are */

/*
 * The block that `addr` points into: the program may have an object that lies behind its block's start, as that of
 * std::make_shared does, or a second base of one. Of new T[0] the pointer is behind the end, a count of 8 bytes. The
 * table has no order: the start is looked for step by step.
 */
static bool find_around(const struct live *live, uint64_t addr, struct live_entry *e)
{
	uint64_t at = addr & ~UINT64_C(7), inside, size;

	while (at && addr - at < SAID_INSIDE_MAX && !live_find(live, at, e))
		at -= 8;
	inside = addr - at;
	if (!at || inside >= SAID_INSIDE_MAX)
		return false;
	size = live_entry_size(e);
	return inside == 0 || inside < size || (inside == 8 && size == 8);
}

static void ignore_object(struct process *process, uint64_t addr)
{
	struct live *live = process->state->live;
	struct live_entry e, old;

	if (addr - 1 >= LIVE_ADDR_MAX)
		return;
	if (find_around(live, addr, &e) && live_remove(live, live_entry_addr(&e), &e)) {
		e.key |= LIVE_IGNORED;
		live_insert(live, &e, &old);
	}
}

static bool change_region(struct process *process, uint64_t start, uint64_t n_bytes, bool add)
{
	struct said *said = process->state->said;
	uint64_t end = start + n_bytes;

	if (end <= start || end > LIVE_ADDR_MAX)
		return false;
	for (size_t i = said->n_regions; !add && i-- > 0;) {
		if (said->regions[i].start != start || said->regions[i].end != end)
			continue;
		said->regions[i] = said->regions[--said->n_regions];
		return true;
	}
	if (!add)
		return true;
	if (said->n_regions == SAID_REGIONS_MAX) {
		said->dropped++;
		return true;
	}
	said->regions = xgrow(said->regions, &said->cap_regions, said->n_regions + 1, sizeof(*said->regions));
	said->regions[said->n_regions++] = (struct process_region){start, end};
	return true;
}

/* ---- pools */

/* The index of the pool of this name, made if need be; SAID_POOLS_MAX if there are too many. */
static size_t find_pool(struct said *said, const char *name, size_t n_bytes)
{
	size_t i;

	for (i = 0; i < said->n_pools; i++)
		if (strlen(said->pools[i].name) == n_bytes && memcmp(said->pools[i].name, name, n_bytes) == 0)
			return i;
	if (i == SAID_POOLS_MAX)
		return i;
	said->pools = xgrow(said->pools, &said->cap_pools, i + 1, sizeof(*said->pools));
	said->pools[i] = (struct process_pool){.name = xstrndup(name, n_bytes)};
	said->n_pools++;
	return i;
}

static void count_out(struct said *said, const struct live_entry *e)
{
	struct process_pool *pool = &said->pools[live_entry_thread(e)];

	pool->frees++;
	pool->live_blocks--;
	pool->live_bytes -= live_entry_size(e);
}

static bool add_piece(struct process *process, const uint64_t *words, size_t n_bytes, size_t name_bytes)
{
	struct said *said = process->state->said;
	struct live_entry e = {.birth_ms = process->state->now_ms}, old;
	struct process_pool *pool;
	size_t index;

	if (n_bytes < 16 || name_bytes > n_bytes - 16 || words[1] - 1 >= LIVE_ADDR_MAX || words[2] > LIVE_SIZE_MAX)
		return false;
	index = find_pool(said, (const char *)(words + 3), strnlen((const char *)(words + 3), name_bytes));
	if (index == SAID_POOLS_MAX) {
		said->dropped++;
		return true;
	}
	if (!said->pieces)
		said->pieces = live_new();
	live_entry_set(&e, words[1], words[2], 0, (uint32_t)index);
	if (live_insert(said->pieces, &e, &old) == LIVE_REPLACED)
		count_out(said, &old);
	pool = &said->pools[index];
	pool->allocations++;
	pool->live_blocks++;
	pool->live_bytes += words[2];
	if (pool->live_bytes > pool->peak_live_bytes)
		pool->peak_live_bytes = pool->live_bytes;
	return true;
}

static void remove_piece(struct said *said, uint64_t addr)
{
	struct live_entry old;

	if (said->pieces && addr - 1 < LIVE_ADDR_MAX && live_remove(said->pieces, addr, &old))
		count_out(said, &old);
}

/* ---- to LeakSanitizer */

/* A text may come in parts. */
static bool add_text(char **text, const char *part, size_t part_bytes, size_t n_bytes)
{
	size_t n = *text ? strlen(*text) : 0;

	if (part_bytes > n_bytes || n + part_bytes > SAID_TEXT_MAX)
		return false;
	*text = xreallocarray(*text, n + part_bytes + 1, 1);
	memcpy(*text + n, part, part_bytes);
	(*text)[n + part_bytes] = '\0';
	return true;
}

const struct process_lsan *process_lsan(const struct process *process)
{
	return &process->state->said->lsan;
}

/* ---- */

bool said_announce(struct process *process, uint32_t stream, const uint64_t *words, size_t n_words)
{
	uint32_t aux = (uint32_t)(words[0] >> 32);
	unsigned type = words[0] >> 8 & 0xff;
	size_t n_bytes = (n_words - 1) * 8;

	switch (type) {
	case WIRE_MARK:
	case WIRE_SNAPSHOT:
		return add_mark(process, type == WIRE_SNAPSHOT, words, n_bytes, aux);
	case WIRE_IGNORE:
		state_stream(process, stream)->ignoring = aux;
		return true;
	case WIRE_IGNORE_OBJECT:
		if (n_words >= 2)
			ignore_object(process, words[1]);
		return n_words >= 2;
	case WIRE_ROOT_REGION:
		return n_words >= 3 && change_region(process, words[1], words[2], aux);
	case WIRE_LSAN_SUPPRESSIONS:
		return add_text(&process->state->said->lsan.suppressions, (const char *)(words + 1), aux, n_bytes);
	case WIRE_LSAN_OPTIONS:
		return add_text(&process->state->said->lsan.options, (const char *)(words + 1), aux, n_bytes);
	case WIRE_LSAN_OFF:
		process->state->said->lsan.turned_off = true;
		return true;
	case WIRE_PIECE:
		return add_piece(process, words, n_bytes, aux);
	case WIRE_PIECE_FREE:
		if (n_words >= 2)
			remove_piece(process->state->said, words[1]);
		return n_words >= 2;
	default:
		return true;
	}
}

size_t process_marks(const struct process *process, const struct process_mark **marks)
{
	*marks = process->state->said->marks;
	return process->state->said->n_marks;
}

size_t process_regions(const struct process *process, const struct process_region **regions)
{
	*regions = process->state->said->regions;
	return process->state->said->n_regions;
}

size_t process_pools(const struct process *process, const struct process_pool **pools)
{
	*pools = process->state->said->pools;
	return process->state->said->n_pools;
}
