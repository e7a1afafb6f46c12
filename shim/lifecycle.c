/* The constructor, and forks. */
#include "shim/allocators.h"
#include "shim/catch.h"
#include "shim/endings.h"
#include "shim/entry.h"
#include "shim/lsan.h"
#include "shim/paths.h"
#include "shim/reference.h"
#include "shim/writer.h"

#include <pthread.h>

static void fork_prepare(void)
{
	if (entry_on())
		mw_track_fork();
}

/* The reporter must not take what it does not see for what is not there. */
static bool bypassed; /* set by the constructor */

static void tell_bypassed(void)
{
	if (entry_on() && mw_proc->shm)
		mw_proc->shm->bypassed = bypassed;
}

static void fork_parent(void)
{
	mw_track_forked();
}

static void fork_child(void)
{
	mw_attach_child();
	mw_track_forked();
	tell_bypassed();
}

/* Registers with libc what can only be done once it is initialised. What is allocated for it is not the program's. */
__attribute__((constructor(101))) static void shim_init(void)
{
	bool on = entry_on();

	mw_paths_clean_environment();
	if (!on)
		return;
	mw_entry_cxx_init();
	bypassed = mw_entry_bypassed();
	tell_bypassed();
	mw_tls.level += WRITER_MUTED;
	pthread_atfork(fork_prepare, fork_parent, fork_child);
	mw_endings_init();
	mw_threads_init();
	mw_allocators_init();
	if (mw_proc->flags & (SHM_FLAG_VALIDATE | SHM_FLAG_REFERENCE_UNWINDER))
		mw_reference_init();
	mw_tls.level -= WRITER_MUTED;
	if (mw_proc->flags & SHM_FLAG_SCAN)
		mw_lsan_init();
	if (mw_proc->flags & SHM_FLAG_SCAN && mw_proc->flags & SHM_FLAG_CATCH_SIGNALS)
		mw_catch_init();
}
