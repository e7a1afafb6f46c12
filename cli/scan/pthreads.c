#include "cli/scan/pthreads.h"

#include "cli/base/xalloc.h"
#include "cli/scan/result.h"

#include <stdlib.h>
#include <string.h>

#define SEGMENT_MAX   (1u << 20)
#define HEADS         3u      /* lists that lie side by side */
#define THREADS_MAX   100000u /* on one list: it is another process's memory that we walk through */
#define LINK_FROM     0x200u  /* where in a record its links are looked for: 0x2c0 in glibc 2.36 */
#define LINK_END      0x400u
#define ROUTINE_FROM  0x5c0u /* … and its start routine: 0x640 */
#define ROUTINE_END   0x6c0u
#define ROUTINE_USUAL 0x640u
#define VALUE_BEFORE  16u /* the thread's value, before the start routine: scheduling parameters are between */
#define NUMBER_BEHIND 16u /* the thread's number, behind the links */

/* list_t of glibc. */
struct links {
	uint64_t next, prev;
};

struct search {
	const struct maps *maps;
	const struct scan_memory *memory;
	struct scan_result *result;
};

static bool read_links(const struct search *search, uint64_t addr, struct links *links)
{
	return memory_read_at(search->memory, addr, links, sizeof(*links)) == 0;
}

/* Whether what these links lead to leads back to them. */
static bool is_linked(const struct search *search, uint64_t addr, const struct links *links)
{
	struct links next, prev;

	if (links->next % 8 || links->prev % 8 || !links->next || !links->prev)
		return false;
	return read_links(search, links->next, &next) && next.prev == addr && read_links(search, links->prev, &prev) &&
	       prev.next == addr;
}

/* Where a record begins that has its links at `node`; 0 if there is none. A record's first word and its third one are
 * its own address. */
static uint64_t record_of(const struct search *search, uint64_t node)
{
	const struct map *map = maps_find(search->maps, node);
	uint64_t words[LINK_END / 8];

	if (!map || !map->writable || map->inode || node - map->start < LINK_END)
		return 0;
	if (memory_read_at(search->memory, node - LINK_END, words, sizeof(words)))
		return 0;
	for (uint64_t back = LINK_FROM; back <= LINK_END; back += 16) {
		uint64_t record = node - back;
		const uint64_t *head = words + (LINK_END - back) / 8;

		if (record % 64 == 0 && head[0] == record && head[2] == record)
			return record;
	}
	return 0;
}

/* Whether three heads of lists are there, of which all that hangs on the first two is records. */
static bool are_heads(const struct search *search, uint64_t addr, const struct links heads[HEADS])
{
	for (unsigned i = 0; i < HEADS; i++) {
		uint64_t at = addr + i * sizeof(struct links);

		if (!is_linked(search, at, &heads[i]))
			return false;
		if (heads[i].next != at && !record_of(search, heads[i].next))
			return false;
	}
	/* The main thread's record is always there. */
	return heads[1].next != addr + sizeof(struct links);
}

/* Where the value is in this record; 0 if nothing looks like a start routine. */
static uint64_t value_in(const struct search *search, const uint64_t *words)
{
	const struct map *map = maps_find(search->maps, words[ROUTINE_USUAL / 8]);

	if (map && map->executable)
		return ROUTINE_USUAL - VALUE_BEFORE;
	for (uint64_t at = ROUTINE_FROM; at < ROUTINE_END; at += 8) {
		map = maps_find(search->maps, words[at / 8]);
		if (map && map->executable)
			return at - VALUE_BEFORE;
	}
	return 0;
}

static void add_value(const struct search *search, uint64_t record, uint64_t node)
{
	uint64_t words[ROUTINE_END / 8], value;
	uint32_t number;

	/* The kernel clears the number when the thread has ended; pthread_join() makes it negative. */
	if (memory_read_at(search->memory, node + NUMBER_BEHIND, &number, sizeof(number)) || number != 0 ||
	    memory_read_at(search->memory, record, words, sizeof(words)))
		return;
	value = value_in(search, words);
	if (value)
		result_range(search->result, SCAN_ROOT_ENDED_THREAD, record + value, record + value + 8);
	else /* unknown: all of it, rather than to call lost what is not */
		result_range(search->result, SCAN_ROOT_ENDED_THREAD, record, record + PTHREADS_RECORD_BYTES);
}

static void walk(const struct search *search, uint64_t head, uint64_t node)
{
	struct links links;

	for (uint32_t n = 0; node != head && n < THREADS_MAX; n++, node = links.next) {
		uint64_t record = record_of(search, node);

		if (!record || !read_links(search, node, &links))
			return;
		add_value(search, record, node);
	}
}

static bool search_segment(const struct search *search, const struct object_segment *segment)
{
	uint64_t start = (segment->start + 7) & ~UINT64_C(7), n_bytes = segment->end - start;
	struct links heads[HEADS];
	bool found = false;
	char *bytes;

	if (start >= segment->end || n_bytes > SEGMENT_MAX)
		return false;
	bytes = xmalloc(n_bytes);
	memory_read_at(search->memory, start, bytes, n_bytes);
	for (size_t at = 0; at + sizeof(heads) <= n_bytes && !found; at += 8) {
		memcpy(heads, bytes + at, sizeof(heads));
		found = are_heads(search, start + at, heads);
		if (!found)
			continue;
		walk(search, start + at, heads[0].next);
		walk(search, start + at + sizeof(*heads), heads[1].next);
	}
	free(bytes);
	return found;
}

void pthreads_add_roots(const struct maps *maps, const struct scan_memory *memory, struct scan_result *result)
{
	const struct search search = {maps, memory, result};

	for (size_t i = 0; i < maps->n_objects; i++) {
		const struct object *object = &maps->objects[i];

		for (size_t s = 0; object->role == OBJECT_LOADER && s < object->n_writable; s++)
			if (search_segment(&search, &object->writable[s]))
				return;
	}
}
