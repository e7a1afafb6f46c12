#include "cli/analysis/fingerprint.h"

#include "cli/analysis/origin.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define FNV_OFFSET UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME  UINT64_C(0x100000001b3)

static uint64_t hash_bytes(uint64_t h, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)s[i]) * FNV_PRIME;
	return h;
}

/* "libfoo.so.1.2" and "libfoo.so" are the same library. */
static size_t module_length(const char *name)
{
	const char *so = strstr(name, ".so");

	if (so && (so[3] == '\0' || so[3] == '.'))
		return (size_t)(so + 3 - name);
	return strlen(name);
}

/* Where the clone suffix begins. Names of functions hold no other '.' (Go's do: those suffixes are not in the list). */
static size_t function_length(const char *name)
{
	static const char *const suffixes[] = {
		" [clone ", ".constprop.", ".isra.", ".part.", ".cold", ".lto_priv.", ".localalias", ".llvm.",
	};
	size_t n = strlen(name);

	if (!memchr(name, '.', n)) /* all have one, most names have none */
		return n;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		const char *at = strstr(name, suffixes[i]);

		if (at && at > name && (size_t)(at - name) < n)
			n = (size_t)(at - name);
	}
	return n;
}

/* What a module gives to the tokens of its frames; neighbours mostly share it. */
struct part {
	const char *module; /* as in the frame */
	const char *name;
	size_t length;
	bool core;
};

static bool part_is_of(const struct part *part, const char *module)
{
	return part->name &&
	       (part->module == module || (part->module && module && strcmp(part->module, module) == 0));
}

static struct part part_of(const char *module)
{
	struct part part = {.module = module, .name = module ? origin_basename(module) : "?"};

	part.length = module_length(part.name);
	part.core = module && origin_module_is_core(module);
	return part;
}

void fingerprint_stack(const struct report_stack *stack, char id[17])
{
	uint64_t h = FNV_OFFSET;
	struct part part = {0};

	for (size_t i = 0; i < stack->n_frames; i++) {
		const struct report_frame *frame = stack->frames[i];
		bool same = part_is_of(&part, frame->module);

		if (!same)
			part = part_of(frame->module);
		if (same && part.core)
			continue;
		h = hash_bytes(h, part.name, part.length);
		if (!part.core) {
			const char *function = frame->function ? frame->function : "?";

			h = hash_bytes(h, ":", 1);
			h = hash_bytes(h, function, function_length(function));
		}
		h = hash_bytes(h, "\n", 1);
	}
	snprintf(id, 17, "%016" PRIx64, h);
}
