/*
 * The record format between the shim (in the watched process) and the reporter, on the pipe, in the shared
 * buffers and in recordings. Native little-endian, made of 8-byte words.
 *
 * A process has up to SHM_MAX_STREAMS streams, each written by one thread at a time (a stream outlives its
 * thread and is then taken by a later one; a WIRE_THREAD record tells the change). A stream is a sequence of
 * chunks; a chunk is sent as one frame: a struct wire_frame and its payload, whole records only. Frames of a
 * stream carry consecutive `seq` from 0: a gap means loss. All streams of a process share one pipe, one writer
 * at a time, so that frames never interleave.
 *
 * Records are one or more words; the low 4 bits of the first are the op (enum wire_op).
 *
 *   op             words  word 0                               word 1                   word 2
 *   ALLOC          2      addr<<16 | kind<<8 | op              stack<<36 | size
 *   FREE           1      addr<<16 | kind<<8 | op
 *   REALLOC_BEGIN  1      addr<<16 | kind<<8 | op              (before the real call, addr = old block)
 *   REALLOC_END    2      addr<<16 | kind<<8 | result<<4 | op  stack<<36 | size
 *   STAMP          1      ticks<<4 | op
 *   FAIL           2      kind<<8 | op                         stack<<36 | size
 *   MAP            3      addr<<16 | kind<<8 | op              length                   stack
 *   UNMAP          2      addr<<16 | kind<<8 | op              length
 *   NODE           2      ip<<16 | flags<<8 | op               parent<<32 | id
 *   EXT            1+n    aux<<32 | n<<16 | type<<8 | op       n payload words, by type
 *   ALLOC_BIG      3      addr<<16 | kind<<8 | result<<4 | op  size                     stack<<8 | for_op
 *   FREE_NEAR      1      addr>>4<<21 | distance<<8 | (kind − WIRE_KIND_FREE)<<4 | op
 *   SAME           1      addr>>4<<21 | distance<<8 | op
 *
 * Blocks that are alike. SAME stands for an ALLOC or a REALLOC_END (WIRE_REALLOC_DONE) that differs from the one
 * `distance` words before it, in the same chunk, by its address only: most blocks are of a size and from a place that
 * were there just before. What it points at is never a SAME itself.
 *
 * Near frees. A block that is freed on the stream, and in the chunk, that its ALLOC, REALLOC_END or SAME is in, with
 * nothing about it in between, has WIRE_NEAR set in the first word of that record, and a FREE_NEAR `distance` words
 * behind it. Of most blocks the reporter so never has to keep the address. The bit is set when the free comes: who
 * reads a chunk in place may not see the one or the other yet, and takes the records as if the bit did not exist and
 * FREE_NEAR were FREE.
 *
 * ALLOC_BIG stands for an ALLOC, FAIL or REALLOC_END (`for_op`) whose size or stack does not fit the short form.
 *
 * Order. Records of one stream are in program order. Across streams: a record's time is the stream's last
 * STAMP before it (0 if none). Two records on the same address from different streams always have stamps that
 * tell their order: the shim stamps an event unless the last event on that address came from the same stream.
 * The record of an allocation is made after the real call returned, that of a free before the real call.
 * `ticks` are the process's TSC minus the one in its WIRE_HELLO plus 1.
 *
 * Stacks. A stack is the id of a node in a tree: node = (parent, ip), parent 0 = the outermost frame's parent.
 * Ids are per process, from 1. A NODE record may come in another stream than the record that uses its id,
 * and so later on the pipe; by the end of the process each used id is defined. The same (parent, ip) may get more
 * than one id. `ip` is a return address (subtract 1 to look it up) unless WIRE_NODE_EXACT is set.
 */
#ifndef COMMON_WIRE_H
#define COMMON_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WIRE_VERSION 3u
#define WIRE_MAGIC   0x4157574du /* "MWWA" in memory */

#define WIRE_ADDR_BITS  48
#define WIRE_SIZE_BITS  36
#define WIRE_STACK_BITS 28
#define WIRE_SIZE_MAX   ((UINT64_C(1) << WIRE_SIZE_BITS) - 1)
#define WIRE_STACK_MAX  ((UINT32_C(1) << WIRE_STACK_BITS) - 1)

/* Starts each frame. `check` is wire_frame_check() over the other fields. */
struct wire_frame {
	uint32_t magic;
	uint16_t version;
	uint16_t header_bytes;  /* sizeof(struct wire_frame) */
	uint32_t payload_bytes; /* a multiple of 8, at most WIRE_PAYLOAD_MAX */
	uint32_t pid;
	uint32_t stream;
	uint32_t seq; /* per stream, from 0 */
	uint32_t reserved;
	uint32_t check;
};
_Static_assert(sizeof(struct wire_frame) == 32, "frame header layout");

