#include "cli/model/threads.h"

#include "cli/base/xalloc.h"

#include <stdlib.h>
#include <string.h>

struct threads {
	struct thread *items; /* index 0: the unknown thread */
	size_t n, cap;
};

struct threads *threads_new(void)
{
	struct threads *threads = xcalloc(1, sizeof(*threads));

	threads_add(threads, 0, "", 0);
	return threads;
}

void threads_free(struct threads *threads)
{
	if (!threads)
		return;
	free(threads->items);
	free(threads);
}

const struct thread *threads_get(const struct threads *threads, uint32_t index)
{
	return &threads->items[index < threads->n ? index : 0];
}

uint32_t threads_add(struct threads *threads, uint32_t tid, const char *name, size_t name_bytes)
{
	if (threads->n >= THREADS_MAX)
		return 0;
	threads->items = xgrow(threads->items, &threads->cap, threads->n + 1, sizeof(*threads->items));
	threads->items[threads->n] = (struct thread){.tid = tid};
	threads->n++;
	threads_rename(threads, (uint32_t)threads->n - 1, name, name_bytes);
	return (uint32_t)threads->n - 1;
}

void threads_rename(struct threads *threads, uint32_t index, const char *name, size_t name_bytes)
{
	struct thread *thread;

	if (index >= threads->n)
		return;
	thread = &threads->items[index];
	name_bytes = strnlen(name, name_bytes);
	if (name_bytes >= sizeof(thread->name))
		name_bytes = sizeof(thread->name) - 1;
	memset(thread->name, 0, sizeof(thread->name));
	memcpy(thread->name, name, name_bytes);
}
