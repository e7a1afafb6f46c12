/*
 * Leak verdicts: stops a process, reads its roots and its live blocks from outside, and tells for each block whether
 * the program can still get at it. Never prints. The kinds are those of Valgrind's Memcheck:
 *	reachable	pointers to starts of blocks lead to it from a root
 *	possible	it can be reached, but only through a pointer into the inside of a block
 *	definite	nothing points to it, or only what hangs on itself; of a cycle, one block
 *	indirect	held by other lost blocks only
 *
 * What is counted as a pointer and what is a root: cli/scan/sweep.h, cli/scan/roots.h.
 *
 * The result keeps some 16 bytes per block and knows blocks by index, ascending by address; what else is to be known
 * of a block (stack, kind, thread) the model has, by address.
 */
#ifndef CLI_SCAN_SCAN_H
#define CLI_SCAN_SCAN_H

#include "cli/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

struct process;

#define SCAN_NONE UINT32_MAX /* no such block, no such root */

enum scan_verdict {
	SCAN_DEFINITE,
	SCAN_INDIRECT,
	SCAN_POSSIBLE,
	SCAN_REACHABLE,
	N_SCAN_VERDICTS,
};

struct scan_request {
	int pid;
	const struct process *process;
	int scan_tid; /* waits in the shim: its registers do not count, its stack does from scan_sp on; 0 = none does */
	uint64_t scan_sp;
	uint64_t scan_fs_base; /* its thread pointer (pthread_self()); 0 = not known, and then ptrace is needed */
	/* The shim's own thread-local variable: thread pointer − its address, and its size; 0 = not known. It is no
	 * root. */
	uint64_t shim_tls_offset, shim_tls_bytes;
	/* Part of the path of a file that the program has mapped; an exec that is not known of yet has put another
	 * program in its place if it has not. NULL = that cannot be. */
	const char *landmark;
	uint64_t malloc_addr; /* the allocator is the object file that this lies in; 0 = by its name */
	bool other_pids;      /* the thread ids below are those of another PID namespace: none can be told by its id */
	bool bypassed;        /* the program's blocks are not seen: there is nothing to give verdicts of */
	int boundary_tid;     /* has left main or called exit: frames below boundary_sp are dead; 0 = none has */
	uint64_t boundary_sp;
	bool keep_edges; /* for scan_owners() */
	/* Both may be NULL. `stopped`: all threads stand still; bring the model up to date, and return whether that
	 * was possible. Left out when there can be no scan; called again when the process had to go on for a moment
	 * because blocks were just being resized. `released`: the process is not needed any more, and no thread is
	 * held by us; half of the work is still to be done. Called once, before scan_run() returns. */
	bool (*stopped)(void *ctx);
	void (*released)(void *ctx);
	/* What is to be done now and then while the process's memory is read, in the caller's thread; the model may
	 * change then. NULL = nothing. */
	void (*meanwhile)(void *ctx);
	/* Both or neither: where the process's memory may not be read from outside, it reads it itself (as `read` of
	 * struct scan_memory; the text of its /proc/self/maps, for free(), NULL if it cannot). */
	size_t (*read)(void *ctx, const struct iovec *pieces, size_t n_pieces, void *buf);
	char *(*maps)(void *ctx);
	void *ctx;
};

enum scan_root_kind {
	SCAN_ROOT_GLOBAL, /* a module's data */
	SCAN_ROOT_STACK,
	SCAN_ROOT_REGISTER,
	SCAN_ROOT_TLS,          /* thread-local storage and the C library's record of the thread */
	SCAN_ROOT_MAPPING,      /* the program's own mmap or sbrk */
	SCAN_ROOT_LOADER,       /* the block belongs to the dynamic loader; it has no address outside of it */
	SCAN_ROOT_ALLOCATOR,    /* the block belongs to an allocator like jemalloc; as above */
	SCAN_ROOT_INHERITED,    /* the block is the parent process's */
	SCAN_ROOT_REGION,       /* memory that the program wants looked through */
	SCAN_ROOT_IGNORED,      /* the program said that the block is no leak */
	SCAN_ROOT_ENDED_THREAD, /* the value of a thread that was not joined */
	N_SCAN_ROOT_KINDS,
};

