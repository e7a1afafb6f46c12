/*
 * The folder of a session and the memory shared between the reporter and each watched process.
 *
 * The reporter makes a folder of mode 0700 before the program starts, holding
 *   session       one struct shm_session, mapped by everyone
 *   N.mem         one slot per watched process image: struct shm_slot, then the streams' chunks
 *   N.pipe        the slot's FIFO; the reporter has it open for reading before the slot may be taken
 *   control       the socket on which others ask about the session: cli/serve/control.h
 * The folder's path reaches every descendant in MEMWATCH_SESSION, so that nothing has to be announced before it can
 * be recovered, and a process that closed all its descriptors still finds everything by name.
 *
 * Taking a slot: index = next_slot++ in the session; if index >= slots_ready, wait on that futex until the reporter
 * has made more (or is dead: then run unwatched). The taker maps N.mem, sets `pid`, lets the session's `takers` grow,
 * so that the reporter looks, opens N.pipe for writing, then writes its WIRE_HELLO.
 *
 * A stream's chunk holds the frame header and payload that go over the pipe when the chunk is full. Until
 * then the reporter may read the chunk in place: all payload bytes below the published offset are whole records.
 * `published` = seq << 32 | offset of the end of the valid payload. The writer, after the frame `seq` has gone
 * over the pipe, publishes (seq + 1) << 32 | 0 and starts again at the chunk's begin. A reader in place reads
 * `published`, copies, and reads it again: the copy is good if seq did not change. What was read in place is
 * skipped when the frame with that seq comes over the pipe.
 *
 * Watermark (order across streams): the reporter reads the TSC as W, then for each stream `inflight`, then `published`.
 * inflight != 0 is a lower bound of a stamp that is being taken; W = min(W, inflight). All records stamped below W are
 * then below the published offsets. Partner: track_stamp() in the shim.
 *
 * Leak scan at the end: a process that is about to end (exit has run all handlers, _exit, quick_exit, abort) sets
 * scan_tid, scan_sp, then scan_request, sends a frame so that the reporter looks, and waits on the futex `scan_done`
 * until it equals scan_request. The reporter brings its model up to date, stops the process's threads, reads it, lets
 * it go, and sets scan_done. A process that does not end after all, as a handler of SIGABRT may jump out of abort, asks
 * again at its end, with the next number. boundary_tid and boundary_sp say from where on a stack belongs to frames that
 * are still alive: the stack pointer of the caller of exit, or of main's caller after main returned.
 *
 * While it waits it may be asked to read its own memory, when the reporter is not allowed to: the reporter fills in
 * `read`, sets scan_done to SHM_SCAN_READ | the number after read.done, and waits on the futex read.done until it is
 * that number. The process writes the pieces one after the other to N.mem and says how many bytes came before the first
 * that could not be read.
 *
 * The gate is a page of N.mem that the process has mapped over the word that each call tests anyway, so that it costs
 * nothing to be ready to be asked: the reporter sets a bit of `state`, the next call finds that it is not SHM_STATE_ON
 * alone, does what is asked and takes the bit away. Of a process that calls no allocation function nothing comes.
 *
 * When the pipe cannot be used (no descriptor to be had, taken away by the program), the writer sets `polled` in
 * the slot, publishes a full chunk with want_drain = seq + 1, and waits on the futex `drained` until it is >= seq + 1.
 * The reporter polls such slots and reads the chunks in place.
 */
#ifndef COMMON_SHM_H
#define COMMON_SHM_H

#include "common/wire.h"

#include <stdatomic.h>
#include <stdint.h>

#define SHM_VERSION          5u
#define SHM_SESSION_MAGIC    UINT64_C(0x53534553574d454d)
#define SHM_SLOT_MAGIC       UINT64_C(0x544f4c53574d454d)
#define SHM_SESSION_FILE     "session"
#define SHM_SLOT_MEM_SUFFIX  ".mem"
#define SHM_SLOT_PIPE_SUFFIX ".pipe"
#define SHM_PATH_MAX         200 /* of the folder, with its NUL */
#define SHM_MAX_STREAMS      16384u
#define SHM_READ_PIECES      64
#define SHM_READ_BYTES       (UINT64_C(1) << 20) /* of a request's answer */
#define SHM_SCAN_READ        0x80000000u         /* in scan_done */
#define SHM_NO_SLOT          UINT32_MAX

