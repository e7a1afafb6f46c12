#include "cli/analysis/sites.h"

#include "cli/base/xalloc.h"
#include "cli/symbols/elf_code.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_BYTES UINT64_C(4096)

struct draft {
	uint32_t id;
	uint32_t stack; /* its canonical one */
	struct report_site site;
};

struct sites_base {
	struct base_use {
		uint32_t stack;
		struct report_amount allocated, live;
	} *uses; /* by stack */
	size_t n, cap;
};

struct gather {
	const struct process *process;
	const struct sites_base *base; /* NULL = none */
	size_t base_at; /* stacks before it were passed */
	struct draft *drafts; /* as many as there are stack ids in use, then as there are different stacks */
	size_t n, cap;
	size_t peak_at; /* drafts before it are of stacks that were passed */
};

struct sites {
	struct gather gather;
	struct names *names;
	struct store *store;
	uint32_t depth;
	size_t n_named; /* drafts */
	struct report_site *sites;
	size_t n_sites;
	uint32_t *slots; /* by what a stack reads: index of a site + 1; 0 = free */
	size_t n_slots;  /* a power of two */
	const struct report_module *modules;
	size_t n_modules;
	bool complete;
};

static void add_amount(struct report_amount *to, uint64_t blocks, uint64_t bytes)
{
	to->blocks += blocks;
	to->bytes += bytes;
}

static void base_use(void *ctx, uint32_t stack, const struct process_use *use)
{
	struct sites_base *base = ctx;

	base->uses = xgrow(base->uses, &base->cap, base->n + 1, sizeof(*base->uses));
	base->uses[base->n++] = (struct base_use){
		stack, {use->allocations, use->allocated_bytes}, {use->live_blocks, use->live_bytes}};
}

struct sites_base *sites_base_new(const struct process *process)
{
	struct sites_base *base = xcalloc(1, sizeof(*base));

	process_each_use(process, base_use, base);
	return base;
}

void sites_base_free(struct sites_base *base)
{
	if (base)
		free(base->uses);
	free(base);
}

void sites_base_forget_live(struct sites_base *base)
{
	for (size_t i = 0; i < base->n; i++)
		base->uses[i].live = (struct report_amount){0};
}

/* Stacks come in ascending order here and there. */
static void take_base(struct gather *gather, uint32_t stack, struct report_site *site)
{
	const struct sites_base *base = gather->base;

	while (base && gather->base_at < base->n && base->uses[gather->base_at].stack < stack)
		gather->base_at++;
	if (base && gather->base_at < base->n && base->uses[gather->base_at].stack == stack) {
		const struct base_use *use = &base->uses[gather->base_at];

		add_amount(&site->allocated, -use->allocated.blocks, -use->allocated.bytes);
		add_amount(&site->live, -use->live.blocks, -use->live.bytes);
	}
}

static void gather_use(void *ctx, uint32_t stack, const struct process_use *use)
{
	struct gather *gather = ctx;
	struct draft *draft;

	gather->drafts = xgrow(gather->drafts, &gather->cap, gather->n + 1, sizeof(*gather->drafts));
	draft = &gather->drafts[gather->n++];
	*draft = (struct draft){.id = stack, .stack = stacks_canonical(gather->process->stacks, stack)};
	add_amount(&draft->site.allocated, use->allocations, use->allocated_bytes);
	add_amount(&draft->site.live, use->live_blocks, use->live_bytes);
	draft->site.age_seconds = (double)use->freed_ms / 1e3;
	take_base(gather, stack, &draft->site);
}

/* Comes by id, as the drafts did. */
static void gather_peak(void *ctx, uint32_t stack, uint64_t n_blocks, uint64_t n_bytes)
{
	struct gather *gather = ctx;

	while (gather->peak_at < gather->n && gather->drafts[gather->peak_at].id < stack)
		gather->peak_at++;
	if (gather->peak_at < gather->n && gather->drafts[gather->peak_at].id == stack)
		add_amount(&gather->drafts[gather->peak_at].site.peak, n_blocks, n_bytes);
}

