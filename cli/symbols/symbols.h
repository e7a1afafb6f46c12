/*
 * From (object file, ELF virtual address) to functions, inlined frames, files and lines. Works after the process is
 * gone; a failure to name never is an error, it only gives less. One thread at a time.
 *
 * Object files are opened when the first address in them is asked for, and stay open (each is a descriptor or two)
 * until symbols_free(). A file cut short by somebody else while it is mapped here raises SIGBUS, as with any mapping.
 */
#ifndef CLI_SYMBOLS_SYMBOLS_H
#define CLI_SYMBOLS_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct symbols;

/* An object file as it was mapped. */
struct symbols_object {
	const char *path;        /* as the process saw it */
	const uint8_t *build_id; /* NULL when it has none */
	size_t build_id_bytes;
};

/* Strings are owned by `symbols` and live as long as it does. NULL: not known. */
struct symbols_frame {
	const char *function; /* demangled */
	const char *file;     /* absolute where the compiler said from where */
	uint32_t line;        /* 0: not known */
	bool inlined;         /* inlined into the next frame */
	const char *symbol;   /* as in the symbol table; of an inlined function the name without scope */
};

/* `without_lines` tells functions (by their name in the symbol table) whose file and line nobody wants; may be NULL. */
struct symbols *symbols_new(bool (*without_lines)(const char *function));
void symbols_free(struct symbols *symbols);

/*
 * Puts an object down whose file is to be read ahead: its symbol table, and with `lines` its debug information, which
 * else is read when it is needed. symbols_prepare_start() has that done in a thread, in this order, unless the thread
 * is still at work: then it does nothing. Whoever asks for names in the object that the thread is at waits for it, and
 * ends the work after it. Nobody else waits, symbols_free() neither.
 */
void symbols_prepare(struct symbols *symbols, const struct symbols_object *object, bool lines);
void symbols_prepare_start(struct symbols *symbols);
bool symbols_preparing(const struct symbols *symbols); /* the thread is at work */
void symbols_stop(struct symbols *symbols);            /* it ends after what it is at; does not wait */

/* What is called, again and again, by who waits for the thread; it waits a little itself. NULL: there is nothing to be
 * done meanwhile. */
void symbols_meanwhile(struct symbols *symbols, void (*meanwhile)(void *ctx), void *ctx);

/*
 * Names the code at `vaddr` (an ELF virtual address of the object: of the call, not of the return). Returns the
 * number of frames, innermost (most inlined) first, at most `max` (>= 1), and writes them to `frames`; at least 1: a
 * frame without names where nothing is known. An object whose file now has another build id is not used: its names
 * would be wrong. Answers are cached.
 */
size_t symbols_resolve(struct symbols *symbols, const struct symbols_object *object, uint64_t vaddr,
		       struct symbols_frame *frames, size_t max);

/* The global or static variable at `vaddr` and how far inside; NULL if the symbol table has none there. */
const char *symbols_variable(struct symbols *symbols, const struct symbols_object *wanted, uint64_t vaddr,
			     uint64_t *offset);

/* How many different addresses had no function name, since symbols_new(). */
uint64_t symbols_unresolved(const struct symbols *symbols);

/*
 * The function that a JIT compiler of process `pid` announced at `addr` (an absolute address) in /tmp/perf-PID.map, or
 * NULL. The file is read once per pid, and only when it is a regular file of this user or of root.
 */
const char *symbols_jit_name(struct symbols *symbols, int pid, uint64_t addr);

/*
 * Answers that can be kept elsewhere, and be given again where the files are not. Each is told once: symbols_tell()
 * tells those since the last time.
 */
struct symbols_listener {
	void *ctx;
	void (*frames)(void *ctx, const struct symbols_object *object, uint64_t vaddr,
		       const struct symbols_frame *frames, size_t n);
	void (*variable)(void *ctx, const struct symbols_object *object, uint64_t vaddr, const char *name,
			 uint64_t offset);
	void (*jit)(void *ctx, int pid, uint64_t addr, const char *function);
};
void symbols_tell(struct symbols *symbols, const struct symbols_listener *listener);

/* What is answered from here on, without a look at any file; the first answer counts. Strings are copied. */
void symbols_learn_frames(struct symbols *symbols, const struct symbols_object *object, uint64_t vaddr,
			  const struct symbols_frame *frames, size_t n);
void symbols_learn_variable(struct symbols *symbols, const struct symbols_object *object, uint64_t vaddr,
			    const char *name, uint64_t offset);
void symbols_learn_jit(struct symbols *symbols, int pid, uint64_t addr, const char *function);

/* The program may have run elsewhere, long ago: from here on only files with the right build id are looked into. */
void symbols_certain(struct symbols *symbols);

#endif
