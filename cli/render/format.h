/* Numbers as people read them. Each fills `buf` and returns it, so that calls nest in a printf. */
#ifndef CLI_RENDER_FORMAT_H
#define CLI_RENDER_FORMAT_H

#include "cli/analysis/report.h"

#include <stddef.h>
#include <stdint.h>

struct format_buf {
	char text[96];
};

/* "1,234,567" */
const char *format_count(struct format_buf *buf, uint64_t n);

/* "1,234 frees", "1 free": `noun` in the singular, an s is put behind it. */
const char *format_noun(struct format_buf *buf, uint64_t n, const char *noun);

/* "512 bytes", "1.5 KiB", "10.0 MiB": powers of 1024. */
const char *format_size(struct format_buf *buf, uint64_t bytes);

/* "1,024 bytes in 16 blocks", "1 byte in 1 block" */
const char *format_amount(struct format_buf *buf, struct report_amount amount);

/* "0 s", "12.3 ms", "1.53 s", "2 min 03 s", "1 h 02 min", "3 d 04 h" */
const char *format_seconds(struct format_buf *buf, double seconds);

/* "44 %", "< 1 %"; of 0 is "0 %". */
const char *format_percent(struct format_buf *buf, uint64_t part, uint64_t whole);

/* "2025-01-31T12:34:56.789Z" (RFC 3339, UTC) */
const char *format_time(struct format_buf *buf, int64_t realtime_ns);

/* "SIGSEGV", "SIGRTMIN+3", "signal 77" */
const char *format_signal(struct format_buf *buf, int signal);

/* What is behind the last slash. */
const char *format_basename(const char *path);

#endif
