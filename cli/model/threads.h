/*
 * Threads of one process, by instance: a stream's writers over time. A block keeps the index of the thread that
 * allocated it.
 */
#ifndef CLI_MODEL_THREADS_H
#define CLI_MODEL_THREADS_H

#include <stddef.h>
#include <stdint.h>

#define THREADS_MAX (1u << 24) /* beyond it, thread 0 stands for all */

struct threads;

struct thread {
	uint32_t tid; /* 0 = not known */
	char name[17]; /* "" = not known */
};

struct threads *threads_new(void);
void threads_free(struct threads *threads);

/* Never NULL: index 0 and unknown ones give a thread without tid and name. */
const struct thread *threads_get(const struct threads *threads, uint32_t index);

/* The index of a new thread. */
uint32_t threads_add(struct threads *threads, uint32_t tid, const char *name, size_t name_bytes);
void threads_rename(struct threads *threads, uint32_t index, const char *name, size_t name_bytes);

#endif
