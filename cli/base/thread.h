/* Threads beside the main one, which alone takes signals. */
#ifndef CLI_BASE_THREAD_H
#define CLI_BASE_THREAD_H

#include <pthread.h>

/* As pthread_create(); the thread has all signals blocked. An errno, or 0. */
int thread_start(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *arg), void *arg);

#endif
