#include "cli/record/writer.h"

#include "cli/base/out.h"
#include "cli/base/thread.h"
#include "cli/base/xalloc.h"
#include "common/io.h"
#include "common/wire.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#define LEVEL       1
#define QUEUE_MAX   8u /* frames that wait, before the caller does */
#define STACK_BYTES ((size_t)256 << 10)

struct frame {
	uint8_t *bytes;
	size_t n;
};

struct record_writer {
	int fd;
	char *path;
	struct frame frame; /* being filled */
	bool told;          /* of the failure */
	pthread_t thread;

	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t wake;  /* the thread: there is a frame, or `closing` */
	pthread_cond_t room;  /* the caller: there is room in the queue */
	struct frame queue[QUEUE_MAX];
	size_t first, n_queued;
	uint8_t *spare[QUEUE_MAX + 2]; /* memory of frames that are written */
	size_t n_spare;
	bool closing;
	int errnum; /* of the first failure */

	/* the thread's */
	ZSTD_CCtx *zstd;
	uint8_t *packed;
	size_t packed_cap;
};

/* ---- the thread */

static int write_frame(struct record_writer *writer, const struct frame *frame)
{
	size_t need = ZSTD_compressBound(frame->n), n;

	if (writer->packed_cap < need) {
		writer->packed = xreallocarray(writer->packed, need, 1);
		writer->packed_cap = need;
	}
	n = ZSTD_compress2(writer->zstd, writer->packed, writer->packed_cap, frame->bytes, frame->n);
	if (ZSTD_isError(n))
		return ENOMEM;
	return -io_write_all(writer->fd, writer->packed, n);
}

static void *run(void *ctx)
{
	struct record_writer *writer = ctx;

	pthread_mutex_lock(&writer->lock);
	for (;;) {
		struct frame frame;
		int errnum = writer->errnum;

		while (writer->n_queued == 0 && !writer->closing)
			pthread_cond_wait(&writer->wake, &writer->lock);
		if (writer->n_queued == 0)
			break;
		frame = writer->queue[writer->first];
		pthread_mutex_unlock(&writer->lock);
		if (!errnum)
			errnum = write_frame(writer, &frame);
		pthread_mutex_lock(&writer->lock);
		writer->spare[writer->n_spare++] = frame.bytes;
		writer->errnum = errnum;
		writer->first = (writer->first + 1) % QUEUE_MAX;
		writer->n_queued--;
		pthread_cond_signal(&writer->room);
	}
	pthread_mutex_unlock(&writer->lock);
	return NULL;
}

/* ---- the caller */

void record_writer_flush(struct record_writer *writer)
{
	if (writer->frame.n == 0)
		return;
	pthread_mutex_lock(&writer->lock);
	while (writer->n_queued == QUEUE_MAX)
		pthread_cond_wait(&writer->room, &writer->lock);
	writer->queue[(writer->first + writer->n_queued++) % QUEUE_MAX] = writer->frame;
	pthread_cond_signal(&writer->wake);
	pthread_mutex_unlock(&writer->lock);
	writer->frame = (struct frame){0};
}

/* Memory that was used before need not come from the kernel, page by page. */
static uint8_t *take_spare(struct record_writer *writer)
{
	uint8_t *bytes = NULL;

	pthread_mutex_lock(&writer->lock);
	if (writer->n_spare > 0)
		bytes = writer->spare[--writer->n_spare];
	pthread_mutex_unlock(&writer->lock);
	return bytes ? bytes : xmalloc(RECORD_FRAME_BYTES);
}

static void append(struct record_writer *writer, const void *bytes, size_t n)
{
	if (n)
		memcpy(writer->frame.bytes + writer->frame.n, bytes, n);
	writer->frame.n += n;
}

static void write_record(struct record_writer *writer, enum record_type type, uint32_t process, uint32_t stream,
			 const void *payload, size_t n_bytes)
{
	static const uint8_t zeros[8];
	const struct record_head head = {
		.type = type, .payload_bytes = (uint32_t)n_bytes, .process = process, .stream = stream};
	size_t padding = -n_bytes % 8, need = sizeof(head) + n_bytes + padding;

	if (writer->frame.n + need > RECORD_FRAME_BYTES)
		record_writer_flush(writer);
	if (!writer->frame.bytes)
		writer->frame.bytes = take_spare(writer);
	append(writer, &head, sizeof(head));
	append(writer, payload, n_bytes);
	append(writer, zeros, padding);
}

