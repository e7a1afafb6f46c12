#include "cli/session/relearn.h"

#define FRAMES_MAX 256 /* of one address: as many as symbols_resolve() has */

static bool unpack_object(struct unpack *from, struct symbols_object *object)
{
	object->path = unpack_string(from);
	object->build_id_bytes = unpack_u32(from);
	object->build_id = unpack_bytes(from, object->build_id_bytes);
	if (!object->build_id_bytes)
		object->build_id = NULL;
	return !from->bad && object->path;
}

bool relearn_names(struct symbols *symbols, struct unpack *from)
{
	struct symbols_frame frames[FRAMES_MAX];
	struct symbols_object object;

	if (!unpack_object(from, &object))
		return false;
	while (from->at < from->end) {
		uint64_t vaddr = unpack_u64(from);
		uint32_t n = unpack_u32(from);

		if (n == 0 || n > FRAMES_MAX)
			return false;
		for (uint32_t i = 0; i < n; i++) {
			frames[i].function = unpack_string(from);
			frames[i].file = unpack_string(from);
			frames[i].symbol = unpack_string(from);
			frames[i].line = unpack_u32(from);
			frames[i].inlined = unpack_u8(from);
		}
		if (from->bad)
			return false;
		symbols_learn_frames(symbols, &object, vaddr, frames, n);
	}
	return true;
}

bool relearn_variables(struct symbols *symbols, struct unpack *from)
{
	struct symbols_object object;

	if (!unpack_object(from, &object))
		return false;
	while (from->at < from->end) {
		uint64_t vaddr = unpack_u64(from);
		const char *name = unpack_string(from);
		uint64_t offset = unpack_u64(from);

		if (from->bad)
			return false;
		symbols_learn_variable(symbols, &object, vaddr, name, offset);
	}
	return true;
}

bool relearn_jit(struct symbols *symbols, struct unpack *from)
{
	uint32_t pid = unpack_u32(from);

	while (from->at < from->end) {
		uint64_t addr = unpack_u64(from);
		const char *function = unpack_string(from);

		if (from->bad)
			return false;
		symbols_learn_jit(symbols, (int)pid, addr, function);
	}
	return !from->bad;
}
