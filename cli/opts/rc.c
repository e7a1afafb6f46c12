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

#define BLANKS " \t\r\n"

/* One setting, `n` bytes at `s`: "name=value" or "name value", with blanks around each. */
static int apply_line(struct options *options, const char *s, size_t n, struct err *err)
{
	char *words[2], *text, *value;
	size_t used = 1;
	int ret;

	while (n && strchr(BLANKS, s[n - 1]))
		n--;
	while (n && strchr(BLANKS, *s))
		s++, n--;
	if (n == 0)
		return 0;
	text = xstrndup(s, n);
	value = text + strcspn(text, "=" BLANKS);
	n = (size_t)(value - text);
	value += strspn(value, BLANKS);
	if (*value == '=') {
		value += 1 + strspn(value + 1, BLANKS);
		words[0] = xasprintf("%.*s=%s", (int)n, text, value);
	} else {
		words[0] = xstrndup(text, n);
		words[1] = value;
		used += *value != '\0';
	}
	ret = opts_set_words(options, words, used, err);
	free(words[0]);
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
		if (*start != '#' && apply_line(options, text, n, &why))
			return err_set(err, "%s:%u: %s", name, line, why.text);
		text += n;
		text += *text == '\n';
	}
	return 0;
}

/* Whether a colon before `s` ends a setting. One inside of a value (a port, a URL, FORMAT:FILE) does not. */
static bool setting_follows(const char *s)
{
	size_t n, dashes = strncmp(s, "--", 2) ? 0 : 2;

	s += dashes;
	n = strspn(s, "abcdefghijklmnopqrstuvwxyz-");
	if (n && s[n] == '=')
		return true; /* also one that does not exist, which is then told */
	return (!s[n] || strchr(":" BLANKS, s[n])) && (n == 0 ? dashes == 0 && s[0] != ':' : opts_is_name(s, n));
}

/* Takes a word from `text` into `word`, which has room for all of it. What is left of the text, or NULL and `err`. */
static const char *next_word(const char *text, char *word, struct err *err)
{
	char quote = '\0';

	for (; *text && (quote || !strchr(BLANKS, *text)); text++) {
		if (quote ? *text == quote : *text == '\'' || *text == '"') {
			quote = quote ? '\0' : *text;
			continue;
		}
		if (!quote && *text == ':' && setting_follows(text + 1))
			break;
		if (*text == '\\' && text[1] && (!quote || (quote == '"' && strchr("\"\\", text[1]))))
			text++;
		*word++ = *text;
	}
	*word = '\0';
	if (quote) {
		err_set(err, "there is no second %c", quote);
		return NULL;
	}
	return text + (*text != '\0');
}

int rc_apply_words(struct options *options, const char *name, const char *text, struct err *err)
{
	size_t length = strlen(text), n = 0;
	char *room = xmalloc(length + 1), *end = room;
	char **words = xcalloc(length + 1, sizeof(*words));
	struct err why = {0};
	int ret = 0;

	while (text && *(text += strspn(text, BLANKS))) {
		const char *start = text;

		words[n] = end;
		text = next_word(text, end, &why);
		end += strlen(end) + 1;
		if (text && (words[n][0] || start[0] == '"' || start[0] == '\''))
			n++;
	}
	if (!text || opts_set_words(options, words, n, &why))
		ret = err_set(err, "%s: %s", name, why.text);
	free(words);
	free(room);
	return ret;
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
