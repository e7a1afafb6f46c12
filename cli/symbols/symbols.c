/* Which file, which source of names first, and the caches of both. */
#include "cli/symbols/symbols.h"

#include "cli/base/ahead.h"
#include "cli/base/xalloc.h"
#include "cli/symbols/demangle.h"
#include "cli/symbols/image.h"
#include "cli/symbols/jit_map.h"
#include "cli/symbols/known.h"
#include "cli/symbols/string_pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FRAMES_MAX = 256, AHEAD_NICENESS = 10 };

struct object {
	char *path;
	uint8_t *build_id;
	size_t build_id_bytes;
	struct image *image; /* NULL until something is asked that is not known; others may have the same one */
};

struct jit_process {
	int pid;
	struct jit_map *map;
};

/* What is to be read ahead. */
struct preparation {
	struct image *image;
	bool lines;
};

struct symbols {
	bool (*without_lines)(const char *function);
	struct object **objects;
	size_t n_objects, objects_cap;
	struct image **images;
	size_t n_images, images_cap;
	struct ahead ahead;
	void (*meanwhile)(void *ctx);
	void *meanwhile_ctx;
	struct preparation *to_prepare;
	size_t n_to_prepare, to_prepare_cap;
	struct preparation *preparing; /* the thread's */
	size_t n_preparing;
	/* by object, or pid */
	struct known answers;         /* `n` frames from `value` on */
	struct known variables;       /* `name`, and `value` bytes into it */
	struct known jitted;          /* `name` */
	bool certain;                 /* only files that are certainly the ones */
	struct symbols_frame *frames; /* of all answers */
	size_t n_frames, frames_cap;
	struct jit_process *jits;
	size_t n_jits, jits_cap;
	struct string_pool strings;
	uint64_t n_unresolved;
};

struct symbols *symbols_new(bool (*without_lines)(const char *function))
{
	struct symbols *symbols = xcalloc(1, sizeof(*symbols));

	symbols->without_lines = without_lines;
	symbols->ahead.niceness = AHEAD_NICENESS;
	return symbols;
}

static void object_free(struct object *object)
{
	free(object->path);
	free(object->build_id);
	free(object);
}

static void release(void *ctx)
{
	struct symbols *symbols = ctx;

	free(symbols->to_prepare);
	free(symbols->preparing);
	for (size_t i = 0; i < symbols->n_objects; i++)
		object_free(symbols->objects[i]);
	for (size_t i = 0; i < symbols->n_images; i++)
		image_free(symbols->images[i]);
	for (size_t i = 0; i < symbols->n_jits; i++)
		jit_map_free(symbols->jits[i].map);
	string_pool_release(&symbols->strings);
	free(symbols->objects);
	free(symbols->images);
	known_release(&symbols->answers);
	known_release(&symbols->variables);
	known_release(&symbols->jitted);
	free(symbols->frames);
	free(symbols->jits);
	free(symbols);
}

void symbols_free(struct symbols *symbols)
{
	if (symbols)
		ahead_abandon(&symbols->ahead, release, symbols);
}

void symbols_stop(struct symbols *symbols)
{
	if (symbols)
		ahead_hurry(&symbols->ahead);
}

static bool object_is(const struct object *object, const struct symbols_object *wanted, size_t n_id)
{
	if (object->build_id_bytes != n_id || (n_id && memcmp(object->build_id, wanted->build_id, n_id) != 0))
		return false;
	return strcmp(object->path, wanted->path) == 0;
}

static uint32_t symbols_object_index(struct symbols *symbols, const struct symbols_object *wanted)
{
	size_t n_id = wanted->build_id ? wanted->build_id_bytes : 0;
	struct object *object;

	for (size_t i = 0; i < symbols->n_objects; i++)
		if (object_is(symbols->objects[i], wanted, n_id))
			return (uint32_t)i;
	symbols->objects =
		xgrow(symbols->objects, &symbols->objects_cap, symbols->n_objects + 1, sizeof(struct object *));
	object = xcalloc(1, sizeof(*object));
	symbols->objects[symbols->n_objects++] = object;
	object->path = xstrdup(wanted->path);
	object->build_id_bytes = n_id;
	if (n_id)
		object->build_id = memcpy(xmalloc(n_id), wanted->build_id, n_id);
	return (uint32_t)(symbols->n_objects - 1);
}

static struct symbols_object object_view(const struct object *object)
{
	return (struct symbols_object){object->path, object->build_id, object->build_id_bytes};
}

