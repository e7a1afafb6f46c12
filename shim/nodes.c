#include "shim/nodes.h"

#include "shim/own_memory.h"
#include "shim/process.h"
#include "shim/writer.h"

#define FIRST_CAPACITY 8192u
#define HUGE_CAPACITY  131072u /* from here on it is in huge pages */
#define MOST_SLOTS     (1u << 25)
#define MAX_PROBES     64

/*
 * A slot has the upper bits of its node's path and its id in one word, which is all that is looked at to find it; the
 * lower bits say where the slot is. Ids of more bits stay out of the table. A path of which nothing but the place and
 * the upper bits is compared has 36 bits and as many as the table has places: see mw_node_path().
 */
#define ID_BITS WIRE_STACK_BITS
#define ID_MASK ((UINT64_C(1) << ID_BITS) - 1)

/* Words of slots without a node. */
#define SLOT_FREE      UINT64_C(0)
#define SLOT_FORGOTTEN (UINT64_C(1) << ID_BITS)
#define SLOT_BUSY      (UINT64_C(2) << ID_BITS) /* its inserter is at it */

/* What else is known of it, for those who change the table: the path's lower bits << 36 | the ip's lower 36 bits. */
#define IP_BITS 36
#define IP_MASK ((UINT64_C(1) << IP_BITS) - 1)

struct mw_nodes {
	uint32_t mask;
	_Atomic uint32_t used;
	_Atomic uint64_t *rest; /* of each slot */
	_Atomic uint64_t *slots;
};

static inline uint32_t home(const struct mw_nodes *t, uint64_t path)
{
	return (uint32_t)(path >> 2) & t->mask;
}

_Static_assert(HUGE_CAPACITY * 2 * sizeof(uint64_t) == HUGE_BYTES, "a huge page");

/* Of the slots and the rest. */
static size_t slots_bytes(uint32_t capacity)
{
	return capacity * 2 * sizeof(uint64_t);
}

static struct mw_nodes *table_new(uint32_t capacity)
{
	struct mw_nodes *t = mw_alloc(sizeof(*t));

	if (!t)
		return NULL;
	t->slots = mw_alloc(slots_bytes(capacity));
	if (!t->slots) {
		mw_alloc_empty(t, sizeof(*t));
		sys_unmap(t, sizeof(*t));
		return NULL;
	}
	t->mask = capacity - 1;
	t->rest = t->slots + capacity;
	return t;
}

static void copy_slots(struct mw_nodes *to, const struct mw_nodes *from)
{
	for (uint32_t i = 0; i <= from->mask; i++) {
		uint64_t word = atomic_load_explicit(&from->slots[i], memory_order_acquire);
		uint64_t rest = atomic_load_explicit(&from->rest[i], memory_order_relaxed);
		uint32_t at;

		if ((word & ID_MASK) == 0)
			continue;
		for (at = home(to, rest >> IP_BITS); to->slots[at]; at = (at + 1) & to->mask)
			;
		atomic_store_explicit(&to->rest[at], rest, memory_order_relaxed);
		atomic_store_explicit(&to->slots[at], word, memory_order_relaxed);
		to->used++;
	}
}

/* Small ones grow fast, to grow seldom. */
static uint32_t next_capacity(const struct mw_nodes *full)
{
	if (!full)
		return FIRST_CAPACITY;
	return (full->mask + 1) * (full->mask < HUGE_CAPACITY - 1 ? 4 : 2);
}

/* Makes the table larger. What others insert into the old one meanwhile is found missing and gets a second id. The old
 * table stays where it is, empty: someone may be reading it. */
static MW_COLD void grow(struct mw_nodes *full)
{
	sys_sigset signals = mw_lock(&mw_proc->slow_lock);

	if (atomic_load(&mw_proc->nodes) == full && (!full || full->mask < MOST_SLOTS - 1)) {
		struct mw_nodes *bigger = table_new(next_capacity(full));

		if (bigger && full)
			copy_slots(bigger, full);
		if (bigger)
			atomic_store_explicit(&mw_proc->nodes, bigger, memory_order_release);
		if (bigger && full)
			mw_alloc_empty((void *)full->slots, slots_bytes(full->mask + 1));
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

/* Puts a node into the first slot that nobody has; nowhere if there is none near. */
static void insert(struct mw_nodes *t, uint64_t path, uint32_t id, uint64_t ip)
{
	uint32_t at = home(t, path);

	for (int i = 0; i < MAX_PROBES; i++, at = (at + 1) & t->mask) {
		uint64_t there = atomic_load_explicit(&t->slots[at], memory_order_relaxed);
		bool is_free = there == SLOT_FREE;

		if ((!is_free && there != SLOT_FORGOTTEN) ||
		    !atomic_compare_exchange_strong(&t->slots[at], &there, SLOT_BUSY))
			continue;
		atomic_store_explicit(&t->rest[at], path << IP_BITS | (ip & IP_MASK), memory_order_relaxed);
		atomic_store_explicit(&t->slots[at], (path & ~ID_MASK) | id, memory_order_release);
		if (is_free)
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
		uint64_t word = atomic_load_explicit(&t->slots[at], memory_order_relaxed);

		if (MW_LIKELY((word ^ path) >> ID_BITS == 0))
			return (uint32_t)(word & ID_MASK);
		if (MW_UNLIKELY(word == SLOT_FREE))
			return 0;
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
		insert(t, path, id, ip);
	return id;
}

void mw_nodes_forget(uint64_t start, uint64_t end)
{
	struct mw_nodes *t = atomic_load(&mw_proc->nodes);

	for (uint32_t i = 0; t && i <= t->mask; i++) {
		uint64_t word = atomic_load_explicit(&t->slots[i], memory_order_acquire);
		uint64_t ip = atomic_load_explicit(&t->rest[i], memory_order_relaxed) & IP_MASK;

		/* one that lies 64 GiB off goes too: it is only announced again */
		if ((word & ID_MASK) && ((ip - start) & IP_MASK) < end - start)
			atomic_store(&t->slots[i], SLOT_FORGOTTEN);
	}
}
