/*
 * Numbers and strings as a row of bytes, little-endian and without gaps, and out of one that is not trusted: what is
 * not there reads as 0 or NULL and sets `bad`, to be looked at once at the end.
 */
#ifndef CLI_BASE_PACK_H
#define CLI_BASE_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed = empty. */
struct pack {
	uint8_t *bytes;
	size_t n, cap;
};

void pack_u8(struct pack *pack, uint8_t value);
void pack_u32(struct pack *pack, uint32_t value);
void pack_u64(struct pack *pack, uint64_t value);
void pack_f64(struct pack *pack, double value);             /* to the bit */
void pack_string(struct pack *pack, const char *s);         /* NULL stays NULL */
void pack_bytes(struct pack *pack, const void *p, size_t n); /* without their number */
void pack_release(struct pack *pack);

struct unpack {
	const uint8_t *at, *end;
	bool bad;
};

uint8_t unpack_u8(struct unpack *unpack);
uint32_t unpack_u32(struct unpack *unpack);
uint64_t unpack_u64(struct unpack *unpack);
double unpack_f64(struct unpack *unpack);

/* Where it stands, ended by NUL; NULL also when it was packed so. */
const char *unpack_string(struct unpack *unpack);

/* The next n bytes where they stand; NULL if there are fewer. */
const void *unpack_bytes(struct unpack *unpack, size_t n);

/* The next u64, if so many items of `item_bytes` can follow; else 0. */
uint64_t unpack_count(struct unpack *unpack, size_t item_bytes);

#endif
