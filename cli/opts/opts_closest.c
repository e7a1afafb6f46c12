/* Which name was meant by one that is not known: of options, commands, formats. */
#include "cli/opts/opts.h"

#include <string.h>

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

/* Levenshtein's distance; names are short. */
static unsigned edit_distance(const char *a, size_t na, const char *b, size_t nb)
{
	enum { NAME_MAX_BYTES = 32 };
	unsigned row[NAME_MAX_BYTES + 1];

	if (na > NAME_MAX_BYTES || nb > NAME_MAX_BYTES)
		return NAME_MAX_BYTES;
	for (unsigned j = 0; j <= nb; j++)
		row[j] = j;
	for (unsigned i = 1; i <= na; i++) {
		unsigned diagonal = row[0];

		row[0] = i;
		for (unsigned j = 1; j <= nb; j++) {
			unsigned above = row[j];

			row[j] = min3(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[nb];
}

const char *opts_closest(const char *typed, size_t length, const char *const *names)
{
	const char *best = NULL;
	unsigned best_distance = length > 9 ? 4 : length > 3 ? 3 : 2; /* it must be less */

	for (; *names; names++) {
		unsigned distance = edit_distance(typed, length, *names, strlen(*names));

		if (length >= 3 && !strncmp(typed, *names, length))
			distance = 1; /* an abbreviation */
		if (distance < best_distance) {
			best_distance = distance;
			best = *names;
		}
	}
	return best;
}
