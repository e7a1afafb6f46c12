#include "cli/render/pprof_profile.h"

#include "cli/base/xalloc.h"
#include "cli/render/gzip.h"
#include "cli/render/plain_name.h"
#include "cli/render/pprof_tables.h"

#include <cli/render/profile.pb-c.h>
#include <stdlib.h>
#include <string.h>

/* Functions of allocators, should any be left in a stack: their callers are what counts. A regular expression for whole
 * names. */
#define DROPPED                                                                                          \
	"malloc|calloc|realloc|reallocarray|free|posix_memalign|aligned_alloc|memalign|valloc|pvalloc|" \
	"operator new.*|operator delete.*|__libc_.*alloc|memwatch_.*"

#define UNKNOWN     "[unknown]"
#define UNKNOWN_END (UINT64_C(1) << 48) /* beyond all addresses of programs */

/* Pointers to messages, as protobuf-c wants them. */
struct list {
	void **items;
	size_t n, cap;
};

struct pprof_profile {
	Pprof__Profile message;
	struct pprof_arena arena;
	struct pprof_strings strings;
	struct pprof_index function_ids, location_ids, mapping_ids;
	struct list samples, mappings, locations, functions;
	int64_t *comments;
	size_t n_comments, cap_comments;
	const struct report_process *process;
	struct pprof_label {
		int64_t key, text;
	} label; /* of the process; key 0 = none */
};

static void list_add(struct list *list, void *item)
{
	list->items = xgrow(list->items, &list->cap, list->n + 1, sizeof(*list->items));
	list->items[list->n++] = item;
}

/* A message of the arena; all its fields are zero. */
#define DEFINE_NEW(type, function, prefix)                                            \
	static type *function(struct pprof_profile *profile)                          \
	{                                                                             \
		type *message = pprof_arena_get(&profile->arena, sizeof(type));       \
                                                                                      \
		prefix##__init(message);                                              \
		return message;                                                       \
	}

DEFINE_NEW(Pprof__ValueType, new_value_type, pprof__value_type)
DEFINE_NEW(Pprof__Sample, new_sample, pprof__sample)
DEFINE_NEW(Pprof__Label, new_label, pprof__label)
DEFINE_NEW(Pprof__Mapping, new_mapping, pprof__mapping)
DEFINE_NEW(Pprof__Location, new_location, pprof__location)
DEFINE_NEW(Pprof__Line, new_line, pprof__line)
DEFINE_NEW(Pprof__Function, new_function, pprof__function)

static Pprof__ValueType *value_type(struct pprof_profile *profile, const struct pprof_value_type *type)
{
	Pprof__ValueType *message = new_value_type(profile);

	message->type = pprof_string(&profile->strings, type->type);
	message->unit = pprof_string(&profile->strings, type->unit);
	return message;
}

struct pprof_profile *pprof_profile_new(const struct pprof_value_type *types, size_t n_types, const char *default_type)
{
	static const struct pprof_value_type period = {"space", "bytes"};
	struct pprof_profile *profile = xcalloc(1, sizeof(*profile));
	Pprof__Profile *message = &profile->message;

	pprof__profile__init(message);
	message->n_sample_type = n_types;
	message->sample_type = pprof_arena_get(&profile->arena, n_types * sizeof(*message->sample_type));
	for (size_t i = 0; i < n_types; i++)
		message->sample_type[i] = value_type(profile, &types[i]);
	message->period_type = value_type(profile, &period);
	message->period = 1; /* nothing is sampled */
	message->default_sample_type = pprof_string(&profile->strings, default_type);
	message->drop_frames = pprof_string(&profile->strings, DROPPED);
	return profile;
}

/* ---- mappings */

static uint64_t add_mapping(struct pprof_profile *profile, const struct report_module *module)
{
	Pprof__Mapping *mapping;
	bool is_new;
	int64_t filename = pprof_string(&profile->strings, module->path);
	uint64_t id = pprof_index_of(&profile->mapping_ids, (uint64_t)filename, module->start, module->bias, &is_new);

	if (!is_new)
		return id;
	mapping = new_mapping(profile);
	mapping->id = id;
	mapping->memory_start = module->start;
	mapping->memory_limit = module->end;
	mapping->file_offset = module->file_offset;
	mapping->filename = filename;
	mapping->build_id = pprof_string(&profile->strings, module->build_id);
	list_add(&profile->mappings, mapping);
	return id;
}

