/*
 * Output to a file, a descriptor or memory through one buffer. The first failure is kept and later writes are
 * dropped, so that a renderer need not look. A descriptor that the watched program left in non-blocking mode (it
 * shares the terminal's open file with us) is waited for.
 */
#include "cli/base/out.h"

#include "cli/base/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OUT_BUFFER_BYTES ((size_t)65536)

struct out {
	int fd;     /* -1: memory */
	bool owned; /* close fd at the end */
	bool over;  /* written over what was there: what is left of that is cut off at the end */
	int errnum; /* of the first failure */
	char *name;
	char *buf;
	size_t used, cap;
};

static struct out *out_new(int fd, bool owned, const char *name)
{
	struct out *out = xcalloc(1, sizeof(*out));

	out->fd = fd;
	out->owned = owned;
	out->name = xstrdup(name);
	out->cap = fd >= 0 ? OUT_BUFFER_BYTES : 4096;
	out->buf = xmalloc(out->cap);
	return out;
}

/* mkdir -p of what is before the last slash. */
static int make_parents(const char *path, struct err *err)
{
	char *copy = xstrdup(path);
	int ret = 0;

	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(copy, 0777) && errno != EEXIST) {
			int errnum = errno;
			struct stat st;

			/* a folder on a read-only file system may give EROFS though it is there */
			if (stat(copy, &st) || !S_ISDIR(st.st_mode)) {
				ret = err_set_errno(err, errnum, "cannot make the folder %s", copy);
				break;
			}
		}
		*slash = '/';
	}
	free(copy);
	return ret;
}

int out_descriptor(const char *path)
{
	static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
	int fd = -1, flags;

	if (!strcmp(path, "/dev/stdout"))
		fd = STDOUT_FILENO;
	else if (!strcmp(path, "/dev/stderr"))
		fd = STDERR_FILENO;
	for (size_t i = 0; i < MW_ARRAY_LEN(folders); i++) {
		const char *number = path + strlen(folders[i]);

		if (!strncmp(path, folders[i], strlen(folders[i])) && *number && strspn(number, "0123456789") < 6 &&
		    !number[strspn(number, "0123456789")])
			fd = atoi(number);
	}
	flags = fd < 0 ? -1 : fcntl(fd, F_GETFD);
	return flags < 0 || flags & FD_CLOEXEC ? -1 : fd; /* with it, it is one of ours */
}

static int create(const char *path, int how, const char *what, struct err *err)
{
	const int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | how;
	int fd = out_descriptor(path);

	if (fd >= 0) {
		fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
		return fd >= 0 ? fd : err_set_errno(err, errno, "cannot write the %s to %s", what, path);
	}
	fd = path[0] ? open(path, flags, 0666) : -1;
	if (fd < 0 && path[0] && errno == ENOENT) {
		if (make_parents(path, err))
			return -1;
		fd = open(path, flags, 0666);
	}
	if (fd < 0)
		err_set_errno(err, path[0] ? errno : ENOENT, "cannot write the %s to %s", what,
			      path[0] ? path : "a file without a name");
	return fd;
}

int out_create(const char *path, const char *what, struct err *err)
{
	return create(path, O_TRUNC, what, err);
}

static struct out *open_file(const char *path, int how, struct err *err)
{
	int fd;

	if (!strcmp(path, "-"))
		return out_new(STDOUT_FILENO, false, "standard output");
	fd = create(path, how, "report", err);
	return fd < 0 ? NULL : out_new(fd, true, path);
}

/* Not truncated: to give a big file's pages and blocks back takes as long as to write it. */
struct out *out_open(const char *path, struct err *err)
{
	struct out *out = open_file(path, 0, err);

	if (out)
		out->over = out->owned && out_descriptor(path) < 0;
	return out;
}

struct out *out_append(const char *path, struct err *err)
{
	return open_file(path, O_APPEND, err);
}

struct out *out_fd(int fd, const char *name)
{
	return out_new(fd, false, name);
}

struct out *out_memory(void)
{
	return out_new(-1, false, "memory");
}

static void write_through(struct out *out, const char *bytes, size_t n)
{
	while (n && !out->errnum) {
		ssize_t done = write(out->fd, bytes, n);

		if (done >= 0) {
			bytes += done;
			n -= (size_t)done;
		} else if (errno == EAGAIN) {
			struct pollfd ready = {.fd = out->fd, .events = POLLOUT};

			poll(&ready, 1, -1);
		} else if (errno != EINTR) {
			out->errnum = errno;
		}
	}
}

static void flush(struct out *out)
{
	write_through(out, out->buf, out->used);
	out->used = 0;
}

void out_write(struct out *out, const void *bytes, size_t n)
{
	if (out->errnum || n == 0)
		return;
	if (out->fd < 0) {
		out->buf = xgrow(out->buf, &out->cap, out->used + n + 1, 1);
	} else if (n > out->cap - out->used) {
		flush(out);
		if (n >= out->cap) {
			write_through(out, bytes, n);
			return;
		}
	}
	memcpy(out->buf + out->used, bytes, n);
	out->used += n;
}

void out_str(struct out *out, const char *s)
{
	out_write(out, s, strlen(s));
}

void out_char(struct out *out, char c)
{
	out_write(out, &c, 1);
}

void out_decimal(struct out *out, uint64_t n)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n);
	out_write(out, digits + at, sizeof(digits) - at);
}

void out_printf(struct out *out, const char *fmt, ...)
{
	char text[512];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n < 0) {
		if (!out->errnum)
			out->errnum = errno ? errno : EOVERFLOW;
	} else if ((size_t)n < sizeof(text)) {
		out_write(out, text, (size_t)n);
	} else {
		char *big = xmalloc((size_t)n + 1);

		va_start(ap, fmt);
		vsnprintf(big, (size_t)n + 1, fmt, ap);
		va_end(ap);
		out_write(out, big, (size_t)n);
		free(big);
	}
}

void out_fail(struct out *out, int errnum)
{
	if (!out->errnum)
		out->errnum = errnum;
}

const char *out_text(struct out *out, size_t *n)
{
	out->buf = xgrow(out->buf, &out->cap, out->used + 1, 1);
	out->buf[out->used] = '\0';
	if (n)
		*n = out->used;
	return out->buf;
}

/* Whatever comes behind the place where writing has ended, or failed. Of a file; a device has no length. */
static void cut_off(struct out *out)
{
	off_t end = lseek(out->fd, 0, SEEK_CUR);
	struct stat st;

	if (end >= 0 && fstat(out->fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > end &&
	    ftruncate(out->fd, end) && !out->errnum)
		out->errnum = errno;
}

int out_close(struct out *out, struct err *err)
{
	int ret = 0;

	if (!out)
		return 0;
	if (out->fd >= 0)
		flush(out);
	if (out->over)
		cut_off(out);
	/* some file systems tell a full disk only here */
	if (out->owned && close(out->fd) && errno != EINTR && !out->errnum)
		out->errnum = errno;
	if (out->errnum)
		ret = err_set_errno(err, out->errnum, "cannot write the report to %s", out->name);
	free(out->name);
	free(out->buf);
	free(out);
	return ret;
}
