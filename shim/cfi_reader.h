/* Encoded pointers of .eh_frame. */
#ifndef SHIM_CFI_READER_H
#define SHIM_CFI_READER_H

#include "common/dwarf_bytes.h"

#include <stdint.h>

/* DW_EH_PE_*: the low 4 bits say the format, the next 3 what it is relative to, 0x80 that it is indirect. */
#define CFI_PE_OMIT 0xff

static inline uint64_t cfi_encoded(struct dwarf_bytes *r, uint8_t encoding, uint64_t data_base)
{
	uint64_t at = (uint64_t)(uintptr_t)r->p, v;

	switch (encoding & 0x0f) {
	case 0x00: /* absptr */
	case 0x04: /* udata8 */
	case 0x0c: /* sdata8 */
		v = dwarf_bytes_take(r, 8);
		break;
	case 0x01:
		v = dwarf_bytes_uleb(r);
		break;
	case 0x02:
		v = dwarf_bytes_take(r, 2);
		break;
	case 0x03:
		v = dwarf_bytes_take(r, 4);
		break;
	case 0x09:
		v = (uint64_t)dwarf_bytes_sleb(r);
		break;
	case 0x0a:
		v = (uint64_t)(int64_t)(int16_t)dwarf_bytes_take(r, 2);
		break;
	case 0x0b:
		v = (uint64_t)(int64_t)(int32_t)dwarf_bytes_take(r, 4);
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
