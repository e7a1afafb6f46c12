#include "cli/ingest/intake.h"

#include "cli/base/xalloc.h"
#include "cli/ingest/order.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct intake {
	struct intake_hooks hooks;
	struct frames *frames;
	struct order *order;
	struct process *process;
	const struct intake_tap *tap; /* NULL = none */
	uint32_t id;
	uint64_t tsc; /* of the hello: stamps count from there */
	uint32_t n_streams;
	bool greeted; /* the first record of stream 0 was looked at */
	bool held;
	bool dropping; /* there is no process to fill */
};

static void on_events(void *ctx, const struct mem_event *events, size_t n)
{
	const struct intake *intake = ctx;

	process_apply(intake->process, events, n);
	if (intake->tap)
		intake->tap->events(intake->tap->ctx, intake->id, events, n);
}

static void on_ext(void *ctx, uint32_t stream, const uint64_t *words, size_t n_words)
{
	struct intake *intake = ctx;
	const struct intake_hooks *hooks = &intake->hooks;
	uint32_t aux = (uint32_t)(words[0] >> 32);

	process_announce(intake->process, stream, words, n_words);
	if (intake->tap)
		intake->tap->announce(intake->tap->ctx, intake->id, stream, words, n_words);
	switch (words[0] >> 8 & 0xff) {
	case WIRE_FORK:
		if (hooks->forked)
			hooks->forked(hooks->ctx, aux);
		break;
	case WIRE_EXEC:
	case WIRE_EXEC_FAILED:
		if (hooks->exec)
			hooks->exec(hooks->ctx, (words[0] >> 8 & 0xff) == WIRE_EXEC_FAILED);
		break;
	case WIRE_EXIT:
		if (hooks->exit)
			hooks->exit(hooks->ctx, (int)aux);
		break;
	case WIRE_ASK:
		if (hooks->asked)
			hooks->asked(hooks->ctx, aux);
		break;
	default:
		break;
	}
}

/* The first record of stream 0 must be a hello that can be read. */
static void greet(struct intake *intake, const uint64_t *words, size_t n_words)
{
	struct wire_hello hello;
	size_t need = 1 + sizeof(hello) / 8;

	intake->greeted = true;
	if (n_words >= need && (words[0] & 0xffff) == (WIRE_HELLO << 8 | WIRE_EXT) &&
	    (words[0] >> 16 & 0xffff) >= sizeof(hello) / 8) {
		memcpy(&hello, words + 1, sizeof(hello));
		if (hello.version == WIRE_VERSION) {
			intake->tsc = hello.tsc;
			intake->process = intake->hooks.hello(intake->hooks.ctx, &hello);
		}
	}
	intake->dropping = !intake->process;
}

static void on_payload(void *ctx, uint32_t stream, const struct decode_payload *payload, size_t from)
{
	struct intake *intake = ctx;

	if (intake->dropping)
		return;
	if (stream >= intake->n_streams)
		intake->n_streams = stream + 1;
	if (!intake->greeted && stream == 0) {
		greet(intake, payload->words, payload->n_words);
		if (intake->dropping)
			return;
	}
	if (intake->process && !intake->held && intake->n_streams == 1)
		order_through(intake->order, stream, payload, from);
	else
		order_push(intake->order, stream, payload, from);
}

struct intake *intake_new(uint32_t pid, const struct intake_hooks *hooks)
{
	struct intake *intake = xcalloc(1, sizeof(*intake));

	intake->hooks = *hooks;
	intake->n_streams = 1;
	intake->frames = frames_new(pid, &(struct frames_sink){intake, on_payload});
	intake->order = order_new(&(struct decode_sink){intake, on_events, on_ext});
	return intake;
}

void intake_free(struct intake *intake)
{
	if (!intake)
		return;
	frames_free(intake->frames);
	order_free(intake->order);
	free(intake);
}

void intake_set_tap(struct intake *intake, const struct intake_tap *tap, uint32_t id)
{
	intake->tap = tap;
	intake->id = id;
}

