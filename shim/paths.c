/* Writable process-wide: the two paths, set once before the program has threads. */
#include "shim/paths.h"

#include "common/env.h"
#include "common/shm.h"
#include "shim/libc_glibc.h"
#include "shim/process.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

static char session_path[SHM_PATH_MAX];
static char shim_path[PATH_MAX];

#define SHIM_NAME "libmemwatch.so"

/* environ is not set yet when ld.so allocates before libc's initialisation. */
static char **environment(void)
{
	char **p;

	if (environ)
		return environ;
	p = (char **)__libc_stack_end;
	return p + 1 + *(long *)__libc_stack_end + 1;
}

char *mw_entry_value(char *entry, const char *name)
{
	size_t n = strlen(name);

	return strncmp(entry, name, n) == 0 && entry[n] == '=' ? entry + n + 1 : NULL;
}

static bool ends_with_shim(const char *path, size_t n)
{
	size_t k = strlen(SHIM_NAME);

	return n >= k && memcmp(path + n - k, SHIM_NAME, k) == 0;
}

/* Finds the shim in a list separated by ':' or blanks: its start and length. */
static char *find_shim(char *list, size_t *length)
{
	while (*list) {
		size_t n = strcspn(list, ": ");

		if (ends_with_shim(list, n)) {
			*length = n;
			return list;
		}
		list += n;
		list += strspn(list, ": ");
	}
	return NULL;
}

bool mw_paths_init(void)
{
	char **env = environment();

	for (; *env; env++) {
		char *value = mw_entry_value(*env, MW_ENV_SESSION);
		size_t n;

		if (value && strlen(value) < sizeof(session_path))
			memcpy(session_path, value, strlen(value) + 1);
		value = mw_entry_value(*env, MW_ENV_PRELOAD);
		value = value ? find_shim(value, &n) : NULL;
		if (value && n < sizeof(shim_path)) {
			memcpy(shim_path, value, n);
			shim_path[n] = '\0';
		}
	}
	return session_path[0] && shim_path[0];
}

/* Cuts the shim out of "LD_PRELOAD=…" in place; false when nothing is left. */
static bool cut_shim(char *entry)
{
	char *value = mw_entry_value(entry, MW_ENV_PRELOAD);
	size_t n;
	char *shim = value ? find_shim(value, &n) : NULL;
	char *rest;

	if (!shim)
		return true;
	rest = shim + n;
	rest += strspn(rest, ": ");
	memmove(shim, rest, strlen(rest) + 1);
	n = strlen(value);
	while (n > 0 && (value[n - 1] == ':' || value[n - 1] == ' '))
		value[--n] = '\0';
	return n > 0;
}

void mw_paths_clean_environment(void)
{
	char **from, **to;

	if (!environ)
		return;
	for (from = to = environ; *from; from++) {
		if (mw_entry_value(*from, MW_ENV_SESSION))
			continue;
		if (cut_shim(*from))
			*to++ = *from;
	}
	*to = NULL;
}

const char *mw_session_path(void)
{
	return session_path;
}

const char *mw_shim_path(void)
{
	return shim_path;
}

static size_t append(char *buf, size_t size, size_t at, const char *s)
{
	size_t n = strlen(s);

	if (at + n >= size)
		n = size - 1 - at;
	memcpy(buf + at, s, n);
	buf[at + n] = '\0';
	return at + n;
}

void mw_path_join(char *buf, size_t size, const char *folder, const char *name)
{
	size_t n = append(buf, size, 0, folder);

	if (n == 0 || buf[n - 1] != '/')
		n = append(buf, size, n, "/");
	append(buf, size, n, name);
}

void mw_path_format(char *buf, size_t size, const char *prefix, uint32_t number, const char *suffix)
{
	char digits[11];
	size_t i = sizeof(digits) - 1;

	digits[i] = '\0';
	do {
		digits[--i] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	mw_path_join(buf, size, prefix, digits + i);
	append(buf, size, strlen(buf), suffix);
}
