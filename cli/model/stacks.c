#include "cli/model/stacks.h"

#include "cli/base/xalloc.h"
#include "common/wire.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK_NODES 512u
#define LOOSE_MAX   65536u /* nodes without a module that are remembered, for modules announced late */

struct node {
	uint64_t ip; /* 48 bits, flags above, DEFINED on top */
	uint32_t parent;
	uint32_t module;
};

#define NODE_DEFINED     (UINT64_C(1) << 63)
#define NODE_FLAGS_SHIFT 48
#define NODE_IP          ((UINT64_C(1) << NODE_FLAGS_SHIFT) - 1)

struct stacks {
	struct node **chunks; /* of CHUNK_NODES */
	size_t n_chunks;
	uint32_t n_defined, max;
	uint64_t changes; /* of nodes that were defined before */
	uint32_t *loose;
	size_t n_loose, cap_loose;
	uint32_t *canonical; /* by id, 0 = not worked out; NULL after a change of what was */
	size_t n_canonical;
	bool unsettled;               /* one has a parent beyond the highest id, which may be defined yet */
	uint32_t *buckets;            /* canonical ids by content */
	size_t n_interned, n_buckets; /* n_buckets is a power of two */
};

struct stacks *stacks_new(void)
{
	return xcalloc(1, sizeof(struct stacks));
}

static void forget_canonical(struct stacks *stacks)
{
	free(stacks->canonical);
	free(stacks->buckets);
	stacks->canonical = stacks->buckets = NULL;
	stacks->n_canonical = stacks->n_interned = stacks->n_buckets = 0;
	stacks->unsettled = false;
}

void stacks_free(struct stacks *stacks)
{
	if (!stacks)
		return;
	for (size_t i = 0; i < stacks->n_chunks; i++)
		free(stacks->chunks[i]);
	forget_canonical(stacks);
	free(stacks->chunks);
	free(stacks->loose);
	free(stacks);
}

static const struct node *find(const struct stacks *stacks, uint32_t id)
{
	size_t at = id / CHUNK_NODES;
	const struct node *node;

	if (at >= stacks->n_chunks || !stacks->chunks[at])
		return NULL;
	node = &stacks->chunks[at][id % CHUNK_NODES];
	return node->ip & NODE_DEFINED ? node : NULL;
}

static struct node *writable(struct stacks *stacks, uint32_t id)
{
	size_t at = id / CHUNK_NODES;

	if (at >= stacks->n_chunks) {
		size_t n = stacks->n_chunks * 2 > at ? stacks->n_chunks * 2 : at + 1;

		stacks->chunks = xreallocarray(stacks->chunks, n, sizeof(*stacks->chunks));
		memset(stacks->chunks + stacks->n_chunks, 0, (n - stacks->n_chunks) * sizeof(*stacks->chunks));
		stacks->n_chunks = n;
	}
	if (!stacks->chunks[at])
		stacks->chunks[at] = xcalloc(CHUNK_NODES, sizeof(**stacks->chunks));
	return &stacks->chunks[at][id % CHUNK_NODES];
}

bool stacks_plausible(const struct stacks *stacks, uint32_t id)
{
	/* Threads may be given ids in blocks and send them late, but not without bound: each costs memory here. */
	return id <= WIRE_STACK_MAX && id / 16 <= stacks->n_defined + (1u << 16);
}

bool stacks_define(struct stacks *stacks, uint32_t id, uint32_t parent, const struct stack_frame *frame)
{
	const struct node *old = find(stacks, id);
	struct node node = {.parent = parent, .module = frame->module};

	node.ip = (frame->ip & NODE_IP) | (uint64_t)(frame->flags & 0xff) << NODE_FLAGS_SHIFT | NODE_DEFINED;
	if (id == 0 || id == parent || !stacks_plausible(stacks, id) || !stacks_plausible(stacks, parent))
		return false;
	if (old && old->ip == node.ip && old->parent == node.parent && (old->module == node.module || !node.module))
		return true;
	stacks->n_defined += !old;
	stacks->changes += old != NULL;
	*writable(stacks, id) = node;
	if (id > stacks->max)
		stacks->max = id;
	if (!node.module && stacks->n_loose < LOOSE_MAX) {
		stacks->loose = xgrow(stacks->loose, &stacks->cap_loose, stacks->n_loose + 1, sizeof(*stacks->loose));
		stacks->loose[stacks->n_loose++] = id;
	}
	/* It was another one, or missed. */
	if (stacks->unsettled || (id < stacks->n_canonical && stacks->canonical[id]))
		forget_canonical(stacks);
	return true;
}

void stacks_resolve(struct stacks *stacks, uint64_t start, uint64_t end, uint32_t module)
{
	size_t kept = 0;

	for (size_t i = 0; i < stacks->n_loose; i++) {
		uint32_t id = stacks->loose[i];
		const struct node *node = find(stacks, id);
		uint64_t ip = node->ip & NODE_IP;

		if (node->module)
			continue;
		if (ip - 1 >= start && ip - 1 < end)
			writable(stacks, id)->module = module;
		else
			stacks->loose[kept++] = id;
	}
	stacks->changes += kept < stacks->n_loose;
	stacks->n_loose = kept;
	if (stacks->canonical)
		forget_canonical(stacks);
}