void intake_clock(struct intake *intake, uint64_t monotonic_ns)
{
	if (!intake->process)
		return;
	process_clock(intake->process, monotonic_ns);
	if (intake->tap)
		intake->tap->clock(intake->tap->ctx, intake->id, monotonic_ns);
}

void intake_counters(struct intake *intake, const struct process_counters *counters)
{
	if (!intake->process)
		return;
	process_set_counters(intake->process, counters);
	if (intake->tap)
		intake->tap->counters(intake->tap->ctx, intake->id, counters);
}

void intake_remark(struct intake *intake, const char *text)
{
	if (!intake->process)
		return;
	process_remark(intake->process, true, "%s", text);
	if (intake->tap)
		intake->tap->remark(intake->tap->ctx, intake->id, true, text);
}

void intake_inherit(struct intake *intake, struct process_snapshot *snapshot, uint32_t parent_id, uint32_t serial)
{
	process_inherit(intake->process, snapshot);
	if (intake->tap)
		intake->tap->inherit(intake->tap->ctx, intake->id, parent_id, serial);
}

struct process *intake_process(const struct intake *intake)
{
	return intake->process;
}

bool intake_dropped(const struct intake *intake)
{
	return intake->dropping || (!intake->process && frames_loss(intake->frames)->garbage_bytes > 0);
}

void intake_hold(struct intake *intake, bool hold)
{
	intake->held = hold;
}

bool intake_held(const struct intake *intake)
{
	return intake->held;
}

void intake_streams(struct intake *intake, uint32_t n_streams)
{
	if (n_streams > intake->n_streams)
		intake->n_streams = n_streams;
}

uint32_t intake_n_streams(const struct intake *intake)
{
	return intake->n_streams;
}

void intake_feed(struct intake *intake, const void *bytes, size_t n_bytes)
{
	frames_feed(intake->frames, bytes, n_bytes);
}

struct frames *intake_frames(struct intake *intake)
{
	return intake->frames;
}

void intake_merge(struct intake *intake, uint64_t tsc)
{
	if (!intake->process || intake->held)
		return;
	if (intake->n_streams == 1)
		order_flush(intake->order);
	else if (tsc >= intake->tsc)
		order_merge(intake->order, tsc - intake->tsc + 1);
}

void intake_flush(struct intake *intake)
{
	if (intake->process && !intake->held)
		order_flush(intake->order);
}

void intake_discard(struct intake *intake)
{
	order_discard(intake->order);
}

size_t intake_backlog(const struct intake *intake)
{
	return order_backlog(intake->order);
}

/* What the frames could not be made whole of, in words. */
static void remark_loss(struct intake *intake, const struct frames_loss *loss)
{
	char text[128];

	if (loss->other_version)
		intake_remark(intake, "The program has the shim of another version of memwatch.");
	if (loss->missing_frames) {
		snprintf(text, sizeof(text), "%" PRIu64 " part%s of the stream did not arrive.", loss->missing_frames,
			 loss->missing_frames == 1 ? "" : "s");
		intake_remark(intake, text);
	}
	if (loss->garbage_bytes) {
		snprintf(text, sizeof(text), "%" PRIu64 " bytes came through the pipe that are not of the stream.",
			 loss->garbage_bytes);
		intake_remark(intake, text);
	}
}

void intake_finish(struct intake *intake, const struct process_exit *how, uint64_t monotonic_ns)
{
	const struct frames_loss *loss = frames_loss(intake->frames);
	const struct intake_tap *tap = intake->tap;
	uint64_t bad;

	frames_end(intake->frames);
	if (!intake->process)
		return;
	intake->held = false;
	order_flush(intake->order);
	bad = order_bad_bytes(intake->order);
	remark_loss(intake, loss);
	process_lose(intake->process, loss->missing_frames, bad);
	process_finish(intake->process, how, monotonic_ns);
	if (!tap)
		return;
	if (loss->missing_frames || bad)
		tap->lose(tap->ctx, intake->id, loss->missing_frames, bad);
	tap->finish(tap->ctx, intake->id, how, monotonic_ns);
}
