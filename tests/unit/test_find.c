/* Finding sessions by their folders: by what a process has mapped, and by place. */
#include "cli/answers/find.h"

#include "cli/ingest/folder.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static ino_t wanted;
static int n_visited, n_found;

static bool on_folder(void *ctx, int fd)
{
	struct stat st;

	(void)ctx;
	cr_assert_eq(fstat(fd, &st), 0);
	n_visited++;
	n_found += st.st_ino == wanted;
	return true;
}

/* A folder below $TMPDIR with a slot's file that this process maps. */
static void make(char *path, mode_t mode)
{
	char file[512];
	struct stat st;
	int fd;

	snprintf(path, 400, "%s/memwatch-XXXXXX", getenv("TMPDIR"));
	cr_assert(mkdtemp(path));
	snprintf(file, sizeof(file), "%s/3.mem", path);
	fd = open(file, O_RDWR | O_CREAT, 0600);
	cr_assert_eq(ftruncate(fd, 4096), 0);
	cr_assert_neq(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0), MAP_FAILED);
	close(fd);
	cr_assert_eq(chmod(path, mode), 0);
	cr_assert_eq(stat(path, &st), 0);
	wanted = st.st_ino;
}

Test(find, by_process_and_by_place)
{
	char path[400];

	make(path, 0700);
	find_of_process(getpid(), on_folder, NULL);
	cr_assert_eq(n_visited, 1);
	cr_assert_eq(n_found, 1);
	find_all(on_folder, NULL);
	cr_assert_eq(n_found, 2);
}

Test(find, not_what_others_may_write_to)
{
	char path[400];

	make(path, 0770);
	find_of_process(getpid(), on_folder, NULL);
	cr_assert_eq(n_visited, 0);
	find_all(on_folder, NULL);
	cr_assert_eq(n_found, 0);
}

Test(find, nothing_of_a_process_that_maps_none)
{
	find_of_process(getpid(), on_folder, NULL);
	find_of_process(1 << 30, on_folder, NULL);
	cr_assert_eq(n_visited, 0);
}

Test(find, removes_what_a_killed_reporter_left)
{
	struct shm_session session = {.magic = SHM_SESSION_MAGIC, .version = SHM_VERSION, .reporter_pid = 1 << 30};
	char path[400], file[512];
	FILE *out;

	make(path, 0700);
	snprintf(file, sizeof(file), "%s/" SHM_SESSION_FILE, path);
	out = fopen(file, "w");
	cr_assert_eq(fwrite(&session, sizeof(session), 1, out), 1);
	fclose(out);
	find_all(on_folder, NULL);
	cr_assert_eq(n_found, 0);
	cr_assert_eq(access(path, F_OK), -1);
}