#define WIRE_CHUNK_BYTES 65536u
#define WIRE_PAYLOAD_MAX (WIRE_CHUNK_BYTES - (uint32_t)sizeof(struct wire_frame))

enum wire_op {
	WIRE_NONE = 0, /* never written: a zero word is corruption */
	WIRE_ALLOC = 1,
	WIRE_FREE = 2,
	WIRE_REALLOC_BEGIN = 3,
	WIRE_REALLOC_END = 4,
	WIRE_STAMP = 5,
	WIRE_FAIL = 6,
	WIRE_MAP = 7,
	WIRE_UNMAP = 8,
	WIRE_NODE = 9,
	WIRE_EXT = 10,
	WIRE_ALLOC_BIG = 11,
	WIRE_FREE_NEAR = 12,
	WIRE_SAME = 13,
};

/* Which function allocated or freed. The order is part of the format; names: wire_kind_name(). */
enum wire_kind {
	WIRE_KIND_MALLOC = 1,
	WIRE_KIND_CALLOC,
	WIRE_KIND_REALLOC,
	WIRE_KIND_REALLOCARRAY,
	WIRE_KIND_POSIX_MEMALIGN,
	WIRE_KIND_ALIGNED_ALLOC,
	WIRE_KIND_MEMALIGN,
	WIRE_KIND_VALLOC,
	WIRE_KIND_PVALLOC,
	WIRE_KIND_NEW,
	WIRE_KIND_NEW_ARRAY,
	WIRE_KIND_FREE = 32, /* free, cfree, free_sized, free_aligned_sized */
	WIRE_KIND_DELETE,
	WIRE_KIND_DELETE_ARRAY,
	WIRE_KIND_MMAP = 48,
	WIRE_KIND_MREMAP,
	WIRE_KIND_MUNMAP,
	WIRE_KIND_BRK, /* brk, sbrk */
};

/* How a realloc ended. */
enum wire_realloc {
	WIRE_REALLOC_DONE = 0,   /* addr is the block now, moved or in place */
	WIRE_REALLOC_FAILED = 1, /* the old block lives on unchanged; size is what was asked for */
	WIRE_REALLOC_FREED = 2,  /* realloc(p, 0) freed the old block and returned NULL */
};

enum wire_node_flags {
	WIRE_NODE_EXACT = 1,     /* ip is the address of an interrupted instruction, not a return address */
	WIRE_NODE_TRUNCATED = 2, /* the outermost frame seen: the walk could not go on from here */
};

/* Types of EXT records. Strings are UTF-8 or raw bytes, not terminated, zero-padded to a word; their length is `aux`.
 */
enum wire_ext {
	WIRE_HELLO = 1,         /* struct wire_hello; the first record of stream 0 */
	WIRE_EXE = 2,           /* string: the executable's path */
	WIRE_ARGV = 3,          /* string: arguments, each ended by NUL; may be cut */
	WIRE_MODULE_LOAD = 4,   /* struct wire_module, then its path; aux = length of the path */
	WIRE_MODULE_UNLOAD = 5, /* one word: the module's id */
	WIRE_THREAD = 6,        /* aux = tid of the stream's writer from here on; two words: its name, NUL-padded */
	WIRE_FORK = 7,          /* aux = serial; in the parent, just before the fork */
	WIRE_EXEC = 8,          /* string: path of the new program; in the old image, just before execve */
	WIRE_EXEC_FAILED = 9,   /* aux = errno: that exec did not happen after all */
	WIRE_EXIT = 10,         /* aux = exit status: exit or _exit was called with it */
	WIRE_SCAN = 11,         /* aux = enum shm_scan: from here on the process waits for a leak scan (shm.h) */
	WIRE_FREE_STACK = 12,   /* aux = stack of the FREE or REALLOC_BEGIN that follows in this stream; its address */
	WIRE_OPERATORS = 13,    /* operator new or delete are the program's own: their families cannot be told */
	WIRE_LSAN_SUPPRESSIONS = 14, /* string, perhaps a part: what the program's __lsan_default_suppressions() says */
	WIRE_LSAN_OPTIONS = 15,      /* … its __lsan_default_options() */
	WIRE_CONFINED = 16,     /* aux = SECCOMP_MODE_*: the last record; no system call may be made any more */
	WIRE_LSAN_OFF = 17, /* its __lsan_is_turned_off() says so, at its end: it does not wait for a leak scan */
	/* What the program says by memwatch.h. */
	WIRE_MARK = 32,          /* one word: CLOCK_MONOTONIC in ns; then a name; aux = its length */
	WIRE_SNAPSHOT = 33,      /* the same */
	WIRE_IGNORE = 34,        /* aux = 1: what is allocated on this stream is ignored from here on; 0: no longer */
	WIRE_IGNORE_OBJECT = 35, /* one word: address in a block, which is ignored from here on */
	WIRE_ROOT_REGION = 36,   /* two words: address, length of memory to look for pointers in; aux 0: no longer */
	WIRE_ASK = 37,           /* aux = serial: the process waits for an answer (shm.h) */
	WIRE_PIECE = 38,         /* two words: address, size; then the pool's name; aux = its length: given out by it */
	WIRE_PIECE_FREE = 39,    /* one word: address: … and took it back */
};

