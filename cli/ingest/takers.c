#include "cli/ingest/takers.h"

#include "cli/base/thread.h"

#include <limits.h>
#include <linux/futex.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

static void *run(void *arg)
{
	struct takers *takers = arg;
	_Atomic uint32_t *word = &takers->session->takers;
	uint32_t seen = 0; /* as it is at first */

	while (!atomic_load(&takers->stop)) {
		uint32_t now = atomic_load(word);

		if (now == seen) {
			syscall(SYS_futex, word, FUTEX_WAIT, seen, NULL, NULL, 0);
			continue;
		}
		seen = now;
		eventfd_write(takers->fd, 1);
	}
	return NULL;
}

void takers_start(struct takers *takers, struct shm_session *session)
{
	takers->session = session;
	takers->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (takers->fd < 0)
		return;
	if (thread_start(&takers->thread, NULL, run, takers) == 0)
		return;
	close(takers->fd);
	takers->fd = -1;
}

void takers_stop(struct takers *takers)
{
	_Atomic uint32_t *word;

	if (takers->fd < 0)
		return;
	word = &takers->session->takers;
	atomic_store(&takers->stop, true);
	atomic_fetch_add(word, 1);
	syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
	pthread_join(takers->thread, NULL);
	close(takers->fd);
	takers->fd = -1;
}
