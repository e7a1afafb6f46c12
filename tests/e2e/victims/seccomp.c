/*
 * Confines itself with seccomp and goes on allocating. usage: seccomp strict|kill|polite prctl|syscall
 * strict: read, write and exit only; kill: little more, anything else kills; polite: what memwatch's reporter or its
 * like might use fails with EPERM. Leaks 10 blocks of 100 bytes before, 20 of 50 after; says "done", ends with
 * status 7.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FORBID(nr, with) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1), BPF_STMT(BPF_RET | BPF_K, with)
#define ALLOW(nr)        FORBID(nr, SECCOMP_RET_ALLOW)

static struct sock_filter kill_filter[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	ALLOW(SYS_write),
	ALLOW(SYS_brk),
	ALLOW(SYS_mmap),
	ALLOW(SYS_munmap),
	ALLOW(SYS_exit_group),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
};
static struct sock_filter polite_filter[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	FORBID(SYS_process_vm_readv, SECCOMP_RET_ERRNO | EPERM),
	FORBID(SYS_memfd_create, SECCOMP_RET_ERRNO | EPERM),
	FORBID(SYS_ptrace, SECCOMP_RET_ERRNO | EPERM),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

static int confine(const char *how, int by_syscall)
{
	struct sock_fprog filter = {sizeof(kill_filter) / sizeof(kill_filter[0]), kill_filter};

	if (strcmp(how, "strict") == 0)
		return by_syscall ? (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 0, NULL)
				  : prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
	if (strcmp(how, "polite") == 0)
		filter = (struct sock_fprog){sizeof(polite_filter) / sizeof(polite_filter[0]), polite_filter};
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return by_syscall ? (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter)
			  : prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
}

static void lose(int n, size_t size)
{
	for (int i = 0; i < n; i++) {
		char *volatile p = malloc(size);

		*p = 1;
		p = NULL;
	}
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return 2;
	lose(10, 100);
	free(malloc(1)); /* the heap has a little more */
	if (confine(argv[1], strcmp(argv[2], "syscall") == 0))
		return 3;
	lose(20, 50);
	for (int i = 0; i < 200000; i++)
		free(malloc((size_t)i % 64 + 1));
	if (write(1, "done\n", 5) != 5)
		return 4;
	if (strcmp(argv[1], "polite") == 0)
		return 7;
	if (strcmp(argv[1], "strict") == 0)
		syscall(SYS_exit, 7);
	_exit(7);
}
