#include "cli/model/modules.h"

#include "cli/base/xalloc.h"

#include <stdlib.h>
#include <string.h>

#define MODULES_MAX (1u << 20) /* a week of dlopen in a loop; more is corruption */

struct modules {
	struct module *items; /* index 1 is items[0] */
	size_t n, cap;
	uint32_t *loaded; /* indices, by start */
	size_t n_loaded, cap_loaded;
};

struct modules *modules_new(void)
{
	return xcalloc(1, sizeof(struct modules));
}

void modules_free(struct modules *modules)
{
	if (!modules)
		return;
	for (size_t i = 0; i < modules->n; i++)
		free(modules->items[i].path);
	free(modules->items);
	free(modules->loaded);
	free(modules);
}

uint32_t modules_count(const struct modules *modules)
{
	return (uint32_t)modules->n;
}

const struct module *modules_get(const struct modules *modules, uint32_t index)
{
	return index && index <= modules->n ? &modules->items[index - 1] : NULL;
}

/* Position in loaded[] of the first module that ends above `addr`: they do not overlap, so ends are sorted too. */
static size_t lower_bound(const struct modules *modules, uint64_t addr)
{
	size_t low = 0, high = modules->n_loaded;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (modules->items[modules->loaded[mid] - 1].end <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

uint32_t modules_find(const struct modules *modules, uint64_t addr)
{
	size_t at = lower_bound(modules, addr);
	uint32_t index = at < modules->n_loaded ? modules->loaded[at] : 0;

	return index && modules->items[index - 1].start <= addr ? index : 0;
}

static void remove_loaded(struct modules *modules, size_t at)
{
	modules->items[modules->loaded[at] - 1].loaded = false;
	modules->n_loaded--;
	memmove(modules->loaded + at, modules->loaded + at + 1, (modules->n_loaded - at) * sizeof(*modules->loaded));
}

static size_t find_id(const struct modules *modules, uint32_t id)
{
	size_t at = 0;

	while (at < modules->n_loaded && modules->items[modules->loaded[at] - 1].id != id)
		at++;
	return at;
}

/* The entry of the same file, by its build id, at the same place, which had been unloaded: 0 if there is none. The last
 * one is tried first: what is loaded all day long is found soon. */
static uint32_t find_unloaded(const struct modules *modules, const struct wire_module *wire, const char *path,
			      size_t path_bytes)
{
	for (size_t i = wire->build_id_bytes ? modules->n : 0; i-- > 0;) {
		const struct module *m = &modules->items[i];

		if (!m->loaded && m->start == wire->start && m->end == wire->end && m->bias == wire->bias &&
		    m->build_id_bytes == wire->build_id_bytes &&
		    memcmp(m->build_id, wire->build_id, m->build_id_bytes) == 0 &&
		    strncmp(m->path, path, path_bytes) == 0 && strlen(m->path) == path_bytes)
			return (uint32_t)i + 1;
	}
	return 0;
}

static uint32_t add_item(struct modules *modules, const struct wire_module *wire, const char *path, size_t path_bytes)
{
	struct module *module;

	modules->items = xgrow(modules->items, &modules->cap, modules->n + 1, sizeof(*modules->items));
	module = &modules->items[modules->n++];
	*module = (struct module){.bias = wire->bias, .start = wire->start, .end = wire->end};
	module->path = xstrndup(path, path_bytes);
	module->build_id_bytes = wire->build_id_bytes;
	memcpy(module->build_id, wire->build_id, wire->build_id_bytes);
	return (uint32_t)modules->n;
}

uint32_t modules_load(struct modules *modules, const struct wire_module *wire, const char *path, size_t path_bytes)
{
	size_t at = find_id(modules, wire->id);
	struct module *module;
	uint32_t index;

	if (wire->start >= wire->end || wire->build_id_bytes > WIRE_BUILD_ID_MAX || modules->n >= MODULES_MAX)
		return 0;
	if (at < modules->n_loaded) {
		module = &modules->items[modules->loaded[at] - 1];
		if (module->start == wire->start && module->end == wire->end && module->bias == wire->bias)
			return modules->loaded[at];
		remove_loaded(modules, at);
	}
	at = lower_bound(modules, wire->start);
	while (at < modules->n_loaded && modules->items[modules->loaded[at] - 1].start < wire->end)
		remove_loaded(modules, at);
	index = find_unloaded(modules, wire, path, path_bytes);
	if (!index)
		index = add_item(modules, wire, path, path_bytes);
	module = &modules->items[index - 1];
	module->id = wire->id;
	module->loaded = true;
	modules->loaded = xgrow(modules->loaded, &modules->cap_loaded, modules->n_loaded + 1, sizeof(*modules->loaded));
	memmove(modules->loaded + at + 1, modules->loaded + at, (modules->n_loaded - at) * sizeof(*modules->loaded));
	modules->loaded[at] = index;
	modules->n_loaded++;
	return index;
}

void modules_unload(struct modules *modules, uint32_t id)
{
	size_t at = find_id(modules, id);

	if (at < modules->n_loaded)
		remove_loaded(modules, at);
}
