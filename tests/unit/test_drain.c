/* Reading from a pipe by way of a second one gives what reading gives. */
#include "cli/ingest/drain.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define N_BYTES ((size_t)256 << 10)

static struct drain drain;
static int fds[2];
static uint8_t sent[2 * N_BYTES], got[2 * N_BYTES];

static void begin(void)
{
	drain_open(&drain, N_BYTES);
	cr_assert_eq(pipe2(fds, O_NONBLOCK), 0);
	cr_assert_geq(fcntl(fds[1], F_SETPIPE_SZ, (int)sizeof(sent)), (int)sizeof(sent));
	for (size_t i = 0; i < sizeof(sent); i++)
		sent[i] = (uint8_t)(i * 2654435761u >> 13);
}

static void end(void)
{
	drain_close(&drain);
}

TestSuite(drain, .init = begin, .fini = end);

static void put(size_t from, size_t n_bytes)
{
	cr_assert_eq(write(fds[1], sent + from, n_bytes), (ssize_t)n_bytes);
}

/* Until there is no more now; the bytes. */
static size_t read_all(void)
{
	size_t n = 0;
	ssize_t more;

	while ((more = drain_read(&drain, fds[0], got + n, N_BYTES)) > 0)
		n += (size_t)more;
	cr_assert_eq(more, -EAGAIN);
	return n;
}

static void check_all(size_t n_bytes)
{
	cr_assert_eq(read_all(), n_bytes);
	cr_assert_eq(memcmp(sent, got, n_bytes), 0);
}

Test(drain, more_than_it_holds)
{
	put(0, sizeof(sent));
	check_all(sizeof(sent));
}

Test(drain, pieces_that_fill_no_page)
{
	size_t at = 0;

	for (size_t n = 1; at + n < N_BYTES; at += n, n = n * 3 % 9973)
		put(at, n);
	check_all(at);
}

/* A chunk's end seldom fills its page: such pages are as many as the second pipe holds before the bytes are. What comes
 * short of what was asked for is taken for all there is: then the reporter rests. */
Test(drain, all_of_what_is_there)
{
	const size_t chunk = 4096 + 8;
	size_t at = 0;

	for (int i = 0; i < 50; i++, at += chunk)
		put(at, chunk);
	cr_assert_eq(drain_read(&drain, fds[0], got, N_BYTES), (ssize_t)at);
	cr_assert_eq(memcmp(sent, got, at), 0);
}

Test(drain, no_more_than_is_asked_for)
{
	put(0, 10000);
	cr_assert_eq(drain_read(&drain, fds[0], got, 5000), 5000);
	cr_assert_eq(memcmp(sent, got, 5000), 0);
	cr_assert_eq(drain_read(&drain, fds[0], got, N_BYTES), 5000);
	cr_assert_eq(memcmp(sent + 5000, got, 5000), 0);
}

Test(drain, without_a_writer)
{
	put(0, 100);
	close(fds[1]);
	cr_assert_eq(drain_read(&drain, fds[0], got, N_BYTES), 100);
	cr_assert_eq(drain_read(&drain, fds[0], got, N_BYTES), 0);
}

Test(drain, what_is_no_pipe)
{
	int ends[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
	cr_assert_eq(write(ends[1], sent, 1000), 1000);
	cr_assert_eq(drain_read(&drain, ends[0], got, N_BYTES), 1000);
	cr_assert_eq(memcmp(sent, got, 1000), 0);
}

/* No second pipe is to be had. */
Test(drain, without_descriptors)
{
	struct rlimit before = {0}, none;

	drain_close(&drain);
	getrlimit(RLIMIT_NOFILE, &before);
	none = before;
	none.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &none);
	drain_open(&drain, N_BYTES);
	setrlimit(RLIMIT_NOFILE, &before); /* criterion itself needs some */
	cr_assert_eq(drain.in, -1);
	put(0, 70000);
	check_all(70000);
}

/* As some containers do. */
Test(drain, where_splice_is_forbidden)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_splice, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = {sizeof(filter) / sizeof(*filter), filter};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		cr_skip_test("no filters here");
	put(0, 70000);
	check_all(70000);
}
