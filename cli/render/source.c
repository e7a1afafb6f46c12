#include "cli/render/source.h"

#include "cli/base/xalloc.h"

#include <stdlib.h>
#include <string.h>

char *source_normal(const char *path)
{
	bool absolute = path[0] == '/';
	char *normal = xmalloc(strlen(path) + 2), *begin = normal + absolute, *to = begin;

	normal[0] = '/';
	for (const char *s = path; *s;) {
		size_t n = strcspn(s, "/");

		if (n == 2 && !strncmp(s, "..", 2)) {
			if (to == begin && !absolute) /* out of where it began */
				break;
			while (to > begin && *--to != '/')
				;
		} else if (n && !(n == 1 && *s == '.')) {
			if (to > begin)
				*to++ = '/';
			to = mempcpy(to, s, n);
		}
		s += n;
		s += strspn(s, "/");
	}
	*to = '\0';
	return normal;
}

char *source_relative(const struct source_roots *roots, const char *path)
{
	char *normal = source_normal(path), *relative = NULL;

	if (normal[0] && normal[0] != '/')
		return normal;
	for (int i = 0; i < SOURCE_ROOTS && !relative; i++) {
		const char *root = roots->names[i];
		size_t n = root ? strlen(root) : 0;

		if (n == 1) /* "/" */
			n = 0;
		if (root && !strncmp(normal, root, n) && normal[n] == '/' && normal[n + 1])
			relative = xstrdup(normal + n + 1);
	}
	free(normal);
	return relative;
}

/* As good as can be told from `path`. */
static struct source_place place_of(const struct source_roots *roots, const char *path, uint32_t line)
{
	struct source_place place = {.path = source_relative(roots, path), .line = line ? line : 1};

	place.in_root = place.path != NULL;
	if (!place.path)
		place.path = source_normal(path);
	if (place.path[0])
		return place;
	free(place.path);
	place.path = NULL;
	return place;
}

struct source_place source_frame(const struct source_roots *roots, const struct report_frame *frame)
{
	return frame->file ? place_of(roots, frame->file, frame->line) : (struct source_place){.line = 1};
}

struct source_place source_stack(const struct source_roots *roots, const struct report_process *process,
				 const struct report_stack *stack)
{
	struct source_place best = {.line = 1};

	for (size_t i = 0; stack && i < stack->n_frames; i++) {
		const struct report_frame *frame = stack->frames[i];
		struct source_place place = source_frame(roots, frame);

		if (place.in_root && !frame->system) {
			source_place_release(&best);
			return place;
		}
		if (place.path && !best.path && !frame->system)
			best = place;
		else
			source_place_release(&place);
	}
	if (!best.path && process->exe)
		best = place_of(roots, process->exe, 1);
	return best;
}

void source_place_release(struct source_place *place)
{
	free(place->path);
	place->path = NULL;
}

void source_put_uri(struct out *out, const struct source_place *place)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/+@=,";

	if (place->path[0] == '/')
		out_str(out, "file://");
	for (const char *s = place->path; *s; s++) {
		if (strchr(plain, *s))
			out_char(out, *s);
		else
			out_printf(out, "%%%02X", (unsigned)(unsigned char)*s);
	}
}
