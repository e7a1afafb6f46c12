/* What is generated from the option table for people: --help, and the dump that the man page is checked with. */
#include "cli/opts/opts.h"

#include "cli/opts/opts_table.h"

#include <stdio.h>
#include <string.h>

static const char *separator(const struct opt_entry *entry)
{
	return opt_needs_value(entry) ? "=" : "";
}

void opts_print_help(struct out *out, enum opts_command command)
{
	static const char *const titles[] = {
		[GROUP_REPORT] = "Reports",
		[GROUP_CI] = "Reports for CI services",
		[GROUP_RECORD] = "What is watched",
		[GROUP_LIMIT] = "History and limits",
		[GROUP_GATE] = "Gates",
		[GROUP_VALGRIND] = "Valgrind's spellings",
		[GROUP_GENERAL] = "General",
	};

	for (int group = 0; group < GROUP_HIDDEN; group++) {
		bool titled = false;

		for (size_t i = 0; i < opts_table_entries; i++) {
			const struct opt_entry *entry = &opts_table[i];
			char left[64];

			if ((int)entry->group != group || !(entry->commands & (unsigned)command))
				continue;
			if (!titled)
				out_printf(out, "\n%s:\n", titles[group]);
			titled = true;
			snprintf(left, sizeof(left), "%c%c%s--%s%s%s", entry->letter ? '-' : ' ',
				 entry->letter ? entry->letter : ' ', entry->letter ? ", " : "  ", entry->name,
				 separator(entry), entry->metavar ? entry->metavar : "");
			out_printf(out, "  %-28s %s%s\n", left,
				   strlen(left) > 28 ? "\n                               " : "", entry->help);
		}
	}
}

void opts_print_table(struct out *out)
{
	for (size_t i = 0; i < opts_table_entries; i++) {
		const struct opt_entry *entry = &opts_table[i];

		if (entry->group == GROUP_HIDDEN)
			continue;
		out_printf(out, "--%s\t%s%.1s\t%s\t%s\n", entry->name, entry->letter ? "-" : "", &entry->letter,
			   entry->metavar ? entry->metavar : "", entry->help);
	}
}