/* The one that reads the object's file, perhaps under another path. */
static struct image *object_image(struct symbols *symbols, struct object *object)
{
	const struct symbols_object wanted = object_view(object);

	for (size_t i = 0; i < symbols->n_images && !object->image; i++)
		if (image_serves(symbols->images[i], &wanted))
			object->image = symbols->images[i];
	if (!object->image) {
		object->image = image_new(&wanted);
		symbols->images =
			xgrow(symbols->images, &symbols->images_cap, symbols->n_images + 1, sizeof(*symbols->images));
		symbols->images[symbols->n_images++] = object->image;
	}
	return object->image;
}

void symbols_meanwhile(struct symbols *symbols, void (*meanwhile)(void *ctx), void *ctx)
{
	symbols->meanwhile = meanwhile;
	symbols->meanwhile_ctx = ctx;
}

static void await_ahead(struct symbols *symbols)
{
	ahead_hurry(&symbols->ahead);
	while (symbols->meanwhile && !ahead_idle(&symbols->ahead))
		symbols->meanwhile(symbols->meanwhile_ctx);
	ahead_finish(&symbols->ahead);
}

static void read_all(void *ctx)
{
	image_read(ctx, true);
}

static void read_but_lines(void *ctx)
{
	image_read(ctx, false);
}

/* Where something is to be done meanwhile, a file is not read by who needs it. */
static void read_beside(struct symbols *symbols, struct image *image, bool lines)
{
	if (!symbols->meanwhile || image_is_read(image, lines))
		return;
	await_ahead(symbols);
	if (ahead_start(&symbols->ahead, lines ? read_all : read_but_lines, image))
		await_ahead(symbols);
}

/* To ask, which nobody else does then; NULL: there is no file, or none that is certainly the one. */
static struct image *symbols_image(struct symbols *symbols, uint32_t index)
{
	struct object *object = symbols->objects[index];
	struct image *image;

	if (symbols->certain && !object->build_id_bytes)
		return NULL;
	image = object_image(symbols, object);
	while (!image_take(image, IMAGE_OURS) && image_whose(image) != IMAGE_OURS)
		await_ahead(symbols);
	read_beside(symbols, image, false);
	return image_usable(image) ? image : NULL;
}

/* What symbols_prepare() was told of, in the thread of `ahead`. */
static void prepare_objects(void *ctx)
{
	struct symbols *symbols = ctx;

	for (size_t i = 0; i < symbols->n_preparing && !ahead_hurried(&symbols->ahead); i++) {
		const struct preparation *preparation = &symbols->preparing[i];

		if (!image_take(preparation->image, IMAGE_AHEADS))
			continue;
		image_read(preparation->image, preparation->lines);
		image_give_back(preparation->image);
	}
}

void symbols_prepare(struct symbols *symbols, const struct symbols_object *object, bool lines)
{
	uint32_t index = symbols_object_index(symbols, object);

	symbols->to_prepare = xgrow(symbols->to_prepare, &symbols->to_prepare_cap, symbols->n_to_prepare + 1,
				    sizeof(*symbols->to_prepare));
	symbols->to_prepare[symbols->n_to_prepare++] = (struct preparation){
		object_image(symbols, symbols->objects[index]),
		lines,
	};
}

void symbols_prepare_start(struct symbols *symbols)
{
	if (symbols->n_to_prepare == 0 || !ahead_idle(&symbols->ahead))
		return;
	ahead_finish(&symbols->ahead);
	free(symbols->preparing);
	symbols->preparing = symbols->to_prepare;
	symbols->n_preparing = symbols->n_to_prepare;
	symbols->to_prepare = NULL;
	symbols->n_to_prepare = symbols->to_prepare_cap = 0;
	ahead_start(&symbols->ahead, prepare_objects, symbols);
}

bool symbols_preparing(const struct symbols *symbols)
{
	return !ahead_idle(&symbols->ahead);
}

static const char *symbols_demangled(struct symbols *symbols, const char *name)
{
	char *readable = name ? demangle(name) : NULL;
	const char *interned = string_pool_add(&symbols->strings, readable ? readable : name);

	free(readable);
	return interned;
}

/*
 * A frame that is not inlined also has a name in the symbol table. That is better where the compiler left out linkage
 * names (-g1): it has scope and parameters.
 */
