#include "cli/symbols/dwarf_bytes.h"

#include <string.h>

uint64_t dwarf_bytes_take(struct dwarf_bytes *b, size_t n)
{
	uint64_t v = 0;

	if (dwarf_bytes_left(b) < n || n > 8) {
		dwarf_bytes_skip(b, n);
		return 0;
	}
	for (size_t i = 0; i < n; i++)
		v |= (uint64_t)b->p[i] << 8 * i;
	b->p += n;
	return v;
}

const char *dwarf_bytes_string(struct dwarf_bytes *b)
{
	const uint8_t *start = b->p;
	const uint8_t *nul = b->p < b->end ? memchr(start, 0, dwarf_bytes_left(b)) : NULL;

	b->p = nul ? nul + 1 : b->end;
	return nul ? (const char *)start : NULL;
}

const char *dwarf_bytes_string_at(const struct dwarf_bytes *b, uint64_t offset)
{
	struct dwarf_bytes rest = *b;

	dwarf_bytes_skip(&rest, offset);
	return dwarf_bytes_string(&rest);
}
