#include "cli/base/replace.h"

#include "cli/base/xalloc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int write_to(struct out *out, void (*print)(const void *what, struct out *out), const void *what,
		    struct err *err)
{
	if (!out)
		return -1;
	print(what, out);
	return out_close(out, err);
}

/* Standard output, a device, a pipe, a link to nowhere: what has to stay there, or to be followed. */
static bool is_written_in_place(const char *path)
{
	struct stat st;

	return !strcmp(path, "-") || (stat(path, &st) ? lstat(path, &st) == 0 : !S_ISREG(st.st_mode)) ||
	       out_descriptor(path) >= 0;
}

int replace_file(const char *path, void (*print)(const void *what, struct out *out), const void *what, struct err *err)
{
	char *place, *beside;
	int ret;

	if (is_written_in_place(path))
		return write_to(out_open(path, err), print, what, err);
	place = realpath(path, NULL); /* what a link leads to, not the link, is replaced */
	beside = xasprintf("%s.%d", place ? place : path, (int)getpid());
	ret = write_to(out_open(beside, err), print, what, err);
	if (!ret && rename(beside, place ? place : path))
		ret = err_set_errno(err, errno, "cannot write %s", path);
	if (ret)
		unlink(beside);
	free(beside);
	free(place);
	return ret;
}
