#include "cli/outputs/source_root.h"

#include "cli/base/xalloc.h"
#include "cli/render/source.h"
#include "common/compiler.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the shell calls the current folder, as compilers do: it may have symbolic links in it. */
static char *current_folder(void)
{
	const char *pwd = getenv("PWD");
	char *resolved = realpath(".", NULL), *named = pwd && pwd[0] == '/' ? realpath(pwd, NULL) : NULL;
	bool same = resolved && named && !strcmp(resolved, named);

	free(named);
	if (!same)
		return resolved;
	free(resolved);
	return source_normal(pwd);
}

static char *in_current_folder(const char *path)
{
	char *current = path[0] == '/' ? NULL : current_folder();
	char *joined = current ? xasprintf("%s/%s", current, path) : xstrdup(path);
	char *normal = source_normal(joined);

	free(current);
	free(joined);
	return normal;
}

static bool holds_repository(const char *folder)
{
	char *path = xasprintf("%s/.git", folder);
	bool found = access(path, F_OK) == 0;

	free(path);
	return found;
}

/* The folder that holds .git, from `folder` upwards; else `folder`. */
static char *repository_of(char *folder)
{
	char *above = xstrdup(folder);

	for (char *slash; *above && !holds_repository(above); *slash = '\0')
		slash = strrchr(above, '/');
	if (*above) {
		free(folder);
		return above;
	}
	free(above);
	return folder;
}

static char *guess(void)
{
	static const char *const variables[] = {"GITHUB_WORKSPACE", "CI_PROJECT_DIR"};
	char *folder;

	for (size_t i = 0; i < MW_ARRAY_LEN(variables); i++) {
		const char *value = getenv(variables[i]);

		if (value && value[0] == '/')
			return source_normal(value);
	}
	folder = current_folder();
	return folder ? repository_of(folder) : NULL;
}

struct source_roots source_root_find(const char *given)
{
	char *name = given ? in_current_folder(given) : guess();
	char *resolved = name ? realpath(name, NULL) : NULL;

	if (resolved && !strcmp(resolved, name)) {
		free(resolved);
		resolved = NULL;
	}
	return (struct source_roots){{name, resolved}};
}

void source_root_release(struct source_roots *roots)
{
	for (size_t i = 0; i < SOURCE_ROOTS; i++) {
		free((void *)(uintptr_t)roots->names[i]);
		roots->names[i] = NULL;
	}
}
