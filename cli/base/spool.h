/*
 * A temporary file that pieces are put into, and taken out of again: for what may be too much for memory. It has no
 * name, so that nothing of it is left behind, whatever comes.
 */
#ifndef CLI_BASE_SPOOL_H
#define CLI_BASE_SPOOL_H

#include <stddef.h>
#include <stdint.h>

#define SPOOL_PIECE_MAX ((size_t)64 << 10) /* bytes of a piece */

struct spool;

struct spool_piece {
	uint64_t at;
	uint32_t packed_bytes, n_bytes;
};

/* Made when the first piece comes: in `folder`, else (or with NULL) where temporary files are. */
struct spool *spool_new(const char *folder);
void spool_free(struct spool *spool); /* NULL is accepted */

/* What fails, spool_take() tells. */
struct spool_piece spool_put(struct spool *spool, const void *bytes, size_t n);

/* To `to`, of SPOOL_PIECE_MAX bytes. 0, or the errno of what failed, here or in any spool_put(). */
int spool_take(const struct spool *spool, const struct spool_piece *piece, void *to);

#endif
