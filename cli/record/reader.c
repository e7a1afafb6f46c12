#include "cli/record/reader.h"

#include "cli/base/pack.h"
#include "cli/base/xalloc.h"
#include "common/io.h"
#include "common/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>
#include <zstd_errors.h>

#define SKIPPABLE_BYTES (8 + sizeof(struct record_header))

struct record_reader {
	int fd;
	char *path;
	uint8_t *in; /* as in the file: [at, n) is still to be read */
	size_t at, n, cap;
	uint64_t offset; /* of in[at] in the file */
	bool eof, cut;
	uint8_t *frame; /* unpacked; a record is at `used` */
	size_t used, n_frame;
	struct pack joined; /* of the last record, if it came in pieces */
	ZSTD_DCtx *zstd;
};

int record_damaged(const struct record_reader *reader, const char *how, struct err *err)
{
	return err_set(err, "the recording %s is damaged at byte %" PRIu64 ": %s", reader->path, reader->offset, how);
}

/* Has as much as fits in memory, unless the file ends before. */
static int fill(struct record_reader *reader, struct err *err)
{
	memmove(reader->in, reader->in + reader->at, reader->n - reader->at);
	reader->n -= reader->at;
	reader->at = 0;
	while (!reader->eof && reader->n < reader->cap) {
		ssize_t got = io_read_some(reader->fd, reader->in + reader->n, reader->cap - reader->n);

		if (got < 0)
			return err_set_errno(err, (int)-got, "cannot read the recording %s", reader->path);
		reader->eof = got == 0;
		reader->n += (size_t)got;
	}
	return 0;
}

static bool is_header(const uint8_t *bytes, size_t n, struct record_header *header)
{
	const uint32_t begin[2] = {RECORD_SKIPPABLE, sizeof(*header)};

	if (n < SKIPPABLE_BYTES || memcmp(bytes, begin, sizeof(begin)) != 0)
		return false;
	memcpy(header, bytes + sizeof(begin), sizeof(*header));
	return memcmp(header->magic, RECORD_MAGIC, sizeof(header->magic)) == 0;
}

static int check_versions(const struct record_reader *reader, const struct record_header *header, struct err *err)
{
	if (header->version == RECORD_VERSION && header->wire_version == WIRE_VERSION)
		return 0;
	return err_set(err,
		       "the recording %s was made by memwatch %.*s in version %u.%u of the format, and this is %u.%u; "
		       "use memwatch %.*s",
		       reader->path, (int)sizeof(header->made_by), header->made_by, header->version,
		       header->wire_version, RECORD_VERSION, WIRE_VERSION, (int)sizeof(header->made_by),
		       header->made_by);
}

static int read_header(struct record_reader *reader, struct err *err)
{
	struct record_header header;

	if (fill(reader, err))
		return -1;
	if (is_header(reader->in, reader->n, &header)) {
		reader->at = reader->offset = SKIPPABLE_BYTES;
		return check_versions(reader, &header, err);
	}
	if (reader->n == 0)
		return err_set(err, "%s is empty: it holds no recording", reader->path);
	if (reader->in[0] == '{')
		return err_set(err, "%s is no recording of memwatch; it looks like a JSON report", reader->path);
	return err_set(err, "%s is no recording of memwatch", reader->path);
}

bool record_is(const char *path)
{
	uint8_t bytes[SKIPPABLE_BYTES];
	struct record_header header;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = fd < 0 ? 0 : pread(fd, bytes, sizeof(bytes), 0); /* a pipe fails */

	if (fd >= 0)
		close(fd);
	return n > 0 && is_header(bytes, (size_t)n, &header);
}

struct record_reader *record_reader_open(const char *path, struct err *err)
{
	struct record_reader *reader = xcalloc(1, sizeof(*reader));

	reader->path = xstrdup(path);
	reader->cap = ZSTD_compressBound(RECORD_FRAME_BYTES) + SKIPPABLE_BYTES;
	reader->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (reader->fd < 0) {
		err_set_errno(err, errno, "cannot read the recording %s", path);
		goto fail;
	}
	reader->in = xmalloc(reader->cap);
	reader->frame = xmalloc(RECORD_FRAME_BYTES);
	reader->zstd = ZSTD_createDCtx();
	if (!reader->zstd)
		err_set_errno(err, ENOMEM, "cannot read the recording %s", path);
	else if (read_header(reader, err) == 0)
		return reader;
fail:
	record_reader_close(reader);
	return NULL;
}

