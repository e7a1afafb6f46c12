/* Writable process-wide: the function that is asked at the end, by the constructor. A fork child has its parent's. */
#include "shim/lsan.h"

#include "shim/entry.h"
#include "shim/symtab.h"

#include <errno.h>
#include <string.h>

#define PIECE_BYTES 4096u
#define TEXT_MAX    (1u << 20)

typedef const char *(*say_fn)(void);
typedef int (*turned_off_fn)(void);

static turned_off_fn turned_off;

/* In pieces: a record is no longer than a chunk. */
static void tell(enum wire_ext type, const char *text)
{
	size_t n = text ? strnlen(text, TEXT_MAX) : 0;
	char piece[PIECE_BYTES + 1];

	for (size_t done = 0; done < n;) {
		size_t n_piece = n - done < PIECE_BYTES ? n - done : PIECE_BYTES;

		memcpy(piece, text + done, n_piece);
		piece[n_piece] = '\0';
		mw_track_ext(type, 0, piece);
		done += n_piece;
	}
}

void mw_lsan_init(void)
{
	static const char *const names[] = {"__lsan_default_suppressions", "__lsan_default_options",
					    "__lsan_is_turned_off"};
	uint64_t addrs[3];
	say_fn suppressions = __lsan_default_suppressions, options = __lsan_default_options;
	int errnum = errno;

	turned_off = __lsan_is_turned_off;
	if (!suppressions && !options && !turned_off) {
		mw_symtab_find("__lsan_", names, addrs, 3);
		suppressions = (say_fn)(uintptr_t)addrs[0];
		options = (say_fn)(uintptr_t)addrs[1];
		turned_off = (turned_off_fn)(uintptr_t)addrs[2];
	}
	if (suppressions)
		tell(WIRE_LSAN_SUPPRESSIONS, suppressions());
	if (options)
		tell(WIRE_LSAN_OPTIONS, options());
	errno = errnum;
}

bool mw_lsan_turned_off(void)
{
	return turned_off && turned_off();
}