enum shm_flag {
	SHM_FLAG_VALIDATE = 1,           /* walk each stack with both unwinders and count differences */
	SHM_FLAG_REFERENCE_UNWINDER = 2, /* walk with libunwind only */
	SHM_FLAG_SHOW_DIFFERENCES = 8,   /* … and write the first of them to stderr */
	SHM_FLAG_SCAN = 16,              /* processes wait for a leak scan before they end */
	SHM_FLAG_NO_CHILDREN = 4,        /* --trace-children=no: children run unwatched */
	SHM_FLAG_CATCH_SIGNALS = 64,     /* fatal ones are caught, for a leak scan */
	SHM_FLAG_LAST_HEAP = 128,        /* processes say of their heap before they end (struct shm_heap) */
	SHM_FLAG_FREE_STACKS = 32,       /* each release is recorded with its stack */
};

enum shm_ask {
	SHM_ASK_STATS = 1,
	SHM_ASK_LEAKS = 2, /* a leak scan; the process goes on afterwards */
	SHM_ASK_FINAL = 3, /* the same, and there will be none at the end */
};

enum shm_state {
	SHM_STATE_ON = 1,
	SHM_STATE_OFF = 2,
	SHM_STATE_MASK = 3,
	SHM_WANT_HEAP = 4,         /* the allocator's own statistics: struct shm_heap */
	SHM_WANT_TIMES = 8,        /* the time that the next calls take: struct shm_times */
	SHM_WANT_FREE_STACKS = 16, /* set by the process itself, for SHM_FLAG_FREE_STACKS; it stays */
};

enum shm_allocator {
	SHM_ALLOCATOR_UNKNOWN = 0,
	SHM_ALLOCATOR_GLIBC = 1,
	SHM_ALLOCATOR_JEMALLOC = 2,
	SHM_ALLOCATOR_TCMALLOC = 3,
	SHM_ALLOCATOR_MIMALLOC = 4,
};

/* Which of shm_heap.values is what, by allocator. Bytes unless it says otherwise. */
enum shm_glibc { /* mallinfo2; arenas and the maximum are malloc_info's */
		 SHM_GLIBC_ARENA,
		 SHM_GLIBC_HBLKHD,
		 SHM_GLIBC_UORDBLKS,
		 SHM_GLIBC_FORDBLKS,
		 SHM_GLIBC_FSMBLKS,
		 SHM_GLIBC_KEEPCOST,
		 SHM_GLIBC_N_ARENAS, /* a count */
		 SHM_GLIBC_SYSTEM_MAX,
};
enum shm_jemalloc { /* mallctl */
		    SHM_JEMALLOC_ALLOCATED,
		    SHM_JEMALLOC_ACTIVE,
		    SHM_JEMALLOC_METADATA,
		    SHM_JEMALLOC_RESIDENT,
		    SHM_JEMALLOC_MAPPED,
		    SHM_JEMALLOC_RETAINED,
		    SHM_JEMALLOC_TCACHE,
		    SHM_JEMALLOC_DIRTY_NPURGE, /* a count */
		    SHM_JEMALLOC_MUZZY_NPURGE, /* a count */
		    SHM_JEMALLOC_N_ARENAS,     /* a count */
};
enum shm_tcmalloc { /* MallocExtension_GetNumericProperty */
		    SHM_TCMALLOC_ALLOCATED,
		    SHM_TCMALLOC_HEAP_SIZE,
		    SHM_TCMALLOC_PAGEHEAP_FREE,
		    SHM_TCMALLOC_PAGEHEAP_UNMAPPED,
		    SHM_TCMALLOC_THREAD_CACHES,
};
enum shm_mimalloc { /* mi_process_info */
		    SHM_MIMALLOC_COMMIT,
		    SHM_MIMALLOC_PEAK_COMMIT,
};

enum shm_scan {
	SHM_SCAN_EXIT = 1,            /* exit ran its handlers, or main returned */
	SHM_SCAN_UNDERSCORE_EXIT = 2, /* _exit or _Exit */
	SHM_SCAN_QUICK_EXIT = 3,
	SHM_SCAN_ABORT = 4,  /* abort, or a failed assert */
	SHM_SCAN_SIGNAL = 5, /* it sends itself a signal that kills it */
	SHM_SCAN_DAEMON = 6, /* daemon: a child goes on in its place */
	SHM_SCAN_WHY = 0xff, /* their mask in scan_request */
};

