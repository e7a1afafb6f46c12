#include "cli/analysis/fingerprint.h"

#include "cli/analysis/origin.h"

#include <inttypes.h>
#include <stdbool.h>
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
	const char *module, *function;
	size_t module_length, function_length; /* function 0: only the module */
};

static bool token_equal(const struct token *a, const struct token *b)
{
	return a->module_length == b->module_length && a->function_length == b->function_length &&
	       memcmp(a->module, b->module, a->module_length) == 0 &&
	       memcmp(a->function, b->function, a->function_length) == 0;
}

static struct token token_of(const struct report_frame *frame)
{
	static const char runtime[] = "runtime", unknown[] = "?";
	struct token token = {.module = unknown, .module_length = 1, .function = unknown, .function_length = 1};

	if (frame->module) {
		token.module = origin_basename(frame->module);
		token.module_length = module_length(token.module);
	}
	if (frame->system && frame->module && origin_module_is_system(frame->module, NULL) &&
	    !origin_module_is_core(frame->module)) {
		token.function_length = 0;
	} else if (frame->system || (frame->module && origin_module_is_core(frame->module))) {
		token.module = runtime;
		token.module_length = sizeof(runtime) - 1;
		token.function_length = 0;
	} else if (frame->function) {
		token.function = last_part(frame->function, &token.function_length);
		token.function_length = without_clone(token.function, token.function_length);
	}
	return token;
}

/* Without what starts main() or a thread, also where the C library is stripped of its inner names. */
static size_t counted_frames(const struct report_stack *stack)
{
	size_t n = report_stack_above_start(stack);

	while (n > 1 && stack->frames[n - 1]->module && origin_module_is_core(stack->frames[n - 1]->module))
		n--;
	return n;
}

void fingerprint_stack(const struct report_stack *stack, char id[17])
{
	size_t n = counted_frames(stack);
	struct token last = {.module = "", .function = ""};
	uint64_t h = FNV_OFFSET;

	for (size_t i = 0; i < n; i++) {
		struct token token = token_of(stack->frames[i]);

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
	snprintf(id, 17, "%016" PRIx64, h);
}
