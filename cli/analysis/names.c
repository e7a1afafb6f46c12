#include "cli/analysis/names.h"

#include "cli/analysis/origin.h"
#include "cli/base/xalloc.h"

#include <stdlib.h>
#include <string.h>

#define MAX_INLINED 128 /* frames of one address */

/* What one address in one object file resolves to. */
struct site {
	const char *module; /* of the store, so that pointers tell */
	const char *build_id;
	uint64_t offset;
	const struct report_frame *const *frames;
	const bool *allocates; /* of each frame: it is the allocator's, or the shim's */
	size_t n_frames;
	bool in_shim;
};

struct names_module {
	bool known;
	const char *path; /* NULL: it has none */
	const char *build_id;
};

struct names {
	const struct process *process;
	const char *exe;
	struct symbols *symbols;
	struct store *store;
	struct site *sites;
	size_t n_sites, cap_sites;
	uint32_t *slots;   /* open addressing: index of a site + 1; 0 = free */
	size_t n_slots;    /* a power of two */
	uint32_t *site_of; /* by id of the stacks: index of a site + 1; 0 = not looked up */
	size_t n_ids;
	uint64_t changes;             /* of the stacks, when that began */
	struct names_module *modules; /* by index */
	size_t n_modules;
	const struct report_frame **frames; /* of the last stack */
	size_t cap_frames;
	uint32_t walk[STACKS_WALK_MAX];
};

struct names *names_new(const struct process *process, const char *exe, struct symbols *symbols, struct store *store)
{
	struct names *names = xcalloc(1, sizeof(*names));

	names->process = process;
	names->exe = exe;
	names->symbols = symbols;
	names->store = store;
	names->n_slots = 256;
	names->slots = xcalloc(names->n_slots, sizeof(*names->slots));
	names->n_modules = modules_count(process->modules) + (size_t)1;
	names->modules = xcalloc(names->n_modules, sizeof(*names->modules));
	return names;
}

void names_free(struct names *names)
{
	if (!names)
		return;
	free(names->sites);
	free(names->slots);
	free(names->site_of);
	free(names->modules);
	free(names->frames);
	free(names);
}

static const char *hex_string(struct store *store, const uint8_t *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	char hex[2 * WIRE_BUILD_ID_MAX + 1];

	if (n == 0 || n > WIRE_BUILD_ID_MAX)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		hex[2 * i] = digits[bytes[i] >> 4];
		hex[2 * i + 1] = digits[bytes[i] & 15];
	}
	hex[2 * n] = '\0';
	return store_string(store, hex);
}

/* Makes room for the modules that were loaded meanwhile. */
static void names_grow_modules(struct names *names)
{
	size_t n = modules_count(names->process->modules) + (size_t)1;

	names->modules = xreallocarray(names->modules, n, sizeof(*names->modules));
	memset(names->modules + names->n_modules, 0, (n - names->n_modules) * sizeof(*names->modules));
	names->n_modules = n;
}

/* NULL when there is no such module. Valid until the next call. */
static const struct names_module *names_module(struct names *names, uint32_t index)
{
	const struct module *module = modules_get(names->process->modules, index);
	struct names_module *known;

	if (!module)
		return NULL;
	if (index >= names->n_modules)
		names_grow_modules(names);
	known = &names->modules[index];
	if (!known->known) {
		known->known = true;
		known->path = module->path && module->path[0] ? store_string(names->store, module->path) : NULL;
		known->build_id = hex_string(names->store, module->build_id, module->build_id_bytes);
	}
	return known;
}

void names_module_strings(struct names *names, uint32_t index, const char **path, const char **build_id)
{
	const struct names_module *known = names_module(names, index);

	*path = known ? known->path : NULL;
	*build_id = known ? known->build_id : NULL;
}

static uint32_t *site_slot(const struct names *names, const struct site *key)
{
	uint64_t h = (uint64_t)(uintptr_t)key->module * 31 + (uint64_t)(uintptr_t)key->build_id + key->offset;
	size_t mask = names->n_slots - 1;
	size_t i;

	h *= UINT64_C(0x9e3779b97f4a7c15); /* Fibonacci hashing: the high bits are the mixed ones */
	for (i = h >> 32 & mask; names->slots[i]; i = (i + 1) & mask) {
		const struct site *site = &names->sites[names->slots[i] - 1];

		if (site->offset == key->offset && site->module == key->module && site->build_id == key->build_id)
			break;
	}
	return &names->slots[i];
}

static void names_grow(struct names *names)
{
	free(names->slots);
	names->n_slots *= 2;
	names->slots = xcalloc(names->n_slots, sizeof(*names->slots));
	for (size_t i = 0; i < names->n_sites; i++)
		*site_slot(names, &names->sites[i]) = (uint32_t)i + 1;
}

static size_t resolve(struct names *names, const struct module *module, uint64_t offset, struct symbols_frame *found)
{
	const struct symbols_object object = {
		.path = module ? module->path : NULL,
		.build_id = module && module->build_id_bytes ? module->build_id : NULL,
		.build_id_bytes = module ? module->build_id_bytes : 0,
	};

	if (module && module->path && module->path[0])
		return symbols_resolve(names->symbols, &object, offset, found, MAX_INLINED);
	found[0] = (struct symbols_frame){0};
	if (!module)
		found[0].function = symbols_jit_name(names->symbols, names->process->pid, offset);
	return 1;
}

static bool frame_is_system(const struct report_frame *frame, const char *exe)
{
	return (frame->module && origin_module_is_system(frame->module, exe)) ||
	       (frame->function && origin_function_is_runtime(frame->function)) ||
	       (frame->file && origin_file_is_system(frame->file));
}

