#include "cli/analysis/fingerprint.h"

#include "cli/analysis/origin.h"
#include "cli/base/xalloc.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
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
static size_t without_clone(const char *name, size_t n)
{
	static const char *const suffixes[] = {
		" [clone ", ".constprop.", ".isra.", ".part.", ".cold", ".lto_priv.", ".localalias", ".llvm.",
	};

	if (!memchr(name, '.', n)) /* all have one, most names have none */
		return n;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		const char *at = strstr(name, suffixes[i]);

		if (at && at > name && (size_t)(at - name) < n)
			n = (size_t)(at - name);
	}
	return n;
}

/* The end of the brackets that open at `s`: behind the closing one, or at the end of the name. */
static const char *skip_brackets(const char *s)
{
	int depth = 0;

	for (; *s; s++) {
		if (strchr("(<{[", *s))
			depth++;
		else if (strchr(")>}]", *s) && --depth == 0)
			return s + 1;
	}
	return s;
}

/* "operator()", "operator<<", "operator std::string": up to the parameters, if they follow. */
static size_t operator_length(const char *name)
{
	size_t word = sizeof("operator") - 1;

	if (strncmp(name + word, "()", 2) == 0)
		return word + 2;
	return word + strcspn(name + word, "(");
}

/*
 * The last part of a demangled name, without template arguments and parameters: "f" of "void N::C<T>::f<int>(int)". A
 * function in a function is the inner one: "N::g(int)::{lambda()#1}::operator()() const".
 */
static const char *last_part(const char *name, size_t *length)
{
	const char *begin = name, *cut = NULL, *s = name;

	while (*s) {
		if (s == begin && strncmp(s, "operator", 8) == 0 && strchr(" (<>[=+-*/%^&|~!,", s[8])) {
			*length = operator_length(s);
			return begin;
		}
		if (s[0] == ':' && s[1] == ':') {
			begin = s += 2;
			cut = NULL;
		} else if (s[0] == ' ' && strncmp(s, " [clone", 7) != 0) { /* behind a return type */
			begin = ++s;
			cut = NULL;
		} else if (s[0] == '(' || s[0] == '<' || s[0] == '{') {
			const char *after = skip_brackets(s);
			bool goes_on = s[0] != '(' || (after[0] == ':' && after[1] == ':') || after[0] == '.';

			if (!goes_on)
				break;
			if (!cut && s > begin && after[0] != '.')
				cut = s;
			s = after;
		} else if (s[0] == ' ') {
			break;
		} else {
			s++;
		}
	}
	*length = (size_t)((cut ? cut : s) - begin);
	return begin;
}

/* What a frame gives to the id: a module and perhaps a function in it. */
struct token {
	const struct report_frame *frame; /* NULL = a free slot */
	const char *module, *function;
	uint32_t module_length, function_length; /* function 0: only the module */
	bool core;
};

struct fingerprints {
	struct token *tokens; /* open addressing */
	size_t n, n_slots;    /* n_slots is a power of two, or 0: nothing is kept */
	/* What the last frame's module is, which is the next one's too. NULL = none yet. */
	const char *module, *base;
	size_t module_length;
	bool core, system;
};

static bool same_bytes(const char *a, const char *b, size_t n)
{
	return a == b || memcmp(a, b, n) == 0;
}

static bool token_equal(const struct token *a, const struct token *b)
{
	return a->module_length == b->module_length && a->function_length == b->function_length &&
	       same_bytes(a->function, b->function, a->function_length) &&
	       same_bytes(a->module, b->module, a->module_length);
}

static void look_at_module(struct fingerprints *f, const char *module)
{
	if (module == f->module)
		return;
	f->module = module;
	f->base = origin_basename(module);
	f->module_length = module_length(f->base);
	f->core = origin_module_is_core(module);
	f->system = origin_module_is_system(module, NULL);
}

