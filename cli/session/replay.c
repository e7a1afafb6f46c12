#include "cli/session/replay.h"

#include "cli/analysis/origin.h"
#include "cli/base/pack.h"
#include "cli/base/xalloc.h"
#include "cli/ingest/forks.h"
#include "cli/record/events.h"
#include "cli/record/reader.h"
#include "cli/scan/keep.h"
#include "cli/session/relearn.h"
#include "cli/session/tracker.h"
#include "cli/symbols/string_pool.h"
#include "cli/symbols/symbols.h"
#include "common/shm.h"
#include "common/wire.h"

#include <stdlib.h>
#include <string.h>

/* A process that was not reported yet. */
struct replayed {
	uint32_t id;
	struct process *process;
	struct tracked *tracked;
	uint64_t clock_ns;
	uint64_t near_blocks, near_bytes; /* whose free is to follow */
	bool began; /* something of it was delivered: it cannot inherit any more */
	bool finished;
};

struct replay {
	struct record_reader *reader;
	struct tracker tracker;
	struct options options; /* of the report, with what only the run could decide; a shallow copy */
	struct forks forks;
	struct replayed *items;
	size_t n_items, cap_items;
	size_t last;              /* index of the item looked for last */
	struct string_pool texts; /* that reports point to */
	time_t start;
	bool no_scan, ended;
};

/* ---- what was delivered */

/* Whether a near block is freed, or strays, that there is. */
static bool near_fits(struct replayed *p, const struct mem_event *ev)
{
	if (ev->near == MEM_FAR)
		return true;
	if (ev->near > MEM_STRAY || ev->op == WIRE_FAIL)
		return false;
	if (ev->near == MEM_NEAR && ev->op != WIRE_FREE) {
		p->near_blocks++;
		p->near_bytes += ev->size_bytes;
		return ev->size_bytes <= WIRE_SIZE_MAX;
	}
	if (p->near_blocks == 0 || p->near_bytes < ev->size_bytes)
		return false;
	p->near_blocks--;
	p->near_bytes -= ev->size_bytes;
	return true;
}

static bool read_batch(struct replayed *p, const struct mem_event *events, size_t n)
{
	if (n == 0 || events[0].stream >= SHM_MAX_STREAMS)
		return false;
	for (size_t i = 0; i < n; i++)
		if (events[i].addr >> WIRE_ADDR_BITS || !near_fits(p, &events[i]))
			return false;
	process_apply(p->process, events, n);
	return true;
}

static bool read_events(struct replayed *p, struct unpack *from)
{
	struct events_packer packer = {0};
	struct mem_event events[MEM_EVENT_BATCH];

	if (p->finished)
		return false;
	p->began = true;
	while (from->at < from->end)
		if (!read_batch(p, events, events_unpack(&packer, from, events)))
			return false;
	return true;
}

static bool read_announce(struct replay *replay, struct replayed *p, const struct record *record)
{
	const uint64_t *words = record->payload;
	size_t n_words = record->n_bytes / 8;

	if (record->stream >= SHM_MAX_STREAMS || record->n_bytes % 8 || n_words == 0 || p->finished)
		return false;
	if ((words[0] & 15) != WIRE_EXT || wire_record_words(words, n_words) != (int)n_words)
		return false;
	p->began = true;
	process_announce(p->process, record->stream, words, n_words);
	if ((words[0] >> 8 & 0xff) == WIRE_FORK)
		forks_add(&replay->forks, p->id, (uint32_t)(words[0] >> 32), p->clock_ns,
			  process_snapshot(p->process));
	return true;
}

/* ---- the life of a process */

static struct replayed *find(struct replay *replay, uint32_t id)
{
	if (replay->last < replay->n_items && replay->items[replay->last].id == id)
		return &replay->items[replay->last];
	for (size_t i = replay->n_items; i-- > 0;) {
		if (replay->items[i].id != id)
			continue;
		replay->last = i;
		return &replay->items[i];
	}
	return NULL;
}

static bool read_hello(struct replay *replay, uint32_t id, struct unpack *from)
{
	uint8_t origin = unpack_u8(from);
	const void *bytes = unpack_bytes(from, sizeof(struct wire_hello));
	struct wire_hello hello;
	struct replayed *p;

	if (from->bad || origin > PROCESS_EXEC || find(replay, id))
		return false;
	memcpy(&hello, bytes, sizeof(hello));
	replay->items = xgrow(replay->items, &replay->cap_items, replay->n_items + 1, sizeof(*replay->items));
	p = &replay->items[replay->n_items++];
	*p = (struct replayed){.id = id, .process = process_new(&hello, (enum process_origin)origin)};
	p->tracked = tracker_add(&replay->tracker, p->process);
	return true;
}

