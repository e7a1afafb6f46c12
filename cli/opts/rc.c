#include "cli/opts/rc.h"

#include "cli/base/xalloc.h"
#include "common/env.h"
#include "common/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RC_BYTES_MAX 65536

/* One setting, `n` bytes at `s`; blanks around it, around '=' and leading dashes are not part of it. */
static int apply_setting(struct options *options, const char *s, size_t n, struct err *err)
{
	char *text, *equals;
	size_t name_bytes;
	int ret;

	while (n && strchr(" \t\r", s[n - 1]))
		n--;
	while (n && strchr(" \t", *s))
		s++, n--;
	if (n == 0)
		return 0;
	if (n > 2 && s[0] == '-' && s[1] == '-')
		s += 2, n -= 2;
	text = xstrndup(s, n);
	equals = strchr(text, '=');
	if (equals) {
		const char *value = equals + 1 + strspn(equals + 1, " \t");

		name_bytes = (size_t)(equals - text);
		while (name_bytes && strchr(" \t", text[name_bytes - 1]))
			name_bytes--;
		text[name_bytes] = '=';
		memmove(text + name_bytes + 1, value, strlen(value) + 1);
	}
	ret = opts_set_line(options, text, err);
	free(text);
	return ret;
}

int rc_apply_lines(struct options *options, const char *name, const char *text, struct err *err)
{
	for (unsigned line = 1; *text; line++) {
		size_t n = strcspn(text, "\n");
		const char *start = text + strspn(text, " \t");
		struct err why = {0};

		/* only a line that begins with it is a comment: a file name may have a '#' */
		if (*start != '#' && apply_setting(options, text, n, &why))
			return err_set(err, "%s:%u: %s", name, line, why.text);
		text += n;
		text += *text == '\n';
	}
	return 0;
}

int rc_apply_words(struct options *options, const char *name, const char *text, struct err *err)
{
	while (*text) {
		size_t n = strcspn(text, ": \t\n");
		struct err why = {0};

		if (apply_setting(options, text, n, &why))
			return err_set(err, "%s: %s", name, why.text);
		text += n;
		text += *text != '\0';
	}
	return 0;
}

/* True when another user could have written it: a file found in whatever folder one happens to be in. */
static bool is_foreign(const struct stat *st)
{
	return st->st_uid != geteuid() || st->st_mode & S_IWOTH;
}

static int apply_open_file(struct options *options, const char *path, int fd, struct err *err)
{
	char *text = xmalloc(RC_BYTES_MAX + 1);
	size_t used = 0;
	ssize_t n;
	int ret;

	while ((n = io_read_some(fd, text + used, RC_BYTES_MAX - used)) > 0)
		used += (size_t)n;
	text[used] = '\0';
	if (n < 0)
		ret = err_set_errno(err, (int)-n, "cannot read %s", path);
	else if (used == RC_BYTES_MAX)
		ret = err_set(err, "%s is too long: at most %d bytes are read", path, RC_BYTES_MAX - 1);
	else
		ret = rc_apply_lines(options, path, text, err);
	free(text);
	return ret;
}

static int apply_file(struct options *options, const char *path, bool own_only, struct err *remark, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	int ret = 0;

	if (fd < 0) {
		/* EACCES: HOME is another user's, as under setpriv or sudo */
		if (errno != ENOENT && errno != ENOTDIR && errno != EACCES)
			err_set_errno(remark, errno, "%s is left out", path);
		return 0;
	}
	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		err_set(remark, "%s is left out: it is not a file", path);
	else if (own_only && is_foreign(&st))
		err_set(remark, "%s is left out: it belongs to another user or is writable by all", path);
	else
		ret = apply_open_file(options, path, fd, err);
	close(fd);
	return ret;
}

static char *user_file(void)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (config && config[0] == '/')
		return xasprintf("%s/memwatch/config", config);
	if (home && home[0] == '/')
		return xasprintf("%s/.config/memwatch/config", home);
	return NULL;
}

int rc_load(struct options *options, struct err *remark, struct err *err)
{
	const char *words = getenv(MW_ENV_OPTIONS);
	char *user = user_file();
	int ret = user ? apply_file(options, user, false, remark, err) : 0;

	free(user);
	if (!ret)
		ret = apply_file(options, ".memwatchrc", true, remark, err);
	if (!ret && words)
		ret = rc_apply_words(options, MW_ENV_OPTIONS, words, err);
	return ret;
}
