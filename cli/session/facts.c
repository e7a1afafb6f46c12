/* Each field stands once, in fields_each(), which packs or unpacks it. */
#include "cli/session/facts.h"

#include "cli/symbols/string_pool.h"

#include <math.h>

/* One direction or the other. */
struct way {
	struct pack *to; /* NULL: unpack */
	struct unpack *from;
	struct string_pool *texts;
	bool bad;
};

static void each_u64(struct way *way, uint64_t *value)
{
	if (way->to)
		pack_u64(way->to, *value);
	else
		*value = unpack_u64(way->from);
}

static void each_f64(struct way *way, double *value)
{
	if (way->to) {
		pack_f64(way->to, *value);
		return;
	}
	*value = unpack_f64(way->from);
	way->bad |= !isfinite(*value);
}

static void each_bool(struct way *way, bool *value)
{
	if (way->to)
		pack_u8(way->to, *value);
	else
		*value = unpack_u8(way->from);
}

static void each_text(struct way *way, const char **value)
{
	if (way->to)
		pack_string(way->to, *value);
	else
		*value = string_pool_add(way->texts, unpack_string(way->from));
}

static void each_value(struct way *way, struct memstats_value *value)
{
	each_text(way, &value->source);
	each_bool(way, &value->estimated);
	each_u64(way, &value->value);
}

static void each_heap(struct way *way, struct memstats_input *m)
{
	struct memstats_value *values[] = {&m->heap_sys, &m->heap_idle,     &m->heap_inuse, &m->heap_released,
					   &m->metadata, &m->thread_caches, &m->arenas,     &m->purges,
					   &m->trimmable, &m->heap_sys_max};

	each_text(way, &m->allocator);
	each_text(way, &m->version);
	each_f64(way, &m->heap_seconds);
	each_u64(way, &m->heap_held_ns);
	for (size_t i = 0; i < MW_ARRAY_LEN(values); i++)
		each_value(way, values[i]);
}

static void each_place(struct way *way, struct memstats_input *m)
{
	uint64_t n_threads = m->n_threads;

	each_bool(way, &m->has_places);
	each_u64(way, &m->rss_bytes);
	each_u64(way, &m->peak_rss_bytes);
	each_u64(way, &m->heap_size_bytes);
	each_u64(way, &m->heap_rss_bytes);
	each_u64(way, &m->stack_size_bytes);
	each_u64(way, &m->stack_rss_bytes);
	each_u64(way, &n_threads);
	m->n_threads = (unsigned)n_threads;
	each_bool(way, &m->stacks_estimated);
	each_f64(way, &m->cpu_seconds);
}

static void fields_each(struct way *way, struct report_facts *facts)
{
	struct memstats_input *m = &facts->memstats;
	uint64_t realtime_ns = (uint64_t)m->last_scan_realtime_ns;

	each_u64(way, &facts->overhead.reporter_bytes);
	each_f64(way, &facts->overhead.reporter_cpu_seconds);
	each_heap(way, m);
	each_place(way, m);
	each_u64(way, &m->n_timed);
	each_f64(way, &m->call_ns);
	each_f64(way, &m->own_ns);
	each_f64(way, &m->median_ns);
	each_f64(way, &m->p99_ns);
	each_f64(way, &m->most_ns);
	each_u64(way, &m->n_scans);
	each_u64(way, &m->n_forced_scans);
	each_u64(way, &m->pause_ns);
	each_u64(way, &m->last_pause_ns);
	each_u64(way, &realtime_ns);
	m->last_scan_realtime_ns = (int64_t)realtime_ns;
	each_u64(way, &m->limit_bytes);
	each_text(way, &m->limit_source);
}

void facts_pack(const struct report_facts *facts, struct pack *to)
{
	struct report_facts copy = *facts;

	fields_each(&(struct way){.to = to}, &copy);
}

bool facts_unpack(struct unpack *from, struct string_pool *texts, struct report_facts *facts)
{
	struct way way = {.from = from, .texts = texts};

	*facts = (struct report_facts){0};
	fields_each(&way, facts);
	return !from->bad && !way.bad;
}
