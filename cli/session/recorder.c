#include "cli/session/recorder.h"

#include "cli/base/pack.h"
#include "cli/base/pattern.h"
#include "cli/base/xalloc.h"
#include "cli/record/events.h"
#include "cli/record/writer.h"
#include "cli/scan/keep.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAMES_BYTES  ((size_t)64 << 10) /* of names for one record, more or less */
#define EVENTS_BYTES ((size_t)64 << 10) /* of packed events for one record */

/* Of a process: what is written only when it has changed. */
struct said_last {
	uint64_t clock_ns, written_ns;
	struct process_counters counters;
	bool counted;
};

struct recorder {
	struct intake_tap tap;
	struct record_writer *writer; /* NULL = not yet, or it could not be made */
	const char *pattern;
	struct pattern_values run;
	bool no_scan;
	struct err late;        /* what recorder_flush() is still to tell */
	struct said_last *said; /* by id */
	size_t cap_said;
	uint32_t newest;
	bool failed;
	struct pack pack; /* of the record in the making */
	struct events_packer events_packer;
	uint8_t *events; /* EVENTS_BYTES and a little: packed, of process events_id, and written before anything else */
	size_t n_events; /* bytes */
	uint32_t events_id;
	struct pack names;
	enum record_type names_type;
	char *names_path; /* whose names `names` are; JIT: NULL */
	uint8_t names_build_id[64];
	size_t names_build_id_bytes;
	int names_pid;
};

/* ---- records */

static struct said_last *said_of(struct recorder *recorder, uint32_t id)
{
	size_t old = recorder->cap_said;

	if (id >= old) {
		recorder->said = xgrow(recorder->said, &recorder->cap_said, (size_t)id + 1, sizeof(*recorder->said));
		memset(recorder->said + old, 0, (recorder->cap_said - old) * sizeof(*recorder->said));
	}
	return &recorder->said[id];
}

static void put_events(struct recorder *recorder)
{
	if (recorder->n_events == 0)
		return;
	if (recorder->writer)
		record_write(recorder->writer, RECORD_EVENTS, recorder->events_id, 0, recorder->events,
			     recorder->n_events);
	recorder->n_events = 0;
	recorder->events_packer = (struct events_packer){0};
}

static void put_record(struct recorder *recorder, enum record_type type, uint32_t id, uint32_t stream,
		       const void *payload, size_t n_bytes)
{
	put_events(recorder);
	if (recorder->writer)
		record_write(recorder->writer, type, id, stream, payload, n_bytes);
}

static void put_clock(struct recorder *recorder, uint32_t id)
{
	struct said_last *said = said_of(recorder, id);

	if (said->clock_ns == said->written_ns)
		return;
	put_record(recorder, RECORD_CLOCK, id, 0, &said->clock_ns, sizeof(said->clock_ns));
	said->written_ns = said->clock_ns;
}

/* What is packed becomes a record of the process, behind the time if that has gone on. */
static void put(struct recorder *recorder, enum record_type type, uint32_t id)
{
	put_clock(recorder, id);
	put_record(recorder, type, id, 0, recorder->pack.bytes, recorder->pack.n);
	recorder->pack.n = 0;
	if (recorder->pack.cap > RECORD_FRAME_BYTES)
		pack_release(&recorder->pack);
}

static void make_file(struct recorder *recorder, struct err *err)
{
	char *path = pattern_expand(recorder->pattern, &recorder->run, err);
	struct pack session = {0};

	recorder->writer = path ? record_writer_open(path, MEMWATCH_VERSION, err) : NULL;
	free(path);
	recorder->failed = !recorder->writer;
	if (recorder->failed)
		return;
	pack_u64(&session, (uint64_t)recorder->run.time);
	pack_string(&session, MEMWATCH_VERSION);
	pack_u8(&session, recorder->no_scan);
	put_record(recorder, RECORD_SESSION, 0, 0, session.bytes, session.n);
	record_writer_flush(recorder->writer);
	pack_release(&session);
}

/* ---- what the capture tells */