struct shm_session {
	uint64_t magic;
	uint32_t version;
	uint32_t reporter_pid;
	uint32_t flags;               /* enum shm_flag */
	uint32_t depth;               /* frames kept of a stack */
	_Atomic uint32_t next_slot;   /* taken by processes */
	_Atomic uint32_t slots_ready; /* futex; grown by the reporter */
	uint64_t hard_limit;          /* live bytes beyond which a process's allocations fail; 0 = none */
	uint32_t n_filters;           /* of seccomp, that the reporter itself is under */
	uint32_t pad;
	uint64_t pid_ns; /* of the reporter: inode of its PID namespace, 0 = not known */
	_Atomic uint32_t takers; /* futex; grows when a process has taken a slot, or begins to wait for one */
	uint8_t reserved[4096 - 60];
};
_Static_assert(sizeof(struct shm_session) == 4096, "session layout");

/* What the program asked for by memwatch.h. Bytes as the program asked for them. */
struct shm_answer {
	uint64_t live_bytes, live_blocks;
	uint64_t allocated_bytes, freed_bytes;
	uint64_t allocations, frees, failed_allocations;
	uint64_t peak_live_bytes;
	uint64_t inherited_live_bytes, inherited_live_blocks; /* the parent's at the fork, not freed since */
	uint64_t piece_bytes, piece_blocks;                   /* given out by the program's own pools */
	uint64_t scanned;                                     /* 1: the rest holds */
	uint64_t definite_blocks, definite_bytes;
	uint64_t indirect_blocks, indirect_bytes;
	uint64_t possible_blocks, possible_bytes;
	uint64_t reachable_blocks, reachable_bytes;
	uint64_t ignored_blocks, ignored_bytes;
};

/*
 * A question that the process waits for the answer of, one at a time. The asker sets the place where it waits, then
 * `asked` (serial << 8 | enum shm_ask), then puts a WIRE_ASK with the serial in its stream and sends the frame. The
 * reporter answers when it has come to that record: it fills in `answer`, then sets the futex `answered` to the serial.
 */
struct shm_question {
	_Atomic uint32_t asked;
	_Atomic uint32_t answered;
	_Atomic uint32_t tid;
	uint32_t pad;
	uint64_t sp, fs_base; /* of tid; its callee-saved registers are at sp and above */
	struct shm_answer answer;
	uint8_t reserved[512 - 32 - sizeof(struct shm_answer)];
};
_Static_assert(sizeof(struct shm_question) == 512, "question layout");

/* A request to the process that waits for a scan to read its own memory; see above. */
struct shm_read {
	_Atomic uint32_t done; /* futex, by the process: number of the last request that was answered */
	uint32_t n_pieces;     /* 0: its /proc/self/maps */
	uint64_t n_bytes;      /* that are in N.mem, at shm_read_offset() */
	struct shm_piece {
		uint64_t addr, n_bytes;
	} pieces[SHM_READ_PIECES];
};

/* One writer's state; a cache line that the writer owns, and one of rarely touched words. */
struct shm_stream {
	_Atomic uint64_t published; /* seq << 32 | payload bytes valid in the chunk */
	_Atomic uint64_t inflight;  /* 0, or a TSC below the stamp being taken */
	_Atomic uint32_t tid;       /* of the thread that has the stream, 0 = none */
	uint32_t pad0[11];
	_Atomic uint32_t want_drain; /* polled slots: seq + 1 of the full chunk, 0 = none */
	_Atomic uint32_t drained;    /* futex, by the reporter: chunks below this seq are read */
	uint32_t pad1[14];
};
_Static_assert(sizeof(struct shm_stream) == 128, "stream layout");