void record_reader_close(struct record_reader *reader)
{
	if (!reader)
		return;
	if (reader->fd >= 0)
		close(reader->fd);
	ZSTD_freeDCtx(reader->zstd);
	pack_release(&reader->joined);
	free(reader->in);
	free(reader->frame);
	free(reader->path);
	free(reader);
}

/* Length of the frame at `at`, all of which is there then; 0 at the end; -1. */
static int64_t frame_bytes(struct record_reader *reader, struct err *err)
{
	for (bool full = false;; full = true) {
		size_t n = reader->n - reader->at, packed = ZSTD_findFrameCompressedSize(reader->in + reader->at, n);

		if (n && !ZSTD_isError(packed))
			return (int64_t)packed;
		if (n && ZSTD_getErrorCode(packed) != ZSTD_error_srcSize_wrong)
			return record_damaged(reader, "no part of it begins there", err);
		if (full && !reader->eof)
			return record_damaged(reader, "a part is too long", err);
		if (full) {
			reader->cut = n > 0;
			return 0;
		}
		if (fill(reader, err))
			return -1;
	}
}

/* Unpacks the frame at `at`. 1, 0 at the end, -1. */
static int next_frame(struct record_reader *reader, struct err *err)
{
	int64_t packed = frame_bytes(reader, err);
	const uint8_t *at = reader->in + reader->at;
	size_t n;

	if (packed <= 0)
		return (int)packed;
	if (ZSTD_getFrameContentSize(at, (size_t)packed) > RECORD_FRAME_BYTES) /* or it is not said */
		return record_damaged(reader, "a part is too large", err);
	n = ZSTD_decompressDCtx(reader->zstd, reader->frame, RECORD_FRAME_BYTES, at, (size_t)packed);
	if (ZSTD_isError(n))
		return record_damaged(reader, ZSTD_getErrorName(n), err);
	reader->n_frame = n;
	reader->used = 0;
	reader->at += (size_t)packed;
	reader->offset += (uint64_t)packed;
	return 1;
}

/* The next piece, with its payload in the frame. */
static int next_piece(struct record_reader *reader, struct record_head *head, const uint8_t **payload, struct err *err)
{
	size_t padded;

	while (reader->used == reader->n_frame) {
		int ret = next_frame(reader, err);

		if (ret <= 0)
			return ret;
	}
	if (reader->n_frame - reader->used < sizeof(*head))
		return record_damaged(reader, "half a record", err);
	memcpy(head, reader->frame + reader->used, sizeof(*head));
	reader->used += sizeof(*head);
	padded = ((size_t)head->payload_bytes + 7) & ~(size_t)7;
	if (head->payload_bytes > RECORD_PAYLOAD_MAX || padded > reader->n_frame - reader->used)
		return record_damaged(reader, "a record that is longer than its part", err);
	if (head->type == 0 || head->type >= N_RECORD_TYPES)
		return record_damaged(reader, "a record of a type that is not known", err);
	*payload = reader->frame + reader->used;
	reader->used += padded;
	return 1;
}

int record_read(struct record_reader *reader, struct record *record, struct err *err)
{
	struct record_head head;
	const uint8_t *payload = NULL;
	int ret;

	reader->joined.n = 0;
	while ((ret = next_piece(reader, &head, &payload, err)) > 0 && head.type == RECORD_MORE)
		pack_bytes(&reader->joined, payload, head.payload_bytes);
	if (ret <= 0) {
		reader->cut |= ret == 0 && reader->joined.n;
		return ret;
	}
	*record = (struct record){.type = (enum record_type)head.type,
				  .process = head.process,
				  .stream = head.stream,
				  .payload = payload,
				  .n_bytes = head.payload_bytes};
	if (reader->joined.n) {
		pack_bytes(&reader->joined, payload, head.payload_bytes);
		record->payload = reader->joined.bytes;
		record->n_bytes = reader->joined.n;
	}
	return 1;
}

bool record_reader_cut(const struct record_reader *reader)
{
	return reader->cut;
}