static int by_id(const void *a, const void *b)
{
	const struct draft *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static void gather_age(void *ctx, const struct process_block *block)
{
	struct gather *gather = ctx;
	uint64_t now_ns = gather->process->end_monotonic_ns - gather->process->start_monotonic_ns;
	const struct draft key = {.id = block->stack};
	struct draft *draft;

	if (block->inherited || gather->n == 0)
		return;
	draft = bsearch(&key, gather->drafts, gather->n, sizeof(key), by_id);
	if (draft && now_ns > block->birth_ns)
		draft->site.age_seconds += (double)(now_ns - block->birth_ns) / 1e9;
}

static void merge_site(struct report_site *into, const struct report_site *site)
{
	add_amount(&into->allocated, site->allocated.blocks, site->allocated.bytes);
	add_amount(&into->live, site->live.blocks, site->live.bytes);
	add_amount(&into->peak, site->peak.blocks, site->peak.bytes);
	into->age_seconds += site->age_seconds;
}

static int by_stack(const void *a, const void *b)
{
	const struct draft *x = a, *y = b;

	return (x->stack > y->stack) - (x->stack < y->stack);
}

/* One draft for each canonical stack. */
static void gather_merge(struct gather *gather)
{
	size_t kept = 0;

	if (gather->n == 0)
		return;
	qsort(gather->drafts, gather->n, sizeof(*gather->drafts), by_stack);
	for (size_t i = 1; i < gather->n; i++) {
		if (gather->drafts[i].stack == gather->drafts[kept].stack)
			merge_site(&gather->drafts[kept].site, &gather->drafts[i].site);
		else
			gather->drafts[++kept] = gather->drafts[i];
	}
	gather->n = kept + 1;
}

static uint64_t hash_stack(const struct report_stack *stack)
{
	uint64_t h = stack->n_frames * 2 + stack->truncated;

	for (size_t i = 0; i < stack->n_frames; i++) {
		h = (h ^ (uint64_t)(uintptr_t)stack->frames[i]) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 32;
	}
	return h;
}

static bool same_stack(const struct report_stack *a, const struct report_stack *b)
{
	return a->n_frames == b->n_frames && a->truncated == b->truncated &&
	       (a->n_frames == 0 || memcmp(a->frames, b->frames, a->n_frames * sizeof(*a->frames)) == 0);
}

static void keep_frames(struct report_stack *stack, struct store *store)
{
	size_t n_bytes = stack->n_frames * sizeof(*stack->frames);

	if (n_bytes)
		stack->frames = memcpy(store_alloc(store, stack->n_frames, sizeof(*stack->frames)), stack->frames,
				       n_bytes);
}

/* Names a stack and adds it to those that read the same. */
static void name_site(struct sites *sites, const struct draft *draft)
{
	struct report_site site = draft->site;
	uint32_t *slots = sites->slots;
	size_t at;

	site.stack = names_stack(sites->names, draft->stack, sites->depth);
	at = hash_stack(&site.stack) & (sites->n_slots - 1);
	while (slots[at] && !same_stack(&sites->sites[slots[at] - 1].stack, &site.stack))
		at = (at + 1) & (sites->n_slots - 1);
	if (slots[at]) {
		merge_site(&sites->sites[slots[at] - 1], &site);
		return;
	}
	keep_frames(&site.stack, sites->store);
	sites->sites[sites->n_sites] = site;
	slots[at] = (uint32_t)++sites->n_sites;
}

bool sites_name(struct sites *sites, size_t n)
{
	for (; n && sites->n_named < sites->gather.n; n--)
		name_site(sites, &sites->gather.drafts[sites->n_named++]);
	return sites->n_named == sites->gather.n;
}

static int larger_first(const void *a, const void *b)
{
	const struct report_site *x = a, *y = b;

	if (x->live.bytes != y->live.bytes)
		return x->live.bytes < y->live.bytes ? 1 : -1;
	if (x->allocated.bytes != y->allocated.bytes)
		return x->allocated.bytes < y->allocated.bytes ? 1 : -1;
	return (x->allocated.blocks < y->allocated.blocks) - (x->allocated.blocks > y->allocated.blocks);
}

/* ---- modules */

/* Which of the modules are told: those that frames are in. */
static void mark_used(const struct sites *sites, const struct report_module *modules, size_t n, bool *used)
{
	size_t last = 0;

	for (size_t i = 0; i < sites->n_sites; i++) {
		const struct report_stack *stack = &sites->sites[i].stack;

		for (size_t j = 0; j < stack->n_frames; j++) {
			const struct report_frame *frame = stack->frames[j];

			if (!frame->module || (last < n && used[last] && modules[last].path == frame->module &&
					       modules[last].build_id == frame->build_id))
				continue;
			for (last = 0; last < n; last++)
				if (modules[last].path == frame->module && modules[last].build_id == frame->build_id)
					break;
			if (last < n)
				used[last] = true;
		}
	}
}

static struct report_module module_of(const struct module *module, struct names *names, uint32_t index)
{
	struct report_module to = {.bias = module->bias, .start = module->start, .end = module->end};
	struct elf_code code;

	names_module_strings(names, index, &to.path, &to.build_id);
	if (elf_code_find(module->path, module->build_id, module->build_id_bytes, &code)) {
		to.start = module->bias + (code.vaddr & ~(PAGE_BYTES - 1));
		to.end = module->bias + ((code.vaddr + code.n_bytes + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1));
		to.file_offset = code.file_offset & ~(PAGE_BYTES - 1);
	}
	return to;
}

static void build_modules(struct sites *sites, const char *exe)
{
	const struct process *process = sites->gather.process;
	uint32_t n_all = modules_count(process->modules);
	struct report_module *modules = store_alloc(sites->store, n_all, sizeof(*modules)), main_module;
	bool *used = xcalloc(n_all, sizeof(*used));
	size_t n = 0;

	for (uint32_t i = 0; i < n_all; i++)
		names_module_strings(sites->names, i + 1, &modules[i].path, &modules[i].build_id);
	mark_used(sites, modules, n_all, used);
	for (uint32_t i = 0; i < n_all; i++) {
		const struct module *module = modules_get(process->modules, i + 1);
		bool is_exe = module->path && exe && strcmp(module->path, exe) == 0;

		if (!module->path || !module->path[0] || (!used[i] && !is_exe))
			continue;
		modules[n++] = module_of(module, sites->names, i + 1);
		if (is_exe) {
			main_module = modules[n - 1];
			memmove(modules + 1, modules, (n - 1) * sizeof(*modules));
			modules[0] = main_module;
		}
	}
	free(used);
	sites->modules = modules;
	sites->n_modules = n;
}

struct sites *sites_begin(const struct process *process, struct names *names, struct store *store,
			  const struct build_options *options)
{
	struct sites *sites = xcalloc(1, sizeof(*sites));
	struct gather *gather = &sites->gather;

	*sites = (struct sites){.gather = {.process = process, .base = options->sites_base},
				.names = names,
				.store = store,
				.depth = options->depth,
				.n_slots = 64};
	process_each_use(process, gather_use, gather);
	process_each_peak(process, gather_peak, gather);
	if (options->ages)
		process_each_block(process, gather_age, gather); /* while the drafts are by id */
	gather_merge(gather);
	sites->sites = store_alloc(store, gather->n, sizeof(*sites->sites));
	while (sites->n_slots < gather->n * 2)
		sites->n_slots *= 2;
	sites->slots = xcalloc(sites->n_slots, sizeof(*sites->slots));
	return sites;
}

void sites_complete(struct sites *sites, const char *exe)
{
	if (sites->complete)
		return;
	sites_name(sites, SIZE_MAX);
	if (sites->n_sites > 1)
		qsort(sites->sites, sites->n_sites, sizeof(*sites->sites), larger_first);
	build_modules(sites, exe);
	sites->complete = true;
}

void sites_end(struct sites *sites, struct report_process *out)
{
	sites_complete(sites, out->exe);
	out->sites = sites->sites;
	out->n_sites = sites->n_sites;
	out->modules = sites->modules;
	out->n_modules = sites->n_modules;
	free(sites->gather.drafts);
	free(sites->slots);
	free(sites);
}
