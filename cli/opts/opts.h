/*
 * Options: one table, from which come parsing, configuration files, --help and the dump that the man page is checked
 * with. A new option is one line of opts_table.c.
 */
#ifndef CLI_OPTS_OPTS_H
#define CLI_OPTS_OPTS_H

#include "cli/analysis/thresholds.h"
#include "cli/base/err.h"
#include "cli/base/out.h"
#include "cli/render/render.h"
#include "cli/serve/http_rules.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Commands, as a set: which of them know an option. */
enum opts_command {
	OPTS_RUN = 1,
	OPTS_DOCTOR = 2,
	OPTS_HELP = 4,
	OPTS_SCAN = 8,
	OPTS_STAT = 16,
	OPTS_DIFF = 32,
	OPTS_MERGE = 64,
	OPTS_REPORT = 128,
	OPTS_TOP = 256,
	OPTS_ALL = OPTS_RUN | OPTS_DOCTOR | OPTS_HELP | OPTS_SCAN | OPTS_STAT | OPTS_DIFF | OPTS_MERGE | OPTS_REPORT |
		   OPTS_TOP,
};

enum color_when {
	COLOR_AUTO,
	COLOR_ALWAYS,
	COLOR_NEVER,
};

/* A report to be written. */
struct opts_output {
	const char *format; /* a name for render_format_find() */
	char *path;         /* a FILE pattern, "-" = stdout, NULL = stderr */
};

/* The values of an option that may be given several times. */
struct opts_texts {
	char **items;
	size_t n;
};

/* Where --http listens. */
struct opts_http {
	bool on;
	struct http_address address;
};

struct options {
	bool help, version;
	bool quiet, verbose;
	bool no_scan;
	bool free_stacks, catch_signals;
	bool xml; /* valgrind's --xml=yes */
	bool trace_children;
	char *trace_children_skip; /* patterns of programs, with commas; NULL = none */
	bool validate_unwind;      /* developers: compare the unwinders */
	bool self_test;
	bool self_test_victim;            /* what --self-test watches */
	bool options_table;               /* developers: the table, tab-separated */
	unsigned color;                   /* enum color_when */
	unsigned memcheck;                /* --tool=memcheck: valgrind's line prefixes */
	unsigned unwinder;                /* 1: the reference unwinder only */
	unsigned top;                     /* records that the text shows */
	unsigned depth;                   /* frames kept of a stack */
	unsigned show;                    /* bit set of 1 << enum verdict */
	struct opts_texts suppressions;   /* files */
	enum render_gen gen_suppressions; /* the text gives a suppression for each record it shows */
	uint64_t repeat_ns;               /* --interval of stat; 0 = once */
	uint64_t timeout_ns;              /* developers: for an answer of a running session */
	uint64_t scan_every_ns;           /* 0 = not by time */
	unsigned scan_percent;            /* 0 = not by growth */
	bool watch;
	uint64_t interval_ns; /* between two points of the history */
	uint64_t limit_bytes; /* 0 = auto */
	struct thresholds warn;
	char *on_warning;                                 /* a command for sh -c; NULL = none */
	uint64_t hard_limit;                              /* bytes; 0 = none */
	uint64_t max_stack;                               /* bytes; 0 = as it is */
	bool github;                                      /* annotations on stdout and a summary of the step */
	char *source_root;                                /* NULL = it is found */
	unsigned fail_on;                                 /* set of 1 << enum gate_rule */
	uint64_t max_leaked, max_leaked_blocks, max_peak; /* UINT64_MAX = no such gate */
	char *baseline;                                   /* file of what is known; NULL = none */
	char *write_baseline;                             /* file to write it to; NULL = none */
	unsigned exit_code;                               /* when a gate fails */
	unsigned error_exitcode; /* the same in valgrind's spelling, which sets gates by itself; 0 = not given */
	unsigned leak_check;     /* --leak-check; 0 = not given */
	unsigned error_kinds;    /* --errors-for-leak-kinds, as of `show`; 0 = not given */
	struct opts_http http;
	char *http_token;       /* NULL = none */
	char *metrics_file;     /* NULL = none */
	struct opts_texts push; /* URLs, for push_url_parse() */
	uint64_t push_every_ns;
	char *record;                /* a FILE pattern; NULL = no recording */
	struct opts_output *outputs; /* the text report is the first */
	size_t n_outputs;
};

#define OPTS_DEPTH_MAX 256
#define OPTS_EXIT_CODE 23 /* as LeakSanitizer's */

enum leak_check {
	LEAK_CHECK_FULL = 1,
	LEAK_CHECK_YES,
	LEAK_CHECK_SUMMARY,
	LEAK_CHECK_NO,
};

void opts_init(struct options *options);
void opts_release(struct options *options);

/* Reads options up to the first argument that is none, or behind "--". Returns its index, or -1 and a sentence. */
int opts_parse(struct options *options, enum opts_command command, int argc, char **argv, struct err *err);

/* Settings that are not of the command line: words "name=value", "name", or "name" and in the next word its value,
 * with or without "--", or letters, "-qv". Options of any command are accepted. */
int opts_set_words(struct options *options, char *const *words, size_t n, struct err *err);

/* Whether there is an option of this name. */
bool opts_is_name(const char *name, size_t length);

/* -1 and a sentence when two outputs have the same file. */
int opts_check_files(const struct options *options, struct err *err);

/* Whether a report of this format is to be written. */
bool opts_has_output(const struct options *options, const char *format);

/* The options of `command` as --help shows them, a line each. */
void opts_print_help(struct out *out, enum opts_command command);

/* All visible options, a line each: name, letter, argument, help; separated by tabs. */
void opts_print_table(struct out *out);

/* The name among `names` (ended by NULL) that `typed` was probably meant to be, or NULL. */
const char *opts_closest(const char *typed, size_t length, const char *const *names);

#endif
