#include "cli/base/spool.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static char folder[] = "/tmp/memwatch-spool-XXXXXX";
static uint8_t bytes[SPOOL_PIECE_MAX], got[SPOOL_PIECE_MAX];

static void init(void)
{
	cr_assert(mkdtemp(folder));
}

static void fini(void)
{
	cr_expect_eq(rmdir(folder), 0, "a test left something in %s", folder);
}

TestSuite(spool, .init = init, .fini = fini, .timeout = 10);

static void fill(unsigned seed, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		seed = seed * 1103515245u + 12345u;
		bytes[i] = (uint8_t)(seed >> 16);
	}
}

static void check(const struct spool *spool, const struct spool_piece *piece, unsigned seed, size_t n)
{
	cr_assert_eq(spool_take(spool, piece, got), 0);
	cr_assert_eq(piece->n_bytes, n);
	fill(seed, n);
	cr_assert_eq(memcmp(got, bytes, n), 0);
}

static size_t n_names(void)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	size_t n = 0;

	cr_assert(dir);
	while ((entry = readdir(dir)))
		n += entry->d_name[0] != '.';
	closedir(dir);
	return n;
}

Test(spool, pieces_of_several_come_back_in_any_order)
{
	static const size_t sizes[] = {1, SPOOL_PIECE_MAX, 100, SPOOL_PIECE_MAX - 1};
	struct spool *spool = spool_new(folder);
	struct spool_piece pieces[4];

	for (unsigned i = 0; i < 4; i++) {
		fill(i, sizes[i]);
		pieces[i] = spool_put(spool, bytes, sizes[i]);
	}
	cr_assert_eq(n_names(), 0);
	for (unsigned i = 4; i-- > 0;)
		check(spool, &pieces[i], i, sizes[i]);
	check(spool, &pieces[2], 2, sizes[2]);
	spool_free(spool);
}

Test(spool, another_folder_does)
{
	static const char *const folders[] = {"/nonexistent/folder", NULL, ""};

	for (size_t i = 0; i < 3; i++) {
		struct spool *spool = spool_new(folders[i]);
		struct spool_piece piece;

		fill(7, 1000);
		piece = spool_put(spool, bytes, 1000);
		check(spool, &piece, 7, 1000);
		spool_free(spool);
	}
}

/* As on a full disk. */
Test(spool, failure_is_told_when_it_is_read)
{
	const struct rlimit limit = {100, 100};
	struct spool *spool = spool_new(folder);
	struct spool_piece first, second;

	signal(SIGXFSZ, SIG_IGN);
	fill(1, 50);
	first = spool_put(spool, bytes, 50);
	check(spool, &first, 1, 50);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	fill(2, 1000);
	second = spool_put(spool, bytes, 1000);
	cr_assert_eq(spool_take(spool, &second, got), EFBIG);
	cr_assert_eq(spool_take(spool, &first, got), EFBIG);
	spool_free(spool);
}

Test(spool, unused)
{
	spool_free(spool_new(folder));
	spool_free(NULL);
}