static void on_hello(void *ctx, uint32_t id, const struct wire_hello *hello, enum process_origin origin)
{
	struct recorder *recorder = ctx;

	if (!recorder->writer && !recorder->failed) {
		recorder->run.pid = (int)hello->pid;
		make_file(recorder, &recorder->late);
	}
	recorder->newest = id;
	*said_of(recorder, id) = (struct said_last){0};
	pack_u8(&recorder->pack, (uint8_t)origin);
	pack_bytes(&recorder->pack, hello, sizeof(*hello));
	put(recorder, RECORD_HELLO, id);
}

static void on_clock(void *ctx, uint32_t id, uint64_t monotonic_ns)
{
	said_of(ctx, id)->clock_ns = monotonic_ns;
}

static void on_events(void *ctx, uint32_t id, const struct mem_event *events, size_t n)
{
	struct recorder *recorder = ctx;

	put_clock(recorder, id);
	if (recorder->events_id != id || recorder->n_events > EVENTS_BYTES - EVENTS_BATCH_MAX)
		put_events(recorder);
	recorder->events_id = id;
	recorder->n_events += events_pack(&recorder->events_packer, events, n, recorder->events + recorder->n_events);
}

static void on_announce(void *ctx, uint32_t id, uint32_t stream, const uint64_t *words, size_t n_words)
{
	struct recorder *recorder = ctx;

	put_clock(recorder, id);
	put_record(recorder, RECORD_ANNOUNCE, id, stream, words, n_words * sizeof(*words));
}

static void on_inherit(void *ctx, uint32_t id, uint32_t parent_id, uint32_t fork_serial)
{
	struct recorder *recorder = ctx;

	pack_u32(&recorder->pack, parent_id);
	pack_u32(&recorder->pack, fork_serial);
	put(recorder, RECORD_INHERIT, id);
}

static void on_remark(void *ctx, uint32_t id, bool incomplete, const char *text)
{
	struct recorder *recorder = ctx;

	pack_u8(&recorder->pack, incomplete);
	pack_string(&recorder->pack, text);
	put(recorder, RECORD_REMARK, id);
}

static void on_lose(void *ctx, uint32_t id, uint64_t n_records, uint64_t n_bytes)
{
	struct recorder *recorder = ctx;

	pack_u64(&recorder->pack, n_records);
	pack_u64(&recorder->pack, n_bytes);
	put(recorder, RECORD_LOSE, id);
}

static bool same_counters(const struct process_counters *a, const struct process_counters *b)
{
	return a->shim_bytes == b->shim_bytes && a->truncated_stacks == b->truncated_stacks &&
	       a->lost_records == b->lost_records && a->slow_stacks == b->slow_stacks &&
	       a->checked_stacks == b->checked_stacks && a->differing_stacks == b->differing_stacks &&
	       a->bypassed == b->bypassed && a->refused_allocations == b->refused_allocations &&
	       a->hard_limit_failed == b->hard_limit_failed;
}

static void on_counters(void *ctx, uint32_t id, const struct process_counters *counters)
{
	struct recorder *recorder = ctx;
	struct said_last *said = said_of(recorder, id);

	if (said->counted && same_counters(&said->counters, counters))
		return;
	said->counted = true;
	said->counters = *counters;
	pack_u64(&recorder->pack, counters->shim_bytes);
	pack_u64(&recorder->pack, counters->truncated_stacks);
	pack_u64(&recorder->pack, counters->lost_records);
	pack_u64(&recorder->pack, counters->slow_stacks);
	pack_u64(&recorder->pack, counters->checked_stacks);
	pack_u64(&recorder->pack, counters->differing_stacks);
	pack_u8(&recorder->pack, counters->bypassed);
	pack_u64(&recorder->pack, counters->refused_allocations);
	pack_u8(&recorder->pack, counters->hard_limit_failed);
	put(recorder, RECORD_COUNTERS, id);
}

static void on_finish(void *ctx, uint32_t id, const struct process_exit *how, uint64_t monotonic_ns)
{
	struct recorder *recorder = ctx;

	pack_u8(&recorder->pack, (uint8_t)how->kind);
	pack_u32(&recorder->pack, (uint32_t)how->code);
	pack_u32(&recorder->pack, (uint32_t)how->signal);
	pack_u64(&recorder->pack, monotonic_ns);
	put(recorder, RECORD_FINISH, id);
}

/* ---- what the session tells */