size_t stacks_walk_ids(const struct stacks *stacks, uint32_t id, uint32_t *ids, size_t max, bool *truncated)
{
	size_t n = 0;
	bool cut = true;

	if (max > STACKS_WALK_MAX)
		max = STACKS_WALK_MAX;
	while (n < max) {
		const struct node *node = find(stacks, id);

		if (!node)
			break;
		ids[n++] = id;
		id = node->parent;
		if (id == 0) {
			cut = node->ip >> NODE_FLAGS_SHIFT & WIRE_NODE_TRUNCATED;
			break;
		}
	}
	if (truncated)
		*truncated = cut;
	return n;
}

struct stack_frame stacks_frame(const struct stacks *stacks, uint32_t id)
{
	const struct node *node = find(stacks, id);

	if (!node)
		return (struct stack_frame){0};
	return (struct stack_frame){node->ip & NODE_IP, node->module, (uint32_t)(node->ip >> NODE_FLAGS_SHIFT) & 0xff};
}

size_t stacks_walk(const struct stacks *stacks, uint32_t id, struct stack_frame *frames, size_t max, bool *truncated)
{
	uint32_t ids[STACKS_WALK_MAX];
	size_t n = stacks_walk_ids(stacks, id, ids, max, truncated);

	for (size_t i = 0; frames && i < n; i++)
		frames[i] = stacks_frame(stacks, ids[i]);
	return n;
}

uint64_t stacks_changes(const struct stacks *stacks)
{
	return stacks->changes;
}

uint32_t stacks_max(const struct stacks *stacks)
{
	return stacks->max;
}

size_t stacks_bytes(const struct stacks *stacks)
{
	size_t n_bytes = sizeof(*stacks) + stacks->n_chunks * sizeof(*stacks->chunks);

	n_bytes += stacks->cap_loose * sizeof(*stacks->loose);
	if (stacks->canonical)
		n_bytes += (stacks->n_canonical + stacks->n_buckets) * sizeof(uint32_t);
	for (size_t i = 0; i < stacks->n_chunks; i++)
		n_bytes += stacks->chunks[i] ? CHUNK_NODES * sizeof(**stacks->chunks) : 0;
	return n_bytes;
}

static bool same(const struct stacks *stacks, const struct node *a, const struct node *b)
{
	return a->ip == b->ip && a->module == b->module && stacks->canonical[a->parent] == stacks->canonical[b->parent];
}

/* Where a node is among the canonical ones, or would be; its parent's id is known. */
static size_t bucket(const struct stacks *stacks, const struct node *node)
{
	uint64_t content = node->ip ^ (uint64_t)stacks->canonical[node->parent] << 20 ^ node->module;
	uint64_t h = content * UINT64_C(0x9e3779b97f4a7c15);
	size_t at = (h ^ h >> 32) & (stacks->n_buckets - 1);

	while (stacks->buckets[at] && !same(stacks, find(stacks, stacks->buckets[at]), node))
		at = (at + 1) & (stacks->n_buckets - 1);
	return at;
}

static void grow_buckets(struct stacks *stacks)
{
	uint32_t *old = stacks->buckets;
	size_t n_old = stacks->n_buckets;

	stacks->n_buckets = n_old ? n_old * 2 : 64;
	while (stacks->n_buckets < (size_t)stacks->n_defined * 2)
		stacks->n_buckets *= 2;
	stacks->buckets = xcalloc(stacks->n_buckets, sizeof(*stacks->buckets));
	for (size_t i = 0; i < n_old; i++)
		if (old[i])
			stacks->buckets[bucket(stacks, find(stacks, old[i]))] = old[i];
	free(old);
}

/* The canonical id of a node whose parent's is known: the first one with this content. */
static uint32_t intern(struct stacks *stacks, uint32_t id)
{
	const struct node *node = find(stacks, id);
	size_t at;

	if ((stacks->n_interned + 1) * 2 > stacks->n_buckets)
		grow_buckets(stacks);
	at = bucket(stacks, node);
	if (!stacks->buckets[at]) {
		stacks->buckets[at] = id;
		stacks->n_interned++;
	}
	return stacks->buckets[at];
}

/* Works out the canonical ids of `id` and of what it needs, outermost first. */
static void canonise(struct stacks *stacks, uint32_t id)
{
	uint32_t path[STACKS_WALK_MAX];
	size_t n = 0;

	while (n < STACKS_WALK_MAX && id <= stacks->max && find(stacks, id) && !stacks->canonical[id]) {
		path[n++] = id;
		stacks->canonical[id] = id; /* ends loops; set right below */
		id = find(stacks, id)->parent;
	}
	while (n-- > 0) {
		uint32_t parent = find(stacks, path[n])->parent;

		if (parent <= stacks->max) {
			if (!stacks->canonical[parent])
				stacks->canonical[parent] = parent; /* 0, or not defined */
			stacks->canonical[path[n]] = intern(stacks, path[n]);
		} else {
			stacks->unsettled = true;
		}
	}
}

/* Room for all ids up to the highest. */
static void grow_canonical(struct stacks *stacks)
{
	size_t n = stacks->n_canonical * 2 > stacks->max ? stacks->n_canonical * 2 : (size_t)stacks->max + 1;

	if (stacks->n_canonical > stacks->max)
		return;
	stacks->canonical = xreallocarray(stacks->canonical, n, sizeof(*stacks->canonical));
	memset(stacks->canonical + stacks->n_canonical, 0, (n - stacks->n_canonical) * sizeof(*stacks->canonical));
	stacks->n_canonical = n;
}

uint32_t stacks_canonical(struct stacks *stacks, uint32_t id)
{
	if (!find(stacks, id))
		return id;
	if (id >= stacks->n_canonical || !stacks->canonical[id]) {
		grow_canonical(stacks);
		canonise(stacks, id);
	}
	return stacks->canonical[id];
}
