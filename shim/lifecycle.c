/* The constructor, forks and exits. */
#include "shim/entry.h"
#include "shim/paths.h"
#include "shim/reference.h"
#include "shim/writer.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static void fork_prepare(void)
{
	if (entry_on())
		mw_track_fork();
}

static void fork_child(void)
{
	mw_attach_child();
}

/* The status, for reporters that cannot ask the kernel for it. In a vfork child it is not this process that ends. */
static void put_exit(int status)
{
	if (entry_on() && sys_getpid() == mw_proc->pid)
		mw_track_ext(WIRE_EXIT, (uint32_t)status & 0xff, "");
}

static void at_exit(int status, void *unused MW_UNUSED)
{
	put_exit(status);
}

MW_EXPORT void _exit(int status)
{
	put_exit(status);
	if (mw_real_ready())
		mw_real._exit(status);
	for (;;)
		SYS1(SYS_exit_group, status);
}

MW_EXPORT void _Exit(int status) __attribute__((alias("_exit"), noreturn));

/* Registers with libc what can only be done once it is initialised. What is allocated for it is not the program's. */
__attribute__((constructor(101))) static void shim_init(void)
{
	bool on = entry_on();

	mw_paths_clean_environment();
	if (!on)
		return;
	mw_tls.level += WRITER_MUTED;
	pthread_atfork(fork_prepare, NULL, fork_child);
	on_exit(at_exit, NULL);
	mw_threads_init();
	if (mw_proc->flags & (SHM_FLAG_VALIDATE | SHM_FLAG_REFERENCE_UNWINDER))
		mw_reference_init();
	mw_tls.level -= WRITER_MUTED;
}