void recorder_limit(struct recorder *recorder, uint32_t id, uint64_t n_bytes, const char *source)
{
	if (!recorder)
		return;
	pack_u64(&recorder->pack, n_bytes);
	pack_string(&recorder->pack, source);
	put(recorder, RECORD_LIMIT, id);
}

void recorder_sample(struct recorder *recorder, uint32_t id, const struct report_sample *sample)
{
	if (!recorder)
		return;
	pack_f64(&recorder->pack, sample->seconds);
	pack_u64(&recorder->pack, sample->live_bytes);
	pack_u64(&recorder->pack, sample->live_blocks);
	pack_u64(&recorder->pack, sample->allocated_bytes);
	pack_u64(&recorder->pack, sample->allocations);
	pack_u64(&recorder->pack, sample->high_bytes);
	pack_u64(&recorder->pack, sample->rss_bytes);
	put(recorder, RECORD_SAMPLE, id);
}

void recorder_warning(struct recorder *recorder, uint32_t id, const struct report_warning *warning)
{
	if (!recorder)
		return;
	pack_f64(&recorder->pack, warning->seconds);
	pack_u32(&recorder->pack, warning->level_percent);
	pack_u64(&recorder->pack, warning->live_bytes);
	pack_u64(&recorder->pack, warning->limit_bytes);
	pack_u64(&recorder->pack, warning->used_bytes);
	pack_string(&recorder->pack, warning->limit_source);
	put(recorder, RECORD_WARNING, id);
}

void recorder_scan(struct recorder *recorder, uint32_t id, const struct scan_result *scan, double seconds, bool last)
{
	if (!recorder)
		return;
	pack_u8(&recorder->pack, last);
	pack_f64(&recorder->pack, seconds);
	scan_pack(scan, last, &recorder->pack);
	put(recorder, RECORD_SCAN, id);
}

void recorder_unscan(struct recorder *recorder, uint32_t id)
{
	if (recorder)
		put(recorder, RECORD_UNSCAN, id);
}

void recorder_judge(struct recorder *recorder, uint32_t id, bool final)
{
	if (!recorder)
		return;
	pack_u8(&recorder->pack, final);
	put(recorder, RECORD_JUDGE, id);
}

/* ---- names */

static void put_names(struct recorder *recorder)
{
	if (recorder->names.n)
		put_record(recorder, recorder->names_type, 0, 0, recorder->names.bytes, recorder->names.n);
	recorder->names.n = 0;
}

/* Begins a new record unless this name belongs to the one in the making. */
static struct pack *names_of(struct recorder *recorder, enum record_type type, const struct symbols_object *object)
{
	size_t n_id = object->build_id ? object->build_id_bytes : 0;

	if (recorder->names.n && recorder->names.n < NAMES_BYTES && recorder->names_type == type &&
	    !strcmp(recorder->names_path, object->path) && recorder->names_build_id_bytes == n_id &&
	    (!n_id || !memcmp(recorder->names_build_id, object->build_id, n_id)))
		return &recorder->names;
	put_names(recorder);
	if (n_id > sizeof(recorder->names_build_id))
		n_id = 0; /* there is none so long */
	free(recorder->names_path);
	recorder->names_path = xstrdup(object->path);
	recorder->names_build_id_bytes = n_id;
	if (n_id)
		memcpy(recorder->names_build_id, object->build_id, n_id);
	recorder->names_type = type;
	pack_string(&recorder->names, object->path);
	pack_u32(&recorder->names, (uint32_t)n_id);
	pack_bytes(&recorder->names, object->build_id, n_id);
	return &recorder->names;
}

static void on_frames(void *ctx, const struct symbols_object *object, uint64_t vaddr,
		      const struct symbols_frame *frames, size_t n)
{
	struct pack *pack = names_of(ctx, RECORD_NAMES, object);

	pack_u64(pack, vaddr);
	pack_u32(pack, (uint32_t)n);
	for (size_t i = 0; i < n; i++) {
		pack_string(pack, frames[i].function);
		pack_string(pack, frames[i].file);
		pack_string(pack, frames[i].symbol);
		pack_u32(pack, frames[i].line);
		pack_u8(pack, frames[i].inlined);
	}
}

