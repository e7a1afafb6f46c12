/* The option table: what each entry says, and which kinds of values there are. Read by opts.c and opts_print.c. */
#ifndef CLI_OPTS_OPTS_TABLE_H
#define CLI_OPTS_OPTS_TABLE_H

#include "cli/analysis/report.h"
#include "cli/opts/opts.h"

enum opt_kind {
	OPT_FLAG,       /* bool at offset; no argument, or yes|no */
	OPT_YESNO,      /* bool at offset; needs yes or no */
	OPT_GEN,        /* enum render_gen at offset; no argument, or yes|all|lsan|no */
	OPT_NUMBER,     /* unsigned at offset, from min to max, cut at `most` */
	OPT_CHOICE,     /* unsigned at offset: index into choices */
	OPT_VERDICTS,   /* unsigned at offset: bit set of verdicts */
	OPT_GATES,      /* unsigned at offset: set of 1 << enum gate_rule */
	OPT_THRESHOLDS, /* struct thresholds at offset: percents */
	OPT_SIZE,       /* uint64_t at offset: bytes, at least min; "64K", "1.5G" */
	OPT_LIMIT,      /* the same, or "auto", which is 0 */
	OPT_COUNT,      /* uint64_t at offset: a number, at least min */
	OPT_DURATION,   /* uint64_t at offset: nanoseconds, at least min; "250ms", "2m" */
	OPT_TEXT,       /* char * at offset, owned; NULL = not given */
	OPT_FILE,       /* the same: a FILE pattern */
	OPT_TEXTS,      /* struct opts_texts at offset: each time one more */
	OPT_URLS,       /* the same, each a URL for --push */
	OPT_ADDRESS,    /* struct opts_http at offset; the argument may be left out */
	OPT_OUTPUT,     /* a report, in the format of the option's own name unless `format` is another */
	OPT_LOG_FD,     /* the text report, to a descriptor that is open */
	OPT_EXPORT,     /* FORMAT:FILE with one of the formats that are `exported` */
	OPT_ACCEPTED,   /* a spelling of valgrind without effect here, with any value */
};

enum opt_group {
	GROUP_REPORT,
	GROUP_CI,
	GROUP_RECORD,
	GROUP_LIMIT,
	GROUP_GATE,
	GROUP_VALGRIND,
	GROUP_GENERAL,
	GROUP_HIDDEN, /* for developers: not in --help */
};

struct opt_entry {
	const char *name;
	const char *metavar; /* of the argument; NULL = none; in brackets = may be left out, then only with '=' */
	const char *help;
	const char *const *choices; /* ended by NULL */
	const char *format;         /* OPT_OUTPUT */
	size_t offset;              /* in struct options */
	unsigned min, max, most;
	enum opt_kind kind;
	enum opt_group group;
	unsigned commands; /* set of enum opts_command */
	char letter;
};

extern const struct opt_entry opts_table[];
extern const size_t opts_table_entries;

static inline bool opt_needs_value(const struct opt_entry *entry)
{
	return entry->metavar && entry->metavar[0] != '[';
}

/* Verdicts that --show can name: what it cannot hide, the default, and all. */
#define SHOW_ALWAYS  (1u << VERDICT_SUPPRESSED | 1u << VERDICT_UNCLASSIFIED)
#define SHOW_DEFAULT (SHOW_ALWAYS | 1u << VERDICT_DEFINITE | 1u << VERDICT_POSSIBLE)
#define SHOW_ALL     (SHOW_DEFAULT | 1u << VERDICT_INDIRECT | 1u << VERDICT_REACHABLE)

#endif
