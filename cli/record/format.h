/*
 * The format of recordings (--record). Numbers are little-endian.
 *
 * A file is a row of zstd frames (RFC 8878), so that `zstd -dc` shows what is in it. The first is a skippable one,
 * RECORD_SKIPPABLE, that holds a struct record_header. Each of the others unpacks to at most RECORD_FRAME_BYTES of
 * whole records, says how many, has zstd's checksum, and needs nothing of the frames before it: after a crash all that
 * is before the last frame can be read.
 *
 * A record is a struct record_head and its payload, zero-padded to 8 bytes. Together they are what capture delivered to
 * the models of the processes, in that order, and what was found out beside it; who reads them makes the same calls,
 * and gets the same report. Payloads, unless they say otherwise, are in the packing of cli/base/pack.h, without gaps:
 *
 *   type       process  payload
 *   SESSION             i64 time of the start; string version of memwatch; u8 --no-scan
 *   HELLO      yes      u8 enum process_origin; struct wire_hello
 *   CLOCK      yes      u64 CLOCK_MONOTONIC in ns, for what follows
 *   EVENTS     yes      batches of cli/record/events.h; each is one process_apply()
 *   ANNOUNCE   yes      an EXT record of stream `stream`, as common/wire.h has it
 *   INHERIT    yes      u32 process, u32 serial of the WIRE_FORK whose state it starts with
 *   REMARK     yes      u8 whether something is missing; string
 *   LOSE       yes      u64 records, u64 bytes
 *   COUNTERS   yes      the fields of struct process_counters in their order: u64, bool u8
 *   FINISH     yes      u8 enum process_exit_kind; u32 code; u32 signal; u64 CLOCK_MONOTONIC in ns
 *   LIMIT      yes      u64 bytes; string source
 *   SAMPLE     yes      the fields of struct report_sample up to the rate, in their order: f64 seconds, u64 each
 *   WARNING    yes      f64 seconds; u32 percent; u64 live, limit, used bytes; string source
 *   SCAN       yes      u8 whether it is the last; f64 seconds when it began; then as scan_pack() makes it
 *   MORE       any      with this the payload of the next record begins: of one that is longer than
 *                       RECORD_PAYLOAD_MAX
 *   UNSCAN     yes      nothing: the last scan is not kept
 *   NAMES               string path; string build id; then, until the end, what is at an address of this file:
 *                       u64 address, u32 frames, each: string function, file, symbol; u32 line; u8 whether inlined
 *   VARIABLES           the same with: u64 address, string name, u64 offset
 *   JIT                 u32 pid; then, until the end: u64 address, string function
 *   REPORT     yes      as facts_pack() makes it: nothing more is said of this process
 *   JUDGE      yes      u8 whether for the last time: its growth was judged
 *   END                 nothing: the session has ended. What comes behind it is of another process in the same file.
 *
 * `process` is a number of its own for each program image, never used again. A change that an older reader would
 * misunderstand is a new RECORD_VERSION.
 */
#ifndef CLI_RECORD_FORMAT_H
#define CLI_RECORD_FORMAT_H

#include <stdint.h>

#define RECORD_VERSION     2u
#define RECORD_MAGIC       "memwatch"
#define RECORD_SKIPPABLE   0x184d2a57u /* of those that zstd leaves to others */
#define RECORD_FRAME_BYTES ((uint32_t)1 << 20)
#define RECORD_PAYLOAD_MAX ((uint32_t)1 << 18) /* of one record, without padding */

struct record_header {
	char magic[8]; /* RECORD_MAGIC without its NUL */
	uint32_t version;
	uint32_t wire_version; /* of ANNOUNCE */
	char made_by[16];      /* version of memwatch, NUL-padded */
};
_Static_assert(sizeof(struct record_header) == 32, "header layout");

struct record_head {
	uint32_t type;
	uint32_t payload_bytes; /* without padding */
	uint32_t process;
	uint32_t stream;
};
_Static_assert(sizeof(struct record_head) == 16, "head layout");

/* The numbers are part of the format. */
enum record_type {
	RECORD_SESSION = 1,
	RECORD_HELLO = 2,
	RECORD_CLOCK = 3,
	RECORD_EVENTS = 4,
	RECORD_INHERIT = 5,
	RECORD_REMARK = 6,
	RECORD_LOSE = 7,
	RECORD_COUNTERS = 8,
	RECORD_FINISH = 9,
	RECORD_LIMIT = 10,
	RECORD_SAMPLE = 11,
	RECORD_WARNING = 12,
	RECORD_SCAN = 13,
	RECORD_MORE = 14,
	RECORD_UNSCAN = 15,
	RECORD_NAMES = 16,
	RECORD_VARIABLES = 17,
	RECORD_JIT = 18,
	RECORD_REPORT = 19,
	RECORD_JUDGE = 20,
	RECORD_ANNOUNCE = 21,
	RECORD_END = 22,
	N_RECORD_TYPES,
};

#endif