/* The module that a frame is in; NULL: in none that is told. */
static const struct report_module *find_module(const struct report_process *process, const struct report_frame *frame)
{
	for (size_t i = 0; frame->module && i < process->n_modules; i++)
		if (process->modules[i].path == frame->module && process->modules[i].build_id == frame->build_id)
			return &process->modules[i];
	return NULL;
}

/* Where nothing is known of the place of a module in memory, addresses are those of the file. */
static uint64_t mapping_of(struct pprof_profile *profile, const struct report_frame *frame, uint64_t *bias)
{
	const struct report_module *module = find_module(profile->process, frame);
	struct report_module made = {.path = frame->module ? frame->module : UNKNOWN,
				     .build_id = frame->build_id,
				     .end = UNKNOWN_END};

	*bias = module ? module->bias : 0;
	return add_mapping(profile, module ? module : &made);
}

void pprof_profile_begin(struct pprof_profile *profile, const struct report_process *process)
{
	struct report_module made = {.path = process->exe, .end = UNKNOWN_END};

	profile->process = process;
	profile->label = (struct pprof_label){0};
	pprof_index_release(&profile->location_ids); /* frames are known by their addresses, in this process */
	if (process->n_modules)
		add_mapping(profile, &process->modules[0]);
	else if (process->exe)
		add_mapping(profile, &made);
}

/* ---- locations */

static uint64_t add_function(struct pprof_profile *profile, const struct report_frame *frame)
{
	char *plain = plain_name(frame->function);
	int64_t name = pprof_string(&profile->strings, plain);
	int64_t system_name = pprof_string(&profile->strings, frame->symbol ? frame->symbol : frame->function);
	int64_t filename = pprof_string(&profile->strings, frame->file);
	Pprof__Function *function;
	bool is_new;
	uint64_t id = pprof_index_of(&profile->function_ids, (uint64_t)name, (uint64_t)system_name, (uint64_t)filename,
				     &is_new);

	free(plain);
	if (!is_new)
		return id;
	function = new_function(profile);
	function->id = id;
	function->name = name;
	function->system_name = system_name;
	function->filename = filename;
	list_add(&profile->functions, function);
	return id;
}

/* The frames of one address: those inlined, and the function that they are in. */
static size_t frames_of_address(const struct report_stack *stack, size_t at)
{
	size_t n = 1;

	while (stack->frames[at + n - 1]->inlined && at + n < stack->n_frames &&
	       stack->frames[at + n]->offset == stack->frames[at]->offset)
		n++;
	return n;
}

static void fill_location(struct pprof_profile *profile, Pprof__Location *location,
			  const struct report_frame *const *frames, size_t n)
{
	Pprof__Mapping *mapping;
	uint64_t bias;

	location->mapping_id = mapping_of(profile, frames[0], &bias);
	location->address = frames[0]->offset + bias;
	location->line = pprof_arena_get(&profile->arena, n * sizeof(*location->line));
	mapping = profile->mappings.items[location->mapping_id - 1];
	for (size_t i = 0; i < n; i++) {
		Pprof__Line *line;

		if (!frames[i]->function)
			continue;
		line = new_line(profile);
		line->function_id = add_function(profile, frames[i]);
		line->line = frames[i]->line;
		location->line[location->n_line++] = line;
		mapping->has_functions = true;
		mapping->has_filenames |= frames[i]->file != NULL;
		mapping->has_line_numbers |= frames[i]->line != 0;
		mapping->has_inline_frames |= frames[i]->inlined;
	}
}

static Pprof__Location *add_location(struct pprof_profile *profile)
{
	Pprof__Location *location = new_location(profile);

	list_add(&profile->locations, location);
	location->id = profile->locations.n;
	return location;
}

static uint64_t location_of(struct pprof_profile *profile, const struct report_frame *const *frames, size_t n)
{
	bool is_new;
	uint64_t first = profile->locations.n - profile->location_ids.n;
	uint64_t id = first + pprof_index_of(&profile->location_ids, (uint64_t)(uintptr_t)frames[0], n, 0, &is_new);

	if (is_new)
		fill_location(profile, add_location(profile), frames, n);
	return id;
}

/* ---- samples */

static Pprof__Label *make_label(struct pprof_profile *profile, const struct pprof_label *from)
{
	Pprof__Label *label = new_label(profile);

	label->key = from->key;
	label->str = from->text;
	return label;
}

void pprof_profile_label(struct pprof_profile *profile, const char *key, const char *label)
{
	profile->label.key = pprof_string(&profile->strings, key);
	profile->label.text = pprof_string(&profile->strings, label);
}

