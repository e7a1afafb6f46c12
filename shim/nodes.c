#include "shim/nodes.h"

#include "shim/process.h"
#include "shim/writer.h"

#define FIRST_CAPACITY 8192u
#define MAX_PROBES     64

/* key: ip << 16 | low 16 bits of the parent. rest: id << 36 | high 12 bits of the parent << 24 | 24 bits of the path; 0
 * while the inserter is at it. Ids and parents beyond 28 bits stay out of the table. */
struct slot {
	_Atomic uint64_t key;
	_Atomic uint64_t rest;
};

#define KEY_FREE      0
#define KEY_FORGOTTEN UINT64_MAX
#define PATH_BITS     24 /* and so at most that many slots */
#define PATH_MASK     ((UINT64_C(1) << PATH_BITS) - 1)

struct mw_nodes {
	uint32_t mask;
	_Atomic uint32_t used;
	struct slot slots[];
};

static inline uint64_t node_key(uint32_t parent, uint64_t ip)
{
	return ip << 16 | (parent & 0xffff);
}

static inline uint64_t node_rest(uint32_t id, uint32_t parent, uint64_t path)
{
	return (uint64_t)id << 36 | (uint64_t)(parent >> 16) << PATH_BITS | (path & PATH_MASK);
}

static struct mw_nodes *table_new(uint32_t capacity)
{
	struct mw_nodes *t = mw_alloc(sizeof(*t) + capacity * sizeof(struct slot));

	if (t)
		t->mask = capacity - 1;
	return t;
}

static void copy_slots(struct mw_nodes *to, const struct mw_nodes *from)
{
	for (uint32_t i = 0; i <= from->mask; i++) {
		uint64_t key = atomic_load(&from->slots[i].key), rest = atomic_load(&from->slots[i].rest);
		uint32_t at;

		if (key == KEY_FREE || key == KEY_FORGOTTEN || rest == 0)
			continue;
		for (at = (uint32_t)(rest & PATH_MASK) & to->mask; atomic_load(&to->slots[at].key);
		     at = (at + 1) & to->mask)
			;
		atomic_store(&to->slots[at].key, key);
		atomic_store(&to->slots[at].rest, rest);
		to->used++;
	}
}

/* Doubles the table. What others insert into the old one meanwhile is found missing and gets a second id. The old
 * table stays: someone may be reading it. */
static MW_COLD void grow(struct mw_nodes *full)
{
	sys_sigset signals = mw_lock(&mw_proc->slow_lock);

	if (atomic_load(&mw_proc->nodes) == full && (!full || full->mask < PATH_MASK)) {
		struct mw_nodes *bigger = table_new(full ? (full->mask + 1) * 2 : FIRST_CAPACITY);

		if (bigger && full)
			copy_slots(bigger, full);
		if (bigger)
			atomic_store_explicit(&mw_proc->nodes, bigger, memory_order_release);
	}
	mw_unlock(&mw_proc->slow_lock, signals);
}

/* A new id, told to the reporter before anyone can use it. */
static uint32_t announce(struct writer *w, uint32_t parent, uint64_t ip, unsigned flags)
{
	uint32_t id = atomic_fetch_add_explicit(&mw_proc->next_node, 1, memory_order_relaxed) + 1;
	uint64_t *words = mw_reserve(w, 16);

	words[0] = wire_addr_word(WIRE_NODE, ip, flags);
	words[1] = (uint64_t)parent << 32 | id;
	mw_publish(w, 16);
	return id;
}

static MW_NOINLINE uint32_t insert(struct writer *w, struct mw_nodes *t, uint32_t at, uint32_t parent, uint64_t ip,
				   uint64_t path, unsigned flags)
{
	uint64_t free_key = KEY_FREE;
	uint32_t id = announce(w, parent, ip, flags);

	if (!t) {
		grow(NULL);
	} else if (atomic_load_explicit(&t->used, memory_order_relaxed) > t->mask / 2) {
		grow(t);
	} else if (id <= WIRE_STACK_MAX && parent <= WIRE_STACK_MAX &&
		   atomic_compare_exchange_strong(&t->slots[at].key, &free_key, node_key(parent, ip))) {
		atomic_store_explicit(&t->slots[at].rest, node_rest(id, parent, path), memory_order_release);
		atomic_fetch_add_explicit(&t->used, 1, memory_order_relaxed);
	}
	return id;
}

void mw_node_prefetch(uint64_t path)
{
	const struct mw_nodes *t = atomic_load_explicit(&mw_proc->nodes, memory_order_relaxed);

	if (MW_LIKELY(t))
		__builtin_prefetch(&t->slots[path & PATH_MASK & t->mask]);
}

uint32_t mw_node(struct writer *w, uint32_t parent, uint64_t ip, uint64_t path, unsigned flags)
{
	struct mw_nodes *t = atomic_load_explicit(&mw_proc->nodes, memory_order_acquire);
	uint64_t key = node_key(parent, ip), rest = node_rest(0, parent, path);
	uint32_t at;

	if (MW_UNLIKELY(!t))
		return insert(w, NULL, 0, parent, ip, path, flags);
	at = (uint32_t)(path & PATH_MASK) & t->mask;
	for (int i = 0; i < MAX_PROBES; i++, at = (at + 1) & t->mask) {
		uint64_t there = atomic_load_explicit(&t->slots[at].key, memory_order_relaxed);

		if (MW_LIKELY(there == key)) {
			uint64_t found = atomic_load_explicit(&t->slots[at].rest, memory_order_acquire);

			if (MW_LIKELY((found & ((UINT64_C(1) << 36) - 1)) == rest && found >> 36))
				return (uint32_t)(found >> 36);
		} else if (there == KEY_FREE) {
			break;
		}
	}
	return insert(w, t, at, parent, ip, path, flags);
}

void mw_nodes_forget(uint64_t start, uint64_t end)
{
	struct mw_nodes *t = atomic_load(&mw_proc->nodes);

	for (uint32_t i = 0; t && i <= t->mask; i++) {
		uint64_t key = atomic_load(&t->slots[i].key), ip = key >> 16;

		if (key != KEY_FORGOTTEN && ip >= start && ip < end)
			atomic_store(&t->slots[i].key, KEY_FORGOTTEN);
	}
}
