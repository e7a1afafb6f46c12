#include "cli/base/pack.h"

#include "cli/base/xalloc.h"

#include <stdlib.h>
#include <string.h>

void pack_bytes(struct pack *pack, const void *p, size_t n)
{
	if (n == 0)
		return;
	pack->bytes = xgrow(pack->bytes, &pack->cap, pack->n + n, 1);
	memcpy(pack->bytes + pack->n, p, n);
	pack->n += n;
}

void pack_u8(struct pack *pack, uint8_t value)
{
	pack_bytes(pack, &value, sizeof(value));
}

void pack_u32(struct pack *pack, uint32_t value)
{
	pack_bytes(pack, &value, sizeof(value));
}

void pack_u64(struct pack *pack, uint64_t value)
{
	pack_bytes(pack, &value, sizeof(value));
}

void pack_f64(struct pack *pack, double value)
{
	pack_bytes(pack, &value, sizeof(value));
}

/* Its length with the NUL, then both; 0 is NULL. */
void pack_string(struct pack *pack, const char *s)
{
	size_t n = s ? strlen(s) + 1 : 0;

	pack_u32(pack, (uint32_t)n);
	pack_bytes(pack, s, n);
}

void pack_release(struct pack *pack)
{
	free(pack->bytes);
	*pack = (struct pack){0};
}

const void *unpack_bytes(struct unpack *unpack, size_t n)
{
	const uint8_t *at = unpack->at;

	if (n > (size_t)(unpack->end - at)) {
		unpack->bad = true;
		unpack->at = unpack->end;
		return NULL;
	}
	unpack->at += n;
	return at;
}

static void take(struct unpack *unpack, void *to, size_t n)
{
	const void *from = unpack_bytes(unpack, n);

	if (from)
		memcpy(to, from, n);
}

uint8_t unpack_u8(struct unpack *unpack)
{
	uint8_t value = 0;

	take(unpack, &value, sizeof(value));
	return value;
}

uint32_t unpack_u32(struct unpack *unpack)
{
	uint32_t value = 0;

	take(unpack, &value, sizeof(value));
	return value;
}

uint64_t unpack_u64(struct unpack *unpack)
{
	uint64_t value = 0;

	take(unpack, &value, sizeof(value));
	return value;
}

double unpack_f64(struct unpack *unpack)
{
	double value = 0;

	take(unpack, &value, sizeof(value));
	return value;
}

const char *unpack_string(struct unpack *unpack)
{
	size_t n = unpack_u32(unpack);
	const char *s = n ? unpack_bytes(unpack, n) : NULL;

	if (s && (s[n - 1] || strlen(s) != n - 1)) {
		unpack->bad = true;
		return NULL;
	}
	return s;
}

uint64_t unpack_count(struct unpack *unpack, size_t item_bytes)
{
	uint64_t n = unpack_u64(unpack);

	if (n <= (uint64_t)(unpack->end - unpack->at) / item_bytes)
		return n;
	unpack->bad = true;
	unpack->at = unpack->end;
	return 0;
}