void record_write(struct record_writer *writer, enum record_type type, uint32_t process, uint32_t stream,
		  const void *payload, size_t n_bytes)
{
	const uint8_t *at = payload;

	for (; n_bytes > RECORD_PAYLOAD_MAX; n_bytes -= RECORD_PAYLOAD_MAX) {
		write_record(writer, RECORD_MORE, process, 0, at, RECORD_PAYLOAD_MAX);
		at += RECORD_PAYLOAD_MAX;
	}
	write_record(writer, type, process, stream, at, n_bytes);
}

/* Signals are the caller's. Without one of ours SIGXFSZ and SIGPIPE become errors of write(), too. */
static int start_thread(struct record_writer *writer)
{
	pthread_attr_t attr;
	int errnum;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	errnum = thread_start(&writer->thread, &attr, run, writer);
	pthread_attr_destroy(&attr);
	return errnum;
}

static int write_header(const struct record_writer *writer, const char *made_by)
{
	struct {
		uint32_t magic, n_bytes;
		struct record_header header;
	} first = {.magic = RECORD_SKIPPABLE, .n_bytes = sizeof(first.header)};

	memcpy(first.header.magic, RECORD_MAGIC, sizeof(first.header.magic));
	first.header.version = RECORD_VERSION;
	first.header.wire_version = WIRE_VERSION;
	strncpy(first.header.made_by, made_by, sizeof(first.header.made_by) - 1);
	return -io_write_all(writer->fd, &first, sizeof(first));
}

static void release(struct record_writer *writer)
{
	if (writer->fd >= 0)
		close(writer->fd);
	ZSTD_freeCCtx(writer->zstd);
	pthread_mutex_destroy(&writer->lock);
	pthread_cond_destroy(&writer->wake);
	pthread_cond_destroy(&writer->room);
	free(writer->frame.bytes);
	for (size_t i = 0; i < writer->n_spare; i++)
		free(writer->spare[i]);
	free(writer->packed);
	free(writer->path);
	free(writer);
}

struct record_writer *record_writer_open(const char *path, const char *made_by, struct err *err)
{
	struct record_writer *writer = xcalloc(1, sizeof(*writer));
	int errnum = ENOMEM;

	writer->path = xstrdup(path);
	pthread_mutex_init(&writer->lock, NULL);
	pthread_cond_init(&writer->wake, NULL);
	pthread_cond_init(&writer->room, NULL);
	writer->fd = out_create(path, "recording", err);
	if (writer->fd < 0)
		goto fail;
	writer->zstd = ZSTD_createCCtx();
	if (writer->zstd) {
		ZSTD_CCtx_setParameter(writer->zstd, ZSTD_c_compressionLevel, LEVEL);
		ZSTD_CCtx_setParameter(writer->zstd, ZSTD_c_checksumFlag, 1);
		errnum = write_header(writer, made_by);
	}
	if (!errnum)
		errnum = start_thread(writer);
	if (!errnum)
		return writer;
	err_set_errno(err, errnum, "cannot write the recording to %s", path);
fail:
	release(writer);
	return NULL;
}

bool record_writer_failed(struct record_writer *writer, struct err *err)
{
	int errnum;

	if (writer->told)
		return false;
	pthread_mutex_lock(&writer->lock);
	errnum = writer->errnum;
	pthread_mutex_unlock(&writer->lock);
	if (!errnum)
		return false;
	writer->told = true;
	err_set_errno(err, errnum, "cannot write the recording to %s", writer->path);
	return true;
}

int record_writer_close(struct record_writer *writer, struct err *err)
{
	int ret;

	if (!writer)
		return 0;
	record_writer_flush(writer);
	pthread_mutex_lock(&writer->lock);
	writer->closing = true;
	pthread_cond_signal(&writer->wake);
	pthread_mutex_unlock(&writer->lock);
	pthread_join(writer->thread, NULL);
	if (close(writer->fd) < 0 && !writer->errnum)
		writer->errnum = errno;
	writer->fd = -1;
	ret = record_writer_failed(writer, err) ? -1 : 0;
	release(writer);
	return ret;
}