static void on_variable(void *ctx, const struct symbols_object *object, uint64_t vaddr, const char *name,
			uint64_t offset)
{
	struct pack *pack = names_of(ctx, RECORD_VARIABLES, object);

	pack_u64(pack, vaddr);
	pack_string(pack, name);
	pack_u64(pack, offset);
}

static void on_jit(void *ctx, int pid, uint64_t addr, const char *function)
{
	struct recorder *recorder = ctx;

	put_names(recorder);
	pack_u32(&recorder->pack, (uint32_t)pid);
	pack_u64(&recorder->pack, addr);
	pack_string(&recorder->pack, function);
	put_record(recorder, RECORD_JIT, 0, 0, recorder->pack.bytes, recorder->pack.n);
	recorder->pack.n = 0;
}

void recorder_report(struct recorder *recorder, uint32_t id, struct symbols *symbols, const struct report_facts *facts)
{
	const struct symbols_listener listener = {recorder, on_frames, on_variable, on_jit};

	if (!recorder)
		return;
	symbols_tell(symbols, &listener);
	put_names(recorder);
	facts_pack(facts, &recorder->pack);
	put(recorder, RECORD_REPORT, id);
}

/* ---- the file */

static void recorder_free(struct recorder *recorder)
{
	pack_release(&recorder->pack);
	pack_release(&recorder->names);
	free(recorder->names_path);
	free(recorder->said);
	free(recorder->events);
	free(recorder);
}

/* Before the program runs: whether there can be a file where its pid leads to, unless that is another folder. */
static int check_folder(const struct recorder *recorder, struct err *err)
{
	char *pattern = xstrdup(recorder->pattern), *slash = strrchr(pattern, '/'), *folder = NULL;
	int ret = 0;

	if (slash)
		slash[slash == pattern] = '\0';
	if (!slash || !pattern_has_pid(pattern)) {
		folder = slash ? pattern_expand(pattern, &recorder->run, err) : xstrdup(".");
		ret = folder ? 0 : -1;
		/* a missing one will be made */
		if (folder && access(folder, W_OK | X_OK) && errno != ENOENT)
			ret = err_set_errno(err, errno, "cannot write the recording %s", recorder->pattern);
	}
	free(folder);
	free(pattern);
	return ret;
}

struct recorder *recorder_open(const struct options *options, const struct pattern_values *run, struct err *err)
{
	struct recorder *recorder = xcalloc(1, sizeof(*recorder));

	recorder->pattern = options->record;
	recorder->run = *run;
	recorder->no_scan = options->no_scan;
	recorder->events = xmalloc(EVENTS_BYTES + sizeof(uint64_t));
	recorder->tap = (struct intake_tap){.ctx = recorder,
					    .hello = on_hello,
					    .clock = on_clock,
					    .events = on_events,
					    .announce = on_announce,
					    .inherit = on_inherit,
					    .remark = on_remark,
					    .lose = on_lose,
					    .counters = on_counters,
					    .finish = on_finish};
	if (pattern_has_pid(recorder->pattern))
		recorder->failed = check_folder(recorder, err) != 0;
	else
		make_file(recorder, err);
	if (!recorder->failed)
		return recorder;
	recorder_free(recorder);
	return NULL;
}

const struct intake_tap *recorder_tap(const struct recorder *recorder)
{
	return recorder ? &recorder->tap : NULL;
}

uint32_t recorder_newest(const struct recorder *recorder)
{
	return recorder ? recorder->newest : 0;
}

bool recorder_flush(struct recorder *recorder, struct err *err)
{
	if (!recorder)
		return true;
	if (recorder->late.text[0]) {
		*err = recorder->late;
		recorder->late.text[0] = '\0';
		return false;
	}
	if (!recorder->writer)
		return true;
	put_events(recorder);
	record_writer_flush(recorder->writer);
	if (!record_writer_failed(recorder->writer, err))
		return true;
	recorder->failed = true;
	return false;
}

bool recorder_close(struct recorder *recorder, struct err *err)
{
	bool ok;

	if (!recorder)
		return true;
	put_record(recorder, RECORD_END, 0, 0, NULL, 0);
	if (recorder->late.text[0])
		*err = recorder->late;
	ok = record_writer_close(recorder->writer, err) == 0 && !recorder->failed;
	recorder_free(recorder);
	return ok;
}