static const char *function_name(struct symbols *symbols, struct image *image, uint64_t vaddr,
				 const struct dwarf_frame *frame)
{
	const char *name = frame->name, *in_table;
	char *readable;

	if (frame->linkage_name)
		return symbols_demangled(symbols, frame->linkage_name);
	if (frame->inlined || (name && frame->c_like))
		return string_pool_add(&symbols->strings, name);
	in_table = image_function(image, vaddr);
	readable = in_table ? demangle(in_table) : NULL;
	if (readable || !name)
		name = readable ? readable : in_table;
	name = string_pool_add(&symbols->strings, name);
	free(readable);
	return name;
}

/* Valgrind names frames so, and its suppressions with it. */
static const char *symbol_name(struct symbols *symbols, struct image *image, uint64_t vaddr,
			       const struct dwarf_frame *frame)
{
	const char *name = frame->linkage_name ? frame->linkage_name : frame->name;
	const char *in_table;

	if (frame->inlined)
		return string_pool_add(&symbols->strings, frame->name ? frame->name : name);
	in_table = image_function(image, vaddr);
	return string_pool_add(&symbols->strings, in_table ? in_table : name);
}

static const char *file_name(struct symbols *symbols, const struct dwarf_frame *frame)
{
	const char *interned;
	char *joined;

	if (!frame->dir || !frame->file)
		return string_pool_add(&symbols->strings, frame->file);
	joined =
		xasprintf("%s%s%s/%s", frame->base ? frame->base : "", frame->base ? "/" : "", frame->dir, frame->file);
	interned = string_pool_add(&symbols->strings, joined);
	free(joined);
	return interned;
}

static void symbols_add_frame(struct symbols *symbols, const struct symbols_frame *frame)
{
	symbols->frames = xgrow(symbols->frames, &symbols->frames_cap, symbols->n_frames + 1, sizeof(*symbols->frames));
	symbols->frames[symbols->n_frames++] = *frame;
}

/* Unpacking a C library's debug sections takes longer than all else, and every stack ends in such a function. */
static bool needs_no_lines(const struct symbols *symbols, struct image *image, uint64_t vaddr)
{
	const char *name = symbols->without_lines ? image_function(image, vaddr) : NULL;

	return name && symbols->without_lines(name);
}

/* Appends the frames of an address to symbols->frames; without an image one that says nothing. */
static void symbols_name_address(struct symbols *symbols, struct image *image, uint64_t vaddr)
{
	struct dwarf_frame found[FRAMES_MAX];
	size_t first = symbols->n_frames, n = 0;

	if (image && !needs_no_lines(symbols, image, vaddr)) {
		read_beside(symbols, image, true);
		n = image_frames(image, vaddr, found, FRAMES_MAX);
	}
	if (n == 0)
		found[n++] = (struct dwarf_frame){0};
	for (size_t i = 0; i < n; i++) {
		struct symbols_frame frame = {.line = found[i].line, .inlined = found[i].inlined};

		if (image) {
			frame.function = function_name(symbols, image, vaddr, &found[i]);
			frame.symbol = symbol_name(symbols, image, vaddr, &found[i]);
		}
		frame.file = file_name(symbols, &found[i]);
		symbols_add_frame(symbols, &frame);
	}
	if (!symbols->frames[first].function)
		symbols->n_unresolved++;
}

size_t symbols_resolve(struct symbols *symbols, const struct symbols_object *object, uint64_t vaddr,
		       struct symbols_frame *frames, size_t max)
{
	uint32_t index = symbols_object_index(symbols, object);
	const struct known_item *answer = known_find(&symbols->answers, index, vaddr);
	size_t n;

	if (!answer) {
		size_t first = symbols->n_frames;

		symbols_name_address(symbols, symbols_image(symbols, index), vaddr);
		answer = known_add(&symbols->answers, &(struct known_item){.of = index,
									   .addr = vaddr,
									   .value = first,
									   .n = (uint32_t)(symbols->n_frames - first)});
	}
	n = answer->n < max ? answer->n : max;
	memcpy(frames, symbols->frames + answer->value, n * sizeof(*frames));
	return n;
}