/* A range of memory that was read for roots. */
struct scan_range {
	enum scan_root_kind kind;
	uint64_t start, end; /* REGISTER: of `bytes`, from 0 */
	const uint8_t
		*bytes;     /* REGISTER: general ones (struct user_regs_struct), then vector ones (XSAVE); else NULL */
	int tid;            /* STACK, REGISTER, TLS */
	const char *module; /* GLOBAL: path of the object file; else NULL */
	uint64_t bias;      /* GLOBAL: ELF virtual address = address − bias */
	uint32_t stack;     /* MAPPING: the model's stack id of the mmap */
	bool allocator_words; /* may hold addresses of glibc's free chunks: see cli/scan/sweep.h */
	bool touched_only;    /* pages that the process never touched are left out */
	bool of_file;         /* pages that cannot be read are behind the file's end: nothing can be in them */
};

/* A word that holds a block. */
struct scan_root {
	uint64_t addr;  /* REGISTER: offset in the range's bytes */
	uint32_t range; /* index into `ranges` */
};

/* A block, by value. */
struct scan_block {
	uint64_t addr, size_bytes; /* as asked for */
	enum scan_verdict verdict;
	bool inherited;  /* the parent process's: reachable, and not this process's concern */
	bool ignored;    /* by the program, or only such blocks lead to it; reachable */
	bool tagged;     /* lost, but would be reachable if pointers with tag bits (high 16, low 3) counted */
	uint32_t leader; /* INDIRECT: the definite block that it hangs on; else SCAN_NONE */
	uint32_t holder; /* REACHABLE, POSSIBLE: the block that holds it, SCAN_NONE when a root does */
	uint32_t root;   /* … index into `roots`; else SCAN_NONE */
};

struct scan_amount {
	uint64_t blocks, bytes;
};

struct blocks;
struct edges;

struct scan_result {
	bool scanned;
	char why_not[512];     /* a full phrase, when not scanned */
	bool gone;             /* … because the process had ended, whatever the phrase says */
	uint64_t pause_ns;     /* that the process stood still, from the first thread's stop to the last one's start */
	uint64_t scan_ns;      /* of the whole scan */
	uint64_t at_ns;        /* the process's time when it was read: blocks born later are not in it */
	struct blocks *blocks; /* private: scan_block_get(), scan_find() */
	size_t n_blocks;
	struct edges *edges; /* private: NULL unless they were to be kept */
	struct scan_range *ranges;
	size_t n_ranges, cap_ranges;
	struct scan_root *roots;
	size_t n_roots, cap_roots;
	struct scan_amount totals[N_SCAN_VERDICTS]; /* without inherited and ignored blocks */
	struct scan_amount ignored;
	uint64_t root_bytes, heap_bytes; /* that were read */
	uint64_t unreadable_root_bytes, unreadable_heap_bytes;
	char **problems; /* full sentences: what could not be read or stopped */
	size_t n_problems, cap_problems;
	char **strings; /* that ranges point to */
	size_t n_strings, cap_strings;
	uint8_t **buffers; /* registers */
	size_t n_buffers, cap_buffers;
};

/* Fills *result, which needs no initialisation and is to be cleared in any case. 0, also when scanning is not possible
 * here (`scanned` false, `why_not`); -1 with *err for what should not happen. */
int scan_run(const struct scan_request *request, struct scan_result *result, struct err *err);
void scan_result_clear(struct scan_result *result);

/* `index` < n_blocks. */
struct scan_block scan_block_get(const struct scan_result *result, uint32_t index);

/* Index of the block that starts at `addr`; SCAN_NONE if there is none. */
uint32_t scan_find(const struct scan_result *result, uint64_t addr);

/*
 * Which block each lost one hangs on when some blocks (`cut`, n_blocks of them) are to be told apart from the rest: a
 * definite block that is not cut and leads to it past no cut one; failing that a cut one that does. A cut block and a
 * definite one hang on themselves; blocks that are not lost have SCAN_NONE. With nothing cut, the owner of an indirect
 * block is its leader. n_blocks of them, for free(). The edges must have been kept.
 */
uint32_t *scan_owners(const struct scan_result *result, const bool *cut);

/*
 * Who holds a reachable or possible block: the blocks from the one that the root holds to `index` itself. Writes the
 * first `max` of them, returns how many there are, 0 if nothing holds it; *root is the root's index. The way is a
 * shortest one.
 */
size_t scan_chain(const struct scan_result *result, uint32_t index, uint32_t *chain, size_t max, uint32_t *root);

#endif