static struct token token_of(struct fingerprints *f, const struct report_frame *frame)
{
	static const char runtime[] = "runtime", unknown[] = "?";
	struct token token = {
		.frame = frame, .module = unknown, .module_length = 1, .function = unknown, .function_length = 1};
	bool of_system = false;

	if (frame->module) {
		look_at_module(f, frame->module);
		token.module = f->base;
		token.module_length = (uint32_t)f->module_length;
		token.core = f->core;
		of_system = f->system && !f->core;
	}
	if (frame->system && of_system) {
		token.function_length = 0;
	} else if (frame->system || token.core) {
		token.module = runtime;
		token.module_length = sizeof(runtime) - 1;
		token.function_length = 0;
	} else if (frame->function) {
		size_t length;

		token.function = last_part(frame->function, &length);
		token.function_length = (uint32_t)without_clone(token.function, length);
	}
	return token;
}

/* ---- the tokens of frames that were met before */

struct fingerprints *fingerprints_new(void)
{
	struct fingerprints *f = xcalloc(1, sizeof(*f));

	f->n_slots = 256;
	f->tokens = xcalloc(f->n_slots, sizeof(*f->tokens));
	return f;
}

void fingerprints_free(struct fingerprints *f)
{
	if (!f)
		return;
	free(f->tokens);
	free(f);
}

static struct token *slot(const struct fingerprints *f, const struct report_frame *frame)
{
	size_t mask = f->n_slots - 1;
	size_t i = (uint64_t)(uintptr_t)frame * UINT64_C(0x9e3779b97f4a7c15) >> 32 & mask;

	while (f->tokens[i].frame && f->tokens[i].frame != frame)
		i = (i + 1) & mask;
	return &f->tokens[i];
}

static void grow(struct fingerprints *f)
{
	struct token *old = f->tokens;
	size_t n_old = f->n_slots;

	f->n_slots = n_old * 2;
	f->tokens = xcalloc(f->n_slots, sizeof(*f->tokens));
	for (size_t i = 0; i < n_old; i++)
		if (old[i].frame)
			*slot(f, old[i].frame) = old[i];
	free(old);
}

static struct token known_token(struct fingerprints *f, const struct report_frame *frame)
{
	struct token *token;

	if (!f->n_slots)
		return token_of(f, frame);
	token = slot(f, frame);
	if (token->frame)
		return *token;
	if ((f->n + 1) * 4 > f->n_slots * 3) {
		grow(f);
		token = slot(f, frame);
	}
	f->n++;
	return *token = token_of(f, frame);
}

/* ---- stacks */

/* Without what starts main() or a thread, also where the C library is stripped of its inner names. */
static size_t counted_frames(struct fingerprints *f, const struct report_stack *stack)
{
	size_t n = report_stack_above_start(stack);

	while (n > 1 && known_token(f, stack->frames[n - 1]).core)
		n--;
	return n;
}

static void put_hex(uint64_t h, char id[17])
{
	for (int i = 0; i < 16; i++)
		id[i] = "0123456789abcdef"[h >> (60 - 4 * i) & 15];
	id[16] = '\0';
}

void fingerprints_stack(struct fingerprints *f, const struct report_stack *stack, char id[17])
{
	size_t n = counted_frames(f, stack);
	struct token last = {.module = "", .function = ""};
	uint64_t h = FNV_OFFSET;

	for (size_t i = 0; i < n; i++) {
		struct token token = known_token(f, stack->frames[i]);

		if (token_equal(&token, &last))
			continue;
		h = hash_bytes(h, token.module, token.module_length);
		if (token.function_length) {
			h = hash_bytes(h, ":", 1);
			h = hash_bytes(h, token.function, token.function_length);
		}
		h = hash_bytes(h, "\n", 1);
		last = token;
	}
	put_hex(h, id);
}

void fingerprint_stack(const struct report_stack *stack, char id[17])
{
	struct fingerprints once = {0};

	fingerprints_stack(&once, stack, id);
}
