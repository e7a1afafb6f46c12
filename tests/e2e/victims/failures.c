/* Calls that fail (9 with good arguments, 1 without), and errno after calls that do not. Prints results and errno. */
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char text[2000];
static size_t n_text;

static void tell(const char *what, int result, int errnum)
{
	n_text += (size_t)snprintf(text + n_text, sizeof(text) - n_text, "%s %d errno %d\n", what, result, errnum);
}

static void fail_each(void)
{
	volatile size_t huge = PTRDIFF_MAX, half = SIZE_MAX / 2;
	void *p = NULL, *block = malloc(10);
	int status;

	errno = 0, p = malloc(huge), tell("malloc", p != NULL, errno);
	errno = 0, p = calloc(half, 4), tell("calloc", p != NULL, errno);
	errno = 0, p = realloc(block, huge), tell("realloc", p != NULL, errno);
	errno = 0, p = reallocarray(NULL, half, 4), tell("reallocarray", p != NULL, errno);
	errno = 0, p = NULL, status = posix_memalign(&p, 64, huge), tell("posix_memalign", status, errno);
	errno = 0, p = aligned_alloc(64, huge), tell("aligned_alloc", p != NULL, errno);
	errno = 0, p = memalign(64, huge), tell("memalign", p != NULL, errno);
	errno = 0, p = valloc(huge), tell("valloc", p != NULL, errno);
	errno = 0, p = pvalloc(huge), tell("pvalloc", p != NULL, errno);
	free(block);
}

static void keep_errno(void)
{
	void *p;

	for (int i = 0; i < 3; i++) {
		errno = 42, p = malloc(1000), tell("after malloc", p != NULL, errno);
		errno = 43, p = realloc(p, 200000), tell("after realloc", p != NULL, errno);
		errno = 44, free(p), tell("after free", 0, errno);
		errno = 45, p = calloc(1, 10), tell("after calloc", p != NULL, errno);
		errno = 46, free(p), tell("after free", 0, errno);
		errno = 47, free(NULL), tell("after free of NULL", 0, errno);
	}
}

int main(void)
{
	void *p = NULL;

	fail_each();
	tell("posix_memalign with a bad alignment", posix_memalign(&p, 3, 8), 0);
	keep_errno();
	return write(1, text, n_text) == (ssize_t)n_text ? 0 : 1;
}