#define WIRE_NEAR            UINT64_C(0x80) /* in word 0 of an ALLOC, REALLOC_END or SAME: see "Near frees" */
#define WIRE_BACK_ADDR_BITS  47             /* addresses that FREE_NEAR and SAME can say, multiples of 16 */
#define WIRE_BACK_PLACE_BITS 13             /* words of a payload */

enum wire_start {
	WIRE_START_EXEC = 1, /* a new program image */
	WIRE_START_FORK = 2, /* a child that goes on from a fork */
};

struct wire_hello {
	uint32_t version;
	uint32_t pid;
	uint32_t ppid;
	uint32_t start;        /* enum wire_start */
	uint64_t tsc;          /* TSC that STAMP ticks count from */
	uint64_t monotonic_ns; /* CLOCK_MONOTONIC at the same moment */
	uint64_t realtime_ns;  /* CLOCK_REALTIME at the same moment */
	uint32_t parent_slot;  /* START_FORK: slot of the parent, else UINT32_MAX */
	uint32_t fork_serial;  /* START_FORK: aux of the parent's WIRE_FORK; 0 = it had no occasion to write one */
};
_Static_assert(sizeof(struct wire_hello) == 48, "hello layout");

#define WIRE_BUILD_ID_MAX 32

/* A mapped object file. An id is never used again: a module loaded anew at the same place has a new id. */
struct wire_module {
	uint32_t id; /* from 1, the order of announcement */
	uint32_t build_id_bytes;
	uint64_t bias;       /* add to an ELF virtual address to get the address in memory */
	uint64_t start, end; /* addresses: [start, end) of the whole object */
	uint8_t build_id[WIRE_BUILD_ID_MAX];
};
_Static_assert(sizeof(struct wire_module) == 64, "module layout");

static inline uint64_t wire_addr_word(enum wire_op op, uint64_t addr, unsigned kind)
{
	return addr << 16 | (uint64_t)kind << 8 | (uint64_t)op;
}

static inline uint64_t wire_size_word(uint64_t size_bytes, uint32_t stack)
{
	return (uint64_t)stack << WIRE_SIZE_BITS | size_bytes;
}

/* The words that point back, FREE_NEAR and SAME, but for the kind. The address is one that they can say, a multiple of
 * 16: its upper bits come to lie above the distance. */
static inline uint64_t wire_back_word(enum wire_op op, uint64_t addr, uint32_t distance_words)
{
	return addr << (8 + WIRE_BACK_PLACE_BITS - 4) | (uint64_t)distance_words << 8 | (uint64_t)op;
}

/* Whether they can say the address. */
static inline bool wire_back_says(uint64_t addr)
{
	return (addr & ~(((UINT64_C(1) << WIRE_BACK_ADDR_BITS) - 1) & ~UINT64_C(15))) == 0;
}

static inline uint64_t wire_back_addr(uint64_t word)
{
	return word >> (8 + WIRE_BACK_PLACE_BITS) << 4;
}

static inline uint32_t wire_back_distance(uint64_t word)
{
	return (uint32_t)(word >> 8) & ((1u << WIRE_BACK_PLACE_BITS) - 1);
}

static inline uint64_t wire_near_word(uint64_t addr, unsigned kind, uint32_t distance_words)
{
	return wire_back_word(WIRE_FREE_NEAR, addr, distance_words) | (uint64_t)(kind - WIRE_KIND_FREE) << 4;
}

static inline unsigned wire_near_kind(uint64_t word)
{
	return WIRE_KIND_FREE + (word >> 4 & 15);
}

static inline uint64_t wire_ext_word(enum wire_ext type, unsigned n_words, uint32_t aux)
{
	return (uint64_t)aux << 32 | (uint64_t)n_words << 16 | (uint64_t)type << 8 | (uint64_t)WIRE_EXT;
}

/* Fills a header for a payload of `payload_bytes`. */
void wire_frame_init(struct wire_frame *frame, uint32_t pid, uint32_t stream, uint32_t seq, uint32_t payload_bytes);

/* 0 if the header is one of this version and plausible, else -EPROTO (not a header) or -EPROTONOSUPPORT (a version
 * that this build cannot read). */
int wire_frame_validate(const struct wire_frame *frame);

/* Number of words of the record at `words` of which `n_words` are there: >= 1 when it is whole and well-formed, 0 when
 * more words are needed, -EPROTO when it is not a record. */
int wire_record_words(const uint64_t *words, size_t n_words);

/* "malloc", "new[]", …; "?" for an unknown kind. */
const char *wire_kind_name(unsigned kind);

#endif