const char *symbols_variable(struct symbols *symbols, const struct symbols_object *wanted, uint64_t vaddr,
			     uint64_t *offset)
{
	uint32_t index = symbols_object_index(symbols, wanted);
	const struct known_item *answer = known_find(&symbols->variables, index, vaddr);
	struct known_item item = {.of = index, .addr = vaddr};
	struct image *image;

	if (!answer) {
		image = symbols_image(symbols, index);
		item.name = image ? image_variable(image, vaddr, &item.value) : NULL;
		item.name = symbols_demangled(symbols, item.name);
		answer = known_add(&symbols->variables, &item);
	}
	*offset = answer->value;
	return answer->name;
}

uint64_t symbols_unresolved(const struct symbols *symbols)
{
	return symbols->n_unresolved;
}

static const char *read_jit_name(struct symbols *symbols, int pid, uint64_t addr)
{
	char path[64];
	struct jit_process *jit;

	for (size_t i = 0; i < symbols->n_jits; i++)
		if (symbols->jits[i].pid == pid)
			return jit_map_name(symbols->jits[i].map, addr);
	snprintf(path, sizeof(path), "/tmp/perf-%d.map", pid);
	symbols->jits = xgrow(symbols->jits, &symbols->jits_cap, symbols->n_jits + 1, sizeof(*symbols->jits));
	jit = &symbols->jits[symbols->n_jits++];
	*jit = (struct jit_process){.pid = pid, .map = jit_map_read(path)};
	return jit_map_name(jit->map, addr);
}

const char *symbols_jit_name(struct symbols *symbols, int pid, uint64_t addr)
{
	const struct known_item *answer = known_find(&symbols->jitted, (uint32_t)pid, addr);
	struct known_item item = {.of = (uint32_t)pid, .addr = addr};

	if (!answer) {
		if (!symbols->certain)
			item.name = string_pool_add(&symbols->strings, read_jit_name(symbols, pid, addr));
		answer = known_add(&symbols->jitted, &item);
	}
	return answer->name;
}

/* ---- answers as such */

void symbols_tell(struct symbols *symbols, const struct symbols_listener *listener)
{
	for (struct known *known = &symbols->answers; known->n_told < known->n; known->n_told++) {
		const struct known_item *item = &known->items[known->n_told];
		const struct symbols_object object = object_view(symbols->objects[item->of]);

		listener->frames(listener->ctx, &object, item->addr, symbols->frames + item->value, item->n);
	}
	for (struct known *known = &symbols->variables; known->n_told < known->n; known->n_told++) {
		const struct known_item *item = &known->items[known->n_told];
		const struct symbols_object object = object_view(symbols->objects[item->of]);

		listener->variable(listener->ctx, &object, item->addr, item->name, item->value);
	}
	for (struct known *known = &symbols->jitted; known->n_told < known->n; known->n_told++) {
		const struct known_item *item = &known->items[known->n_told];

		listener->jit(listener->ctx, (int)item->of, item->addr, item->name);
	}
}

void symbols_certain(struct symbols *symbols)
{
	symbols->certain = true;
}

void symbols_learn_frames(struct symbols *symbols, const struct symbols_object *object, uint64_t vaddr,
			  const struct symbols_frame *frames, size_t n)
{
	uint32_t index = symbols_object_index(symbols, object);
	size_t first = symbols->n_frames;

	if (n == 0 || known_find(&symbols->answers, index, vaddr))
		return;
	for (size_t i = 0; i < n; i++) {
		struct symbols_frame frame = frames[i];

		frame.function = string_pool_add(&symbols->strings, frame.function);
		frame.file = string_pool_add(&symbols->strings, frame.file);
		frame.symbol = string_pool_add(&symbols->strings, frame.symbol);
		symbols_add_frame(symbols, &frame);
	}
	known_add(&symbols->answers,
		  &(struct known_item){.of = index, .addr = vaddr, .value = first, .n = (uint32_t)n});
}

void symbols_learn_variable(struct symbols *symbols, const struct symbols_object *object, uint64_t vaddr,
			    const char *name, uint64_t offset)
{
	struct known_item item = {.of = symbols_object_index(symbols, object), .addr = vaddr, .value = offset};

	if (known_find(&symbols->variables, item.of, vaddr))
		return;
	item.name = string_pool_add(&symbols->strings, name);
	known_add(&symbols->variables, &item);
}

void symbols_learn_jit(struct symbols *symbols, int pid, uint64_t addr, const char *function)
{
	struct known_item item = {.of = (uint32_t)pid, .addr = addr};

	if (known_find(&symbols->jitted, item.of, addr))
		return;
	item.name = string_pool_add(&symbols->strings, function);
	known_add(&symbols->jitted, &item);
}