static bool read_inherit(struct replay *replay, struct replayed *p, struct unpack *from)
{
	uint32_t parent = unpack_u32(from), serial = unpack_u32(from);
	struct process_snapshot *snapshot;

	if (from->bad || p->began)
		return false;
	snapshot = forks_take(&replay->forks, parent, serial);
	if (!snapshot)
		return false;
	p->began = true;
	process_inherit(p->process, snapshot);
	return true;
}

static bool read_counters(struct replayed *p, struct unpack *from)
{
	struct process_counters counters;

	counters.shim_bytes = unpack_u64(from);
	counters.truncated_stacks = unpack_u64(from);
	counters.lost_records = unpack_u64(from);
	counters.slow_stacks = unpack_u64(from);
	counters.checked_stacks = unpack_u64(from);
	counters.differing_stacks = unpack_u64(from);
	counters.bypassed = unpack_u8(from);
	counters.refused_allocations = unpack_u64(from);
	counters.hard_limit_failed = unpack_u8(from);
	if (!from->bad)
		process_set_counters(p->process, &counters);
	return !from->bad;
}

static bool read_finish(struct replayed *p, struct unpack *from)
{
	struct process_exit how;
	uint64_t monotonic_ns;
	uint8_t kind = unpack_u8(from);

	how = (struct process_exit){.kind = (enum process_exit_kind)kind};
	how.code = (int)unpack_u32(from);
	how.signal = (int)unpack_u32(from);
	monotonic_ns = unpack_u64(from);
	if (from->bad || kind > PROCESS_RUNNING || p->finished)
		return false;
	process_finish(p->process, &how, monotonic_ns);
	p->finished = true;
	return true;
}

static void report(struct replay *replay, struct replayed *p, const struct report_facts *facts)
{
	tracker_end(&replay->tracker, p->tracked, facts);
	process_free(p->process);
	*p = replay->items[--replay->n_items];
}

static bool read_report(struct replay *replay, struct replayed *p, struct unpack *from)
{
	struct report_facts facts;

	if (!facts_unpack(from, &replay->texts, &facts) || !p->finished)
		return false;
	report(replay, p, &facts);
	return true;
}

/* What the recording does not tell the end of. */
static void report_rest(struct replay *replay)
{
	const struct process_exit how = {.kind = PROCESS_RUNNING, .code = -1};

	while (replay->n_items) {
		struct replayed *p = &replay->items[0];

		process_remark(p->process, true,
			       "The recording ends before the process: what came later is not known.");
		if (!p->finished)
			process_finish(p->process, &how, p->clock_ns);
		report(replay, p, &(struct report_facts){0});
	}
}

/* ---- its course */

static bool is_time(double seconds)
{
	return seconds >= 0 && seconds < 1e11;
}

static bool read_sample(struct replay *replay, struct replayed *p, struct unpack *from)
{
	struct report_sample sample = {.seconds = unpack_f64(from)};

	sample.live_bytes = unpack_u64(from);
	sample.live_blocks = unpack_u64(from);
	sample.allocated_bytes = unpack_u64(from);
	sample.allocations = unpack_u64(from);
	sample.high_bytes = unpack_u64(from);
	sample.rss_bytes = unpack_u64(from);
	if (from->bad || !is_time(sample.seconds))
		return false;
	tracker_sample(&replay->tracker, p->tracked, &sample);
	return true;
}

static bool read_warning(struct replay *replay, struct replayed *p, struct unpack *from)
{
	struct report_warning warning = {.seconds = unpack_f64(from)};

	warning.level_percent = unpack_u32(from);
	warning.live_bytes = unpack_u64(from);
	warning.limit_bytes = unpack_u64(from);
	warning.used_bytes = unpack_u64(from);
	warning.limit_source = string_pool_add(&replay->texts, unpack_string(from));
	warning.severity = threshold_severity(warning.level_percent);
	if (from->bad || !is_time(warning.seconds))
		return false;
	tracker_warn(&replay->tracker, p->tracked, &warning);
	return true;
}

static bool read_limit(struct replay *replay, struct replayed *p, struct unpack *from)
{
	uint64_t n_bytes = unpack_u64(from);
	const char *source = unpack_string(from);

	if (from->bad)
		return false;
	tracker_limit(&replay->tracker, p->tracked, n_bytes, string_pool_add(&replay->texts, source));
	return true;
}

static bool read_scan(struct replayed *p, struct unpack *from)
{
	struct scan_result *scan = xcalloc(1, sizeof(*scan));
	bool last = unpack_u8(from), fits;
	double seconds = unpack_f64(from);

	fits = scan_unpack(from, scan) && is_time(seconds);
	tracker_forget_scan(p->tracked);
	p->tracked->scan = scan;
	p->tracked->ending |= last;
	if (!fits || (last && scan->scanned && !scan->edges))
		return false;
	tracker_scanned(p->tracked, seconds);
	return true;
}

