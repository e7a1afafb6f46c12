/*
 * Reading numbers and strings of DWARF, of .eh_frame too, from bytes that need not be right, little-endian. Reading
 * beyond the end gives zeros, and p == end from there on. Plain data.
 */
#ifndef COMMON_DWARF_BYTES_H
#define COMMON_DWARF_BYTES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct dwarf_bytes {
	const uint8_t *p, *end;
};

static inline size_t dwarf_bytes_left(const struct dwarf_bytes *b)
{
	return (size_t)(b->end - b->p);
}

static inline void dwarf_bytes_skip(struct dwarf_bytes *b, uint64_t n)
{
	b->p = n < dwarf_bytes_left(b) ? b->p + n : b->end;
}

static inline uint64_t dwarf_bytes_uleb(struct dwarf_bytes *b)
{
	uint64_t v = 0;

	for (unsigned shift = 0; b->p < b->end; shift += 7) {
		uint8_t byte = *b->p++;

		if (shift < 64)
			v |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			break;
	}
	return v;
}

static inline int64_t dwarf_bytes_sleb(struct dwarf_bytes *b)
{
	const uint8_t *start = b->p;
	uint64_t v = dwarf_bytes_uleb(b);
	size_t bits = (size_t)(b->p - start) * 7;

	if (b->p > start && b->p[-1] & 0x40 && bits < 64)
		v |= ~(uint64_t)0 << bits;
	return (int64_t)v;
}

/* A number of `n` bytes; more than eight are skipped, and give 0. */
static inline uint64_t dwarf_bytes_take(struct dwarf_bytes *b, size_t n)
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

/* A string with its NUL, which stays where it is; NULL: none ends here. */
static inline const char *dwarf_bytes_string(struct dwarf_bytes *b)
{
	const uint8_t *start = b->p;
	const uint8_t *nul = b->p < b->end ? memchr(start, 0, dwarf_bytes_left(b)) : NULL;

	b->p = nul ? nul + 1 : b->end;
	return nul ? (const char *)start : NULL;
}

/* The one that begins `offset` bytes on. */
static inline const char *dwarf_bytes_string_at(const struct dwarf_bytes *b, uint64_t offset)
{
	struct dwarf_bytes rest = *b;

	dwarf_bytes_skip(&rest, offset);
	return dwarf_bytes_string(&rest);
}

#endif
