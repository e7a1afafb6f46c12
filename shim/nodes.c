#include "shim/nodes.h"

#include "shim/process.h"
#include "shim/writer.h"

#define FIRST_CAPACITY 8192u
#define MAX_PROBES     64

/* key: ip << 16 | low half of the parent. rest: id << 16 | high half of the parent; 0 while the inserter is at it. */
struct slot {
	_Atomic uint64_t key;
	_Atomic uint64_t rest;
};

#define KEY_FREE      0
#define KEY_FORGOTTEN UINT64_MAX

struct mw_nodes {
	uint32_t mask;
	_Atomic uint32_t used;
	struct slot slots[];
};

static inline uint32_t hash(uint64_t key, uint32_t parent)
{
	uint64_t h = (key ^ (uint64_t)parent << 29) * UINT64_C(0x9e3779b97f4a7c15);

	return (uint32_t)(h >> 32) ^ (uint32_t)(h >> 11);
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
		uint32_t parent = (uint32_t)(key & 0xffff) | (uint32_t)(rest & 0xffff) << 16, at;

		if (key == KEY_FREE || key == KEY_FORGOTTEN || rest == 0)
			continue;
		for (at = hash(key, parent) & to->mask; atomic_load(&to->slots[at].key); at = (at + 1) & to->mask)
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

	if (atomic_load(&mw_proc->nodes) == full) {
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
				   unsigned flags)
{
	uint64_t key = ip << 16 | (parent & 0xffff), free_key = KEY_FREE;
	uint32_t id = announce(w, parent, ip, flags);

	if (!t) {
		grow(NULL);
	} else if (atomic_load_explicit(&t->used, memory_order_relaxed) > t->mask / 2) {
		grow(t);
	} else if (atomic_compare_exchange_strong(&t->slots[at].key, &free_key, key)) {
		atomic_store_explicit(&t->slots[at].rest, (uint64_t)id << 16 | parent >> 16, memory_order_release);
		atomic_fetch_add_explicit(&t->used, 1, memory_order_relaxed);
	}
	return id;
}

uint32_t mw_node(struct writer *w, uint32_t parent, uint64_t ip, unsigned flags)
{
	struct mw_nodes *t = atomic_load_explicit(&mw_proc->nodes, memory_order_acquire);
	uint64_t key = ip << 16 | (parent & 0xffff);
	uint32_t at;

	if (MW_UNLIKELY(!t))
		return insert(w, NULL, 0, parent, ip, flags);
	at = hash(key, parent) & t->mask;
	for (int i = 0; i < MAX_PROBES; i++, at = (at + 1) & t->mask) {
		uint64_t there = atomic_load_explicit(&t->slots[at].key, memory_order_relaxed);

		if (there == key) {
			uint64_t rest = atomic_load_explicit(&t->slots[at].rest, memory_order_acquire);

			if (MW_LIKELY((rest & 0xffff) == parent >> 16 && rest))
				return (uint32_t)(rest >> 16);
		} else if (there == KEY_FREE) {
			break;
		}
	}
	return insert(w, t, at, parent, ip, flags);
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
