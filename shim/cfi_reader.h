/* Bytes of .eh_frame: LEB128 numbers and encoded pointers, never past `end`. */
#ifndef SHIM_CFI_READER_H
#define SHIM_CFI_READER_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct cfi_reader {
	const uint8_t *p, *end;
};

static inline uint64_t cfi_fixed(struct cfi_reader *r, unsigned n)
{
	uint64_t v = 0;

	if ((uint64_t)(r->end - r->p) < n) {
		r->p = r->end;
		return 0;
	}
	memcpy(&v, r->p, n);
	r->p += n;
	return v;
}

static inline uint64_t cfi_uleb(struct cfi_reader *r)
{
	uint64_t v = 0;
	unsigned shift = 0;

	while (r->p < r->end) {
		uint8_t byte = *r->p++;

		if (shift < 64)
			v |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
		if (!(byte & 0x80))
			break;
	}
	return v;
}

static inline int64_t cfi_sleb(struct cfi_reader *r)
{
	uint64_t v = 0;
	unsigned shift = 0;
	uint8_t byte = 0;

	while (r->p < r->end) {
		byte = *r->p++;
		if (shift < 64)
			v |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
		if (!(byte & 0x80))
			break;
	}
	if (shift < 64 && byte & 0x40)
		v |= -(UINT64_C(1) << shift);
	return (int64_t)v;
}

/* DW_EH_PE_*: the low 4 bits say the format, the next 3 what it is relative to, 0x80 that it is indirect. */
#define CFI_PE_OMIT 0xff

static inline uint64_t cfi_encoded(struct cfi_reader *r, uint8_t encoding, uint64_t data_base)
{
	uint64_t at = (uint64_t)(uintptr_t)r->p, v;

	switch (encoding & 0x0f) {
	case 0x00: /* absptr */
	case 0x04: /* udata8 */
	case 0x0c: /* sdata8 */
		v = cfi_fixed(r, 8);
		break;
	case 0x01:
		v = cfi_uleb(r);
		break;
	case 0x02:
		v = cfi_fixed(r, 2);
		break;
	case 0x03:
		v = cfi_fixed(r, 4);
		break;
	case 0x09:
		v = (uint64_t)cfi_sleb(r);
		break;
	case 0x0a:
		v = (uint64_t)(int64_t)(int16_t)cfi_fixed(r, 2);
		break;
	case 0x0b:
		v = (uint64_t)(int64_t)(int32_t)cfi_fixed(r, 4);
		break;
	default:
		return 0;
	}
	if ((encoding & 0x70) == 0x10) /* pcrel */
		v += at;
	else if ((encoding & 0x70) == 0x30) /* datarel */
		v += data_base;
	if (encoding & 0x80 && v)
		v = *(const uint64_t *)(uintptr_t)v;
	return v;
}

#endif
