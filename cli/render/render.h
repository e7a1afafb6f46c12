/* The output formats: a file each, and a line in the table of render.c. Renderers read the report and nothing else. */
#ifndef CLI_RENDER_RENDER_H
#define CLI_RENDER_RENDER_H

#include "cli/analysis/report.h"
#include "cli/base/out.h"

#include <stdbool.h>

#define SOURCE_ROOTS 2

/* Names of the top of the source tree: absolute, without "." and ".."; as it was given, and without symbolic links. */
struct source_roots {
	const char *names[SOURCE_ROOTS]; /* NULL = none */
};

/* In whose syntax new suppressions are written. */
enum render_gen {
	GEN_NONE,
	GEN_VALGRIND,
	GEN_LSAN,
};

/* How a format that is packed by its file's name is: .gz, .zst. */
enum render_packing {
	PACKING_NONE,
	PACKING_GZIP,
	PACKING_ZSTD,
};

struct render_options {
	unsigned top;  /* records that the text shows of each process; 0 = all */
	unsigned show; /* text: bit set of 1 << enum verdict; what is unclassified is always shown */
	bool verbose, quiet;
	bool color;                       /* text: ANSI colours */
	enum render_gen gen_suppressions; /* text: for each record that is shown and not suppressed */
	bool memcheck;                    /* text: Valgrind's wording, each line begins with ==PID== */
	enum render_packing packing;      /* of formats with `packed` */
	struct source_roots source;       /* CI formats: what paths are relative to */
};

#define RENDER_PEAK_STACKS 5 /* of those that made the peak, that the text shows with -v */

struct render_format {
	const char *name;
	void (*render)(const struct report *report, const struct render_options *options, struct out *out);
	bool shown_only; /* reads the stacks of the verdicts that --show names, and no others */
	bool sites;      /* reads the sites */
	bool peak;       /* of a shown_only one: reads the largest stack of those that made the peak */
	bool ages;       /* reads the ages of the sites' blocks; with `sites` */
	bool memstats;   /* reads the MemStats; the text does so when it is verbose */
	bool events;     /* reads the events */
	bool packed;     /* is written packed as its file's name says */
	bool exported;   /* --export=NAME:FILE writes it; others have an option of their own */
};

#define RENDER_FORMATS_MAX 32

/* The formats by index; NULL behind the last. */
const struct render_format *render_format_at(size_t index);

/* NULL if there is none of this name. */
const struct render_format *render_format_find(const char *name);

void render_text(const struct report *report, const struct render_options *options, struct out *out);
void render_json(const struct report *report, const struct render_options *options, struct out *out);
void render_sarif(const struct report *report, const struct render_options *options, struct out *out);
void render_junit(const struct report *report, const struct render_options *options, struct out *out);
void render_valgrind_xml(const struct report *report, const struct render_options *options, struct out *out);
void render_gitlab(const struct report *report, const struct render_options *options, struct out *out);
void render_github(const struct report *report, const struct render_options *options, struct out *out);
void render_tap(const struct report *report, const struct render_options *options, struct out *out);
void render_markdown(const struct report *report, const struct render_options *options, struct out *out);
void render_folded(const struct report *report, const struct render_options *options, struct out *out);
void render_svg(const struct report *report, const struct render_options *options, struct out *out);
void render_html(const struct report *report, const struct render_options *options, struct out *out);
void render_timeline(const struct report *report, const struct render_options *options, struct out *out);
void render_speedscope(const struct report *report, const struct render_options *options, struct out *out);
void render_massif(const struct report *report, const struct render_options *options, struct out *out);
void render_dhat(const struct report *report, const struct render_options *options, struct out *out);
void render_heaptrack(const struct report *report, const struct render_options *options, struct out *out);

/* profile.proto, compressed, as `go tool pprof` and others read it: what was allocated and what is live; what was live
 * at the peak; what is lost. */
void render_pprof(const struct report *report, const struct render_options *options, struct out *out);
void render_pprof_peak(const struct report *report, const struct render_options *options, struct out *out);
void render_pprof_leaks(const struct report *report, const struct render_options *options, struct out *out);

#endif