static bool frame_allocates(const struct report_frame *frame)
{
	return frame->function && origin_function_allocates(frame->function);
}

static void site_fill(struct names *names, const struct module *module, struct site *site)
{
	struct symbols_frame found[MAX_INLINED];
	size_t n = resolve(names, module, site->offset, found);
	struct report_frame *frames = store_alloc(names->store, n, sizeof(*frames));
	const struct report_frame **pointers = store_alloc(names->store, n, sizeof(*pointers));
	bool *allocates = store_alloc(names->store, n, sizeof(*allocates));

	site->in_shim = site->module && origin_module_is_shim(site->module);
	for (size_t i = 0; i < n; i++) {
		frames[i] = (struct report_frame){
			.function = store_string(names->store, found[i].function),
			.symbol = store_string(names->store, found[i].symbol),
			.file = store_string(names->store, found[i].file),
			.line = found[i].line,
			.module = site->module,
			.build_id = site->build_id,
			.offset = site->offset,
			.inlined = found[i].inlined,
		};
		frames[i].system = frame_is_system(&frames[i], names->exe);
		allocates[i] = site->in_shim || frame_allocates(&frames[i]);
		pointers[i] = &frames[i];
	}
	site->frames = pointers;
	site->allocates = allocates;
	site->n_frames = n;
}

/* The number of the site, from 1 on. */
static uint32_t names_site(struct names *names, const struct stack_frame *frame)
{
	const struct names_module *known = names_module(names, frame->module);
	const struct module *module = known ? modules_get(names->process->modules, frame->module) : NULL;
	struct site key = {0};
	uint32_t *slot;

	/* A return address is behind its call, which may be the last instruction of the function. */
	key.offset = frame->flags & WIRE_NODE_EXACT ? frame->ip : frame->ip - 1;
	if (known) {
		key.module = known->path;
		key.build_id = known->build_id;
		key.offset -= module->bias;
	}
	slot = site_slot(names, &key);
	if (*slot)
		return *slot;
	if ((names->n_sites + 1) * 4 > names->n_slots * 3) {
		names_grow(names);
		slot = site_slot(names, &key);
	}
	site_fill(names, module, &key);
	names->sites = xgrow(names->sites, &names->cap_sites, names->n_sites + 1, sizeof(*names->sites));
	names->sites[names->n_sites++] = key;
	return *slot = (uint32_t)names->n_sites;
}

/* Most of it is never touched, of which a zeroed array takes no memory. */
static void names_grow_ids(struct names *names, uint32_t id)
{
	size_t n = id < 2 * names->n_ids ? 2 * names->n_ids : (size_t)stacks_max(names->process->stacks) + 1;
	uint32_t *longer;

	if (n <= id)
		n = (size_t)id + 1;
	longer = xcalloc(n, sizeof(*longer));
	if (names->n_ids)
		memcpy(longer, names->site_of, names->n_ids * sizeof(*longer));
	free(names->site_of);
	names->site_of = longer;
	names->n_ids = n;
}

/* Of a frame, by its id: a frame is in many stacks. Valid until the next call. */
static const struct site *site_of(struct names *names, uint32_t id)
{
	if (id >= names->n_ids)
		names_grow_ids(names, id);
	if (!names->site_of[id]) {
		const struct stack_frame frame = stacks_frame(names->process->stacks, id);

		names->site_of[id] = names_site(names, &frame);
	}
	return &names->sites[names->site_of[id] - 1];
}

/* The ids of the frames of a stack, to `walk`. */
static size_t names_walk(struct names *names, uint32_t id, bool *truncated)
{
	uint64_t changes = stacks_changes(names->process->stacks);

	if (names->changes != changes && names->n_ids)
		memset(names->site_of, 0, names->n_ids * sizeof(*names->site_of));
	names->changes = changes;
	return stacks_walk_ids(names->process->stacks, id, names->walk, STACKS_WALK_MAX, truncated);
}

struct report_stack names_stack(struct names *names, uint32_t id, uint32_t depth)
{
	struct report_stack stack = {0};
	size_t n = names_walk(names, id, &stack.truncated);
	size_t n_frames = 0;
	bool first_allocates = false;

	for (size_t i = 0; i < n; i++) {
		const struct site *site = site_of(names, names->walk[i]);

		names->frames =
			xgrow(names->frames, &names->cap_frames, n_frames + site->n_frames, sizeof(*names->frames));
		for (size_t j = 0; j < site->n_frames; j++) {
			/* The first frame that is not the allocator's takes the place of those before it. */
			if (n_frames == 1 && first_allocates)
				n_frames = 0;
			/* The shim is also between main and its caller. */
			if (n_frames > 0 && site->in_shim)
				continue;
			if (n_frames == 0)
				first_allocates = site->allocates[j];
			names->frames[n_frames++] = site->frames[j];
		}
		if (depth && n_frames > depth)
			break;
	}
	if (depth && n_frames > depth) {
		n_frames = depth;
		stack.truncated = true;
	}
	stack.frames = names->frames;
	stack.n_frames = n_frames;
	return stack;
}

const char *names_innermost(struct names *names, uint32_t id)
{
	bool truncated;
	size_t n = id ? names_walk(names, id, &truncated) : 0;
	const struct site *site = n ? site_of(names, names->walk[0]) : NULL;

	return site ? site->frames[site->n_frames - 1]->function : NULL;
}

const char *names_at(struct names *names, uint64_t addr)
{
	const struct stack_frame frame = {addr, modules_find(names->process->modules, addr), WIRE_NODE_EXACT};
	uint32_t number = names_site(names, &frame); /* may move the sites */
	const struct site *site = &names->sites[number - 1];

	return site->frames[site->n_frames - 1]->function;
}
