#include "cli/base/replace.h"

#include "cli/base/xalloc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int replace_file(const char *path, void (*print)(const void *what, struct out *out), const void *what,
		 struct err *err)
{
	char *beside = NULL;
	struct out *out;
	int ret = -1;

	if (strcmp(path, "-") == 0) {
		out = out_fd(STDOUT_FILENO, "standard output");
		print(what, out);
		return out_close(out, err);
	}
	beside = xasprintf("%s.%d", path, (int)getpid());
	out = out_open(beside, err);
	if (!out)
		goto end;
	print(what, out);
	if (out_close(out, err) == 0) {
		ret = rename(beside, path);
		if (ret)
			err_set_errno(err, errno, "cannot write %s", path);
	}
	if (ret)
		unlink(beside);
end:
	free(beside);
	return ret;
}
