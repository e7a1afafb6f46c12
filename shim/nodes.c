#include "shim/nodes.h"

#include "shim/process.h"
#include "shim/writer.h"

#define FIRST_CAPACITY 8192u
#define MAX_PROBES     64

/* id_and_ip: id << 36 | the ip's lower 36 bits, by which mw_nodes_forget() knows it; 0 while the inserter is at it. Ids
 * beyond 28 bits stay out of the table. */
struct slot {
	_Atomic uint64_t path;
	_Atomic uint64_t id_and_ip;
};

#define PATH_FREE      0
#define PATH_FORGOTTEN 1 /* no path is 0 or 1: mw_node_path() */
#define IP_BITS        36
#define IP_MASK        ((UINT64_C(1) << IP_BITS) - 1)
#define MOST_SLOTS     (1u << 26)

struct mw_nodes {
	uint32_t mask;
	_Atomic uint32_t used;
	struct slot slots[];
};

static inline uint32_t home(const struct mw_nodes *t, uint64_t path)
{
	return (uint32_t)(path >> 20) & t->mask;
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
		uint64_t path = atomic_load(&from->slots[i].path);
		uint64_t id_and_ip = atomic_load(&from->slots[i].id_and_ip);
		uint32_t at;

		if (path == PATH_FREE || path == PATH_FORGOTTEN || id_and_ip == 0)
			continue;
		for (at = home(to, path); atomic_load(&to->slots[at].path); at = (at + 1) & to->mask)
			;
		atomic_store(&to->slots[at].path, path);
		atomic_store(&to->slots[at].id_and_ip, id_and_ip);
		to->used++;
	}
}

/* Doubles the table. What others insert into the old one meanwhile is found missing and gets a second id. The old
 * table stays: someone may be reading it. */
static MW_COLD void grow(struct mw_nodes *full)
{
	sys_sigset signals = mw_lock(&mw_proc->slow_lock);

	if (atomic_load(&mw_proc->nodes) == full && (!full || full->mask < MOST_SLOTS - 1)) {
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

/* Puts a node into the first place that nobody has; nowhere if there is none near. */
static void insert(struct mw_nodes *t, uint64_t path, uint64_t id_and_ip)
{
	uint32_t at = home(t, path);

	for (int i = 0; i < MAX_PROBES; i++, at = (at + 1) & t->mask) {
		uint64_t there = atomic_load_explicit(&t->slots[at].path, memory_order_relaxed);

		if (there == path)
			return;
		if ((there != PATH_FREE && there != PATH_FORGOTTEN) ||
		    !atomic_compare_exchange_strong(&t->slots[at].path, &there, path))
			continue;
		atomic_store_explicit(&t->slots[at].id_and_ip, id_and_ip, memory_order_release);
		if (there == PATH_FREE)
			atomic_fetch_add_explicit(&t->used, 1, memory_order_relaxed);
		return;
	}
}

void mw_node_prefetch(uint64_t path)
{
	const struct mw_nodes *t = atomic_load_explicit(&mw_proc->nodes, memory_order_relaxed);

	if (MW_LIKELY(t))
		__builtin_prefetch(&t->slots[home(t, path)]);
}

uint32_t mw_node_known(uint64_t path)
{
	struct mw_nodes *t = atomic_load_explicit(&mw_proc->nodes, memory_order_acquire);
	uint32_t at = MW_LIKELY(t) ? home(t, path) : 0;

	for (int i = 0; MW_LIKELY(t) && i < MAX_PROBES; i++, at = (at + 1) & t->mask) {
		const struct slot *slot = &t->slots[at];
		uint64_t there = atomic_load_explicit(&slot->path, memory_order_relaxed), id_and_ip;

		if (MW_UNLIKELY(there == PATH_FREE))
			return 0;
		if (MW_UNLIKELY(there != path))
			continue;
		id_and_ip = atomic_load_explicit(&slot->id_and_ip, memory_order_acquire);
		/* forgotten meanwhile, and taken by another node */
		return MW_LIKELY(atomic_load_explicit(&slot->path, memory_order_relaxed) == path)
			       ? (uint32_t)(id_and_ip >> IP_BITS)
			       : 0;
	}
	return 0;
}

MW_NOINLINE uint32_t mw_node(struct writer *w, uint32_t parent, uint64_t ip, uint64_t path, unsigned flags)
{
	uint32_t id = mw_node_known(path);
	struct mw_nodes *t;

	if (id)
		return id;
	id = announce(w, parent, ip, flags);
	t = atomic_load_explicit(&mw_proc->nodes, memory_order_acquire);
	if (!t || atomic_load_explicit(&t->used, memory_order_relaxed) > t->mask / 2) {
		grow(t);
		t = atomic_load_explicit(&mw_proc->nodes, memory_order_acquire);
	}
	if (t && id <= WIRE_STACK_MAX)
		insert(t, path, (uint64_t)id << IP_BITS | (ip & IP_MASK));
	return id;
}

void mw_nodes_forget(uint64_t start, uint64_t end)
{
	struct mw_nodes *t = atomic_load(&mw_proc->nodes);

	for (uint32_t i = 0; t && i <= t->mask; i++) {
		uint64_t path = atomic_load(&t->slots[i].path);
		uint64_t ip = atomic_load(&t->slots[i].id_and_ip) & IP_MASK;

		/* one that lies 64 GiB off goes too: it is only announced again */
		if (path == PATH_FREE || path == PATH_FORGOTTEN || ((ip - start) & IP_MASK) >= end - start)
			continue;
		atomic_store(&t->slots[i].id_and_ip, 0); /* whoever takes the place next is at it */
		atomic_store(&t->slots[i].path, PATH_FORGOTTEN);
	}
}
