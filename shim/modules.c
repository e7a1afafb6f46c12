#include "shim/modules.h"

#include "shim/nodes.h"
#include "shim/own_memory.h"
#include "shim/process.h"
#include "shim/rules.h"
#include "shim/stamp.h"
#include "shim/writer.h"

#include <elf.h>
#include <limits.h>
#include <string.h>

struct module {
	uintptr_t start;
	_Atomic uintptr_t end; /* 0: gone, its place can be taken, its id stays used */
	const struct link_map *map;
	uint32_t place; /* in the list */
	uint32_t path_bytes;
	struct wire_module wire;
	char path[PATH_MAX];
};

/* Nothing is taken out of the list, so that it can be read without the lock. */
struct mw_modules {
	_Atomic uint32_t n;
	uint32_t last_id;
	struct module *list[MW_MAX_MODULES];
};

/* The NT_GNU_BUILD_ID note among the program headers in memory. */
static uint32_t build_id(const struct libc_object *object, uint8_t *id)
{
	const Elf64_Ehdr *eh = (const Elf64_Ehdr *)object->start;
	const Elf64_Phdr *ph;

	if (object->end - object->start < sizeof(*eh) || memcmp(eh->e_ident, ELFMAG, SELFMAG) != 0)
		return 0;
	ph = (const Elf64_Phdr *)(object->start + eh->e_phoff);
	if (eh->e_phoff + eh->e_phnum * sizeof(*ph) > 4096)
		return 0;
	for (int i = 0; i < eh->e_phnum; i++) {
		uintptr_t p = object->map->l_addr + ph[i].p_vaddr, end = p + ph[i].p_memsz;

		if (ph[i].p_type != PT_NOTE || p < object->start || end > object->end)
			continue;
		while (p + sizeof(Elf64_Nhdr) <= end) {
			const Elf64_Nhdr *note = (const Elf64_Nhdr *)p;
			uintptr_t name = p + sizeof(*note), desc = name + ((note->n_namesz + 3) & ~3u);

			if (desc + note->n_descsz > end)
				break;
			if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 &&
			    memcmp((const void *)name, "GNU", 4) == 0 && note->n_descsz <= WIRE_BUILD_ID_MAX) {
				memcpy(id, (const void *)desc, note->n_descsz);
				return note->n_descsz;
			}
			p = desc + ((note->n_descsz + 3) & ~3u);
		}
	}
	return 0;
}

/* The main program has no name in its link map; relative names (dlopen("./x.so")) are relative to the folder of now. */
static uint32_t module_path(const struct link_map *map, char *path, size_t size)
{
	const char *name = map->l_name;
	size_t used = 0, n;

	if (!name || !*name) {
		long got = sys_readlink("/proc/self/exe", path, size);

		return got > 0 ? (uint32_t)got : 0;
	}
	if (strchr(name, '/') && *name != '/') {
		long got = SYS2(SYS_getcwd, path, size);

		if (got > 1 && (size_t)got < size) {
			path[got - 1] = '/';
			used = (size_t)got;
		}
	}
	n = strlen(name);
	if (n > size - used)
		n = size - used;
	memcpy(path + used, name, n);
	return (uint32_t)(used + n);
}

/* The address ranges of code that went: nothing that was derived from them holds any longer. */
static void module_gone(struct writer *w, struct module *m)
{
	uint64_t id = m->wire.id;

	mw_nodes_forget(m->start, m->end);
	mw_rules_forget();
	m->end = 0;
	atomic_fetch_add(&mw_epoch, 1);
	mw_stamp(w);
	mw_put_ext(w, WIRE_MODULE_UNLOAD, 0, &id, sizeof(id));
}

static struct module *module_find(const struct libc_object *object)
{
	struct mw_modules *all = mw_proc->modules;

	for (uint32_t i = 0; all && i < all->n; i++) {
		struct module *m = all->list[i];

		if (m->end && m->start == object->start && m->end == object->end && m->map == object->map)
			return m;
	}
	return NULL;
}

/* A place for a module: that of one that has gone (programs load and unload all day long), or a new one. */
static struct module *module_place(struct mw_modules *all)
{
	struct module *m;

	for (uint32_t i = 0; i < all->n; i++)
		if (!all->list[i]->end)
			return all->list[i];
	m = all->n < MW_MAX_MODULES ? mw_alloc(sizeof(*m)) : NULL;
	if (!m)
		return NULL;
	m->place = all->n;
	all->list[all->n] = m;
	atomic_store_explicit(&all->n, all->n + 1, memory_order_release);
	return m;
}

static struct module *module_add(struct writer *w, const struct libc_object *object)
{
	struct mw_modules *all = mw_proc->modules;
	struct module *m;

	if (!all)
		all = mw_proc->modules = mw_alloc(sizeof(*all));
	if (!all)
		return NULL;
	for (uint32_t i = 0; i < all->n; i++)
		if (all->list[i]->end > object->start && all->list[i]->start < object->end)
			module_gone(w, all->list[i]); /* unloaded by libc itself: no dlclose was seen */
	m = module_place(all);
	if (!m)
		return NULL;
	m->start = object->start;
	m->map = object->map;
	m->wire.id = ++all->last_id;
	m->wire.bias = object->map->l_addr;
	m->wire.start = object->start;
	m->wire.end = object->end;
	m->wire.build_id_bytes = build_id(object, m->wire.build_id);
	m->path_bytes = module_path(object->map, m->path, sizeof(m->path));
	atomic_store_explicit(&m->end, object->end, memory_order_release);
	return m;
}

static bool announced(const struct writer *w, const struct module *m)
{
	return w->announced[m->place] == m->wire.id;
}

static void set_announced(struct writer *w, const struct module *m)
{
	w->announced[m->place] = m->wire.id;
}

bool mw_modules_announced(const struct writer *w, uint64_t pc)
{
	const struct mw_modules *all = mw_proc->modules;

	for (uint32_t i = 0; all && i < all->n; i++) {
		const struct module *m = all->list[i];

		if (pc < m->end && pc >= m->start)
			return announced(w, m);
	}
	return false;
}

void mw_modules_note(struct writer *w, const struct libc_object *object)
{
	struct module *m = module_find(object);
	sys_sigset signals;

	/* the usual case takes no lock: entries are only added, and one that goes meanwhile raises the epoch */
	if (m && announced(w, m))
		return;
	signals = mw_lock(&mw_proc->slow_lock);
	m = module_find(object);
	if (!m)
		m = module_add(w, object);
	if (m && !announced(w, m)) {
		set_announced(w, m);
		mw_stamp(w);
		mw_put_ext2(w, WIRE_MODULE_LOAD, m->path_bytes, &m->wire, sizeof(m->wire), m->path, m->path_bytes);
	}
	mw_unlock(&mw_proc->slow_lock, signals);
}

void mw_modules_sweep(struct writer *w)
{
	sys_sigset signals = mw_lock(&mw_proc->slow_lock);
	struct mw_modules *all = mw_proc->modules;

	for (uint32_t i = 0; all && i < all->n; i++) {
		struct module *m = all->list[i];
		struct libc_object now;

		if (m->end && (!libc_find_object(m->start, &now) || now.map != m->map || now.start != m->start))
			module_gone(w, m);
	}
	mw_unlock(&mw_proc->slow_lock, signals);
}