struct shm_slot {
	uint64_t magic;
	uint32_t version;
	_Atomic uint32_t pid;        /* 0 until taken */
	_Atomic uint32_t n_streams;  /* streams ever used: [0, n_streams) have a chunk */
	_Atomic uint32_t polled;     /* 1: drain by reading in place, see above */
	_Atomic uint64_t shim_bytes; /* memory that the shim holds in this process */
	_Atomic uint64_t truncated_stacks;
	_Atomic uint64_t lost_records;     /* calls that could not be recorded */
	_Atomic uint64_t slow_stacks;      /* walked by the fallback unwinder */
	_Atomic uint64_t checked_stacks;   /* validation mode: compared */
	_Atomic uint64_t differing_stacks; /* validation mode: differences */
	_Atomic uint32_t scan_request;     /* number << 8 | enum shm_scan; 0 = none */
	_Atomic uint32_t scan_done;        /* futex, by the reporter */
	_Atomic uint32_t scan_tid;         /* the thread that waits */
	uint32_t boundary_tid;             /* the thread that left main or called exit, 0 = none */
	uint64_t scan_sp;                  /* … and the stack pointer of its caller */
	uint64_t boundary_sp;
	uint64_t scan_fs_base; /* thread pointer of scan_tid */
	/* The shim's thread-local words: thread pointer − their address, and their size. Set before `pid`. */
	uint64_t tls_offset, tls_bytes;
	uint64_t malloc_addr; /* of the allocator's malloc, which tells its object file; 0 = not known */
	uint32_t bypassed;    /* 1: the program defines malloc itself, so that little of what it does is seen */
	_Atomic uint32_t hard_limit_failed;   /* 1: it could not be kept, see shim/limit.c */
	_Atomic uint64_t refused_allocations; /* beyond the hard limit */
	uint64_t pid_ns; /* inode of the PID namespace that `pid` is a number of, 0 = not known; set before `pid` */
	struct shm_question question;
	struct shm_read read;
	uint8_t reserved[4096 - 672 - sizeof(struct shm_read)];
	struct shm_stream streams[SHM_MAX_STREAMS];
};
_Static_assert(sizeof(struct shm_slot) == 4096 + 128 * (size_t)SHM_MAX_STREAMS, "slot layout");

#define SHM_HEAP_VALUES 12

/* What the process's allocator says of itself. Written by one process at a time; the reader takes it when `serial` is
 * even, and has not changed afterwards. */
struct shm_heap {
	_Atomic uint32_t serial;     /* futex; odd while it is being written */
	uint32_t allocator;          /* enum shm_allocator */
	uint32_t known;              /* set of 1 << index into values; 0: it could not be had */
	_Atomic uint32_t child_done; /* futex, between the process and the child that asks the allocator */
	uint64_t monotonic_ns;       /* when it was taken … */
	uint64_t held_ns;            /* … and for how long that held the program up */
	uint64_t values[SHM_HEAP_VALUES];
	char version[32]; /* of the allocator; "" = not known */
};

#define SHM_TIME_CLASSES 128
#define SHM_TIMED_CALLS  32u /* at once, behind SHM_WARM_CALLS that are done in the same way but not counted */
#define SHM_WARM_CALLS   8u

/* How long calls of the allocator took, in ticks of the TSC: class 4 k + m has [2^k (1 + m/4), 2^k (1 + (m + 1)/4)). */
struct shm_times {
	_Atomic uint32_t skip; /* calls that are not timed before those that are; set by the reporter */
	_Atomic uint32_t left; /* calls still to be timed, warming up included; set by the reporter */
	_Atomic uint64_t calls, ticks, most_ticks;
	_Atomic uint64_t own_ticks; /* what memwatch took in the same calls */
	_Atomic uint32_t classes[SHM_TIME_CLASSES];
};

struct shm_gate {
	_Atomic uint32_t state; /* enum shm_state; 0 = it has not attached yet */
	_Atomic uint32_t gaps;  /* by the reporter: about how many free blocks a walk through the heap would meet */
	struct shm_heap heap;
	struct shm_times times;
	uint8_t reserved[4096 - 8 - sizeof(struct shm_heap) - sizeof(struct shm_times)];
};
_Static_assert(sizeof(struct shm_gate) == 4096, "gate layout");

/* Offset in N.mem of stream `i`'s chunk (a struct wire_frame, then the payload). */
static inline uint64_t shm_chunk_offset(uint32_t i)
{
	return sizeof(struct shm_slot) + (uint64_t)i * WIRE_CHUNK_BYTES;
}

/* Where the answer to a struct shm_read is. */
static inline uint64_t shm_read_offset(void)
{
	return shm_chunk_offset(SHM_MAX_STREAMS);
}

/* Where the gate is. */
static inline uint64_t shm_gate_offset(void)
{
	return shm_read_offset() + SHM_READ_BYTES;
}

/* Size of N.mem; sparse, only what is touched takes memory. */
static inline uint64_t shm_slot_file_bytes(void)
{
	return shm_gate_offset() + sizeof(struct shm_gate);
}

#endif
