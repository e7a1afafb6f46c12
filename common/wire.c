/* Frame headers and record sizes; used by both sides. Pure: no allocation, no system call. */
#include "common/wire.h"

#include <errno.h>

static uint32_t frame_check(const struct wire_frame *f)
{
	uint32_t h = f->magic ^ f->version;
	const uint32_t fields[] = {f->header_bytes, f->payload_bytes, f->pid, f->stream, f->seq, f->reserved};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		h = (h ^ fields[i]) * 0x9e3779b1u; /* Fibonacci hashing: any single change shows */
	return h ^ h >> 16;
}

void wire_frame_init(struct wire_frame *frame, uint32_t pid, uint32_t stream, uint32_t seq, uint32_t payload_bytes)
{
	frame->magic = WIRE_MAGIC;
	frame->version = WIRE_VERSION;
	frame->header_bytes = sizeof(*frame);
	frame->payload_bytes = payload_bytes;
	frame->pid = pid;
	frame->stream = stream;
	frame->seq = seq;
	frame->reserved = 0;
	frame->check = frame_check(frame);
}

int wire_frame_validate(const struct wire_frame *frame)
{
	if (frame->magic != WIRE_MAGIC)
		return -EPROTO;
	if (frame->version != WIRE_VERSION)
		return -EPROTONOSUPPORT;
	if (frame->check != frame_check(frame) || frame->header_bytes != sizeof(*frame))
		return -EPROTO;
	if (frame->payload_bytes > WIRE_PAYLOAD_MAX || frame->payload_bytes % 8)
		return -EPROTO;
	return 0;
}

int wire_record_words(const uint64_t *words, size_t n_words)
{
	/* 0: not a record; EXT is computed below */
	static const uint8_t fixed[16] = {
		[WIRE_ALLOC] = 2, [WIRE_FREE] = 1,      [WIRE_REALLOC_BEGIN] = 1, [WIRE_REALLOC_END] = 2,
		[WIRE_STAMP] = 1, [WIRE_FAIL] = 2,      [WIRE_MAP] = 3,           [WIRE_UNMAP] = 2,
		[WIRE_NODE] = 2,  [WIRE_ALLOC_BIG] = 3, [WIRE_FREE_NEAR] = 1,
		[WIRE_SAME] = 1,
	};
	size_t need;

	if (n_words == 0)
		return 0;
	if ((words[0] & 15) == WIRE_EXT)
		need = 1 + (words[0] >> 16 & 0xffff);
	else
		need = fixed[words[0] & 15];
	if (need == 0 || need > WIRE_PAYLOAD_MAX / 8)
		return -EPROTO;
	return need <= n_words ? (int)need : 0;
}

const char *wire_kind_name(unsigned kind)
{
	static const char *const names[] = {
		[WIRE_KIND_MALLOC] = "malloc",
		[WIRE_KIND_CALLOC] = "calloc",
		[WIRE_KIND_REALLOC] = "realloc",
		[WIRE_KIND_REALLOCARRAY] = "reallocarray",
		[WIRE_KIND_POSIX_MEMALIGN] = "posix_memalign",
		[WIRE_KIND_ALIGNED_ALLOC] = "aligned_alloc",
		[WIRE_KIND_MEMALIGN] = "memalign",
		[WIRE_KIND_VALLOC] = "valloc",
		[WIRE_KIND_PVALLOC] = "pvalloc",
		[WIRE_KIND_NEW] = "new",
		[WIRE_KIND_NEW_ARRAY] = "new[]",
		[WIRE_KIND_FREE] = "free",
		[WIRE_KIND_DELETE] = "delete",
		[WIRE_KIND_DELETE_ARRAY] = "delete[]",
		[WIRE_KIND_MMAP] = "mmap",
		[WIRE_KIND_MREMAP] = "mremap",
		[WIRE_KIND_MUNMAP] = "munmap",
		[WIRE_KIND_BRK] = "brk",
	};

	if (kind >= sizeof(names) / sizeof(names[0]) || !names[kind])
		return "?";
	return names[kind];
}