static void add_labels(struct pprof_profile *profile, Pprof__Sample *sample, const char *key, const char *label)
{
	struct pprof_label own = {pprof_string(&profile->strings, key), pprof_string(&profile->strings, label)};

	if (!own.key && !profile->label.key)
		return;
	sample->label = pprof_arena_get(&profile->arena, 2 * sizeof(*sample->label));
	if (profile->label.key)
		sample->label[sample->n_label++] = make_label(profile, &profile->label);
	if (own.key)
		sample->label[sample->n_label++] = make_label(profile, &own);
}

void pprof_profile_add(struct pprof_profile *profile, const struct report_stack *stack, const int64_t *values,
		       const char *key, const char *label)
{
	static const struct report_frame unknown = {.function = UNKNOWN};
	static const struct report_frame *const unknown_frames[] = {&unknown};
	static const struct report_stack unknown_stack = {.frames = unknown_frames, .n_frames = 1};
	size_t n_values = profile->message.n_sample_type;
	Pprof__Sample *sample = new_sample(profile);

	if (stack->n_frames == 0)
		stack = &unknown_stack;
	sample->location_id = pprof_arena_get(&profile->arena, stack->n_frames * sizeof(*sample->location_id));
	for (size_t i = 0, n; i < stack->n_frames; i += n) {
		n = frames_of_address(stack, i);
		sample->location_id[sample->n_location_id++] = location_of(profile, &stack->frames[i], n);
	}
	sample->n_value = n_values;
	sample->value = pprof_arena_get(&profile->arena, n_values * sizeof(*sample->value));
	memcpy(sample->value, values, n_values * sizeof(*values));
	add_labels(profile, sample, key, label);
	list_add(&profile->samples, sample);
}

void pprof_profile_comment(struct pprof_profile *profile, const char *text)
{
	profile->comments =
		xgrow(profile->comments, &profile->cap_comments, profile->n_comments + 1, sizeof(*profile->comments));
	profile->comments[profile->n_comments++] = pprof_string(&profile->strings, text);
}

void pprof_profile_time(struct pprof_profile *profile, int64_t realtime_ns, int64_t duration_ns)
{
	profile->message.time_nanos = realtime_ns;
	profile->message.duration_nanos = duration_ns;
}

/* ---- the end */

/* Messages are packed in small pieces. */
struct sink {
	ProtobufCBuffer base;
	struct gzip *gzip;
	size_t n;
	uint8_t buf[16384];
};

static void sink_flush(struct sink *sink)
{
	gzip_write(sink->gzip, sink->buf, sink->n);
	sink->n = 0;
}

static void sink_append(ProtobufCBuffer *buffer, size_t n, const uint8_t *bytes)
{
	struct sink *sink = (struct sink *)buffer;

	if (n > sizeof(sink->buf) - sink->n)
		sink_flush(sink);
	if (n > sizeof(sink->buf)) {
		gzip_write(sink->gzip, bytes, n);
	} else {
		memcpy(sink->buf + sink->n, bytes, n);
		sink->n += n;
	}
}

static void profile_free(struct pprof_profile *profile)
{
	pprof_index_release(&profile->function_ids);
	pprof_index_release(&profile->location_ids);
	pprof_index_release(&profile->mapping_ids);
	pprof_strings_release(&profile->strings);
	pprof_arena_release(&profile->arena);
	free(profile->samples.items);
	free(profile->mappings.items);
	free(profile->locations.items);
	free(profile->functions.items);
	free(profile->comments);
	free(profile);
}

void pprof_profile_finish(struct pprof_profile *profile, struct out *out)
{
	Pprof__Profile *message = &profile->message;
	struct sink sink = {.base.append = sink_append, .gzip = gzip_new(out)};

	message->sample = (Pprof__Sample **)profile->samples.items;
	message->n_sample = profile->samples.n;
	message->mapping = (Pprof__Mapping **)profile->mappings.items;
	message->n_mapping = profile->mappings.n;
	message->location = (Pprof__Location **)profile->locations.items;
	message->n_location = profile->locations.n;
	message->function = (Pprof__Function **)profile->functions.items;
	message->n_function = profile->functions.n;
	message->string_table = profile->strings.items;
	message->n_string_table = profile->strings.n;
	message->comment = profile->comments;
	message->n_comment = profile->n_comments;
	pprof__profile__pack_to_buffer(message, &sink.base);
	sink_flush(&sink);
	gzip_finish(sink.gzip);
	profile_free(profile);
}
