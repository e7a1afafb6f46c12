/* Suppression files from anywhere: each either is an error that names a place in it, or gives rules that can be asked.
 */
#include "cli/suppress/lsan_flags.h"
#include "cli/suppress/match.h"
#include "cli/suppress/parse.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct report_frame frames[] = {
	{.function = "shop::open(int)",
	 .symbol = "_ZN4shop4openEi",
	 .file = "/src/shop.cc",
	 .line = 7,
	 .module = "/bin/shop"},
	{.function = "main", .symbol = "main", .file = "/src/main.c", .line = 3, .module = "/bin/shop"},
	{.offset = 5},
};

static void ask(const struct suppress_set *set)
{
	const struct report_frame *pointers[] = {&frames[0], &frames[2], &frames[1]};
	const struct report_stack stack = {.frames = pointers, .n_frames = 3};
	struct suppress_matcher *matcher = suppress_matcher_new(set);

	for (unsigned kind = 0; kind < 16; kind++)
		for (int verdict = 0; verdict < N_VERDICTS; verdict++) {
			size_t rule = suppress_match(matcher, &stack, kind, (enum verdict)verdict, NULL, 0);

			if (rule != SUPPRESS_NONE && rule >= set->n_rules)
				abort();
		}
	suppress_matcher_free(matcher);
}

/* The same bytes as LeakSanitizer's options. */
static void find_flag(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *value;

	memcpy(text, data, size);
	text[size] = '\0';
	value = lsan_flag(text, "suppressions");
	if (value && strlen(value) > size)
		abort();
	free(value);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct suppress_set set = {0}, copy = {0};
	struct err err = {0};

	if (suppress_parse(&set, "x.supp", (const char *)data, size, &err) == 0)
		ask(&set);
	else if (strncmp(err.text, "x.supp:", 7) != 0)
		abort();
	suppress_append(&copy, &set);
	if (copy.n_rules != set.n_rules)
		abort();
	ask(&copy);
	suppress_expire(&set, "2027-01-01");
	suppress_release(&copy);
	find_flag(data, size);
	suppress_release(&set);
	return 0;
}
