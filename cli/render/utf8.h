/* Bytes of unknown origin made fit for output: valid UTF-8 for files, harmless characters for terminals. */
#ifndef CLI_RENDER_UTF8_H
#define CLI_RENDER_UTF8_H

#include "cli/base/out.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Length of the character at `s` (which is not at its end), 1 to 4; 0 when the bytes are not UTF-8 (RFC 3629: overlong
 * forms, surrogates and what is beyond U+10FFFF are not). */
size_t utf8_decode(const char *s, uint32_t *code);

bool utf8_valid(const char *s);

/* A copy with U+FFFD for each byte that is not UTF-8; for free(). */
char *utf8_repair(const char *s);

/*
 * Writes `s` so that it cannot move the cursor, change colours, break the line or reorder text: control characters,
 * line separators and bidirectional controls as "\n", "\t", "\x1b" or "\u202e", bytes that are not UTF-8 as "\xff".
 */
void utf8_print(struct out *out, const char *s);

/* The same for the first `n` bytes. */
void utf8_print_n(struct out *out, const char *s, size_t n);

#endif