static bool read_remark(struct replayed *p, struct unpack *from)
{
	bool incomplete = unpack_u8(from);
	const char *text = unpack_string(from);

	if (from->bad || !text)
		return false;
	process_remark(p->process, incomplete, "%s", text);
	return true;
}

static bool read_lose(struct replayed *p, struct unpack *from)
{
	uint64_t n_records = unpack_u64(from), n_bytes = unpack_u64(from);

	process_lose(p->process, n_records, n_bytes);
	return !from->bad;
}

/* ---- records */

static bool read_session(struct replay *replay, struct unpack *from)
{
	replay->start = (time_t)unpack_u64(from);
	unpack_string(from);
	replay->no_scan = unpack_u8(from);
	return !from->bad;
}

static bool read_of_process(struct replay *replay, const struct record *record, struct unpack *from)
{
	struct replayed *p = find(replay, record->process);

	if (!p)
		return false;
	switch (record->type) {
	case RECORD_CLOCK:
		p->clock_ns = unpack_u64(from);
		process_clock(p->process, p->clock_ns);
		return !from->bad;
	case RECORD_EVENTS:
		return read_events(p, from);
	case RECORD_ANNOUNCE:
		return read_announce(replay, p, record);
	case RECORD_INHERIT:
		return read_inherit(replay, p, from);
	case RECORD_REMARK:
		return read_remark(p, from);
	case RECORD_LOSE:
		return read_lose(p, from);
	case RECORD_COUNTERS:
		return read_counters(p, from);
	case RECORD_FINISH:
		return read_finish(p, from);
	case RECORD_LIMIT:
		return read_limit(replay, p, from);
	case RECORD_SAMPLE:
		return read_sample(replay, p, from);
	case RECORD_WARNING:
		return read_warning(replay, p, from);
	case RECORD_SCAN:
		return read_scan(p, from);
	case RECORD_UNSCAN:
		tracker_forget_scan(p->tracked);
		return true;
	case RECORD_JUDGE:
		tracker_judge(&replay->tracker, p->tracked, unpack_u8(from));
		return !from->bad;
	case RECORD_REPORT:
		return read_report(replay, p, from);
	default:
		return false;
	}
}

static bool read_record(struct replay *replay, const struct record *record)
{
	const uint8_t *bytes = record->payload;
	struct unpack from = {.at = bytes, .end = bytes + record->n_bytes};

	switch (record->type) {
	case RECORD_SESSION:
		return read_session(replay, &from);
	case RECORD_HELLO:
		return read_hello(replay, record->process, &from);
	case RECORD_NAMES:
		return relearn_names(replay->tracker.symbols, &from);
	case RECORD_VARIABLES:
		return relearn_variables(replay->tracker.symbols, &from);
	case RECORD_JIT:
		return relearn_jit(replay->tracker.symbols, &from);
	case RECORD_END:
		replay->ended = true;
		return true;
	default:
		return read_of_process(replay, record, &from);
	}
}

struct replay *replay_open(const char *path, struct err *err)
{
	struct replay *replay = xcalloc(1, sizeof(*replay));
	struct record record;
	int ret;

	replay->reader = record_reader_open(path, err);
	if (!replay->reader) {
		replay_close(replay);
		return NULL;
	}
	replay->tracker.symbols = symbols_new(origin_function_starts);
	symbols_certain(replay->tracker.symbols);
	ret = record_read(replay->reader, &record, err);
	if (ret > 0 && record.type == RECORD_SESSION && read_record(replay, &record))
		return replay;
	if (ret == 0)
		err_set(err, "the recording %s ends before it tells of anything", path);
	else if (ret > 0)
		err_set(err, "the recording %s is damaged: it does not begin with the session", path);
	replay_close(replay);
	return NULL;
}

time_t replay_start(const struct replay *replay)
{
	return replay->start;
}

int replay_run(struct replay *replay, const struct options *options, const struct suppress_set *suppressions,
	       struct report *to, struct err *err)
{
	struct record record;
	int ret;

	replay->options = *options;
	replay->options.no_scan = replay->no_scan;
	replay->tracker.options = &replay->options;
	replay->tracker.suppressions = suppressions;
	while ((ret = record_read(replay->reader, &record, err)) > 0)
		if (!read_record(replay, &record))
			return record_damaged(replay->reader, "a record makes no sense", err);
	if (ret < 0)
		return -1;
	report_rest(replay);
	tracker_take_reports(&replay->tracker, to);
	return 0;
}

bool replay_cut(const struct replay *replay)
{
	return !replay->ended || record_reader_cut(replay->reader);
}

void replay_close(struct replay *replay)
{
	if (!replay)
		return;
	for (size_t i = 0; i < replay->n_items; i++)
		process_free(replay->items[i].process);
	free(replay->items);
	forks_clear(&replay->forks);
	tracker_release(&replay->tracker);
	symbols_free(replay->tracker.symbols);
	string_pool_release(&replay->texts);
	record_reader_close(replay->reader);
	free(replay);
}
