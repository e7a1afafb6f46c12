/* Writable process-wide: the program's environ during system() and popen(), and how many of those are under way. */
#include "shim/child_env.h"

#include "common/elf_sanitizer.h"
#include "common/env.h"
#include "shim/paths.h"
#include "shim/process.h"
#include "shim/writer.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- can the image be watched? ---- */

#define GLIBC_LOADER "/ld-linux-x86-64.so.2"

static bool pread_all(int fd, void *buf, size_t n, uint64_t offset)
{
	return SYS4(SYS_pread64, fd, buf, n, offset) == (long)n;
}

static bool read_file(void *ctx, void *buf, size_t n, uint64_t offset)
{
	return pread_all(*(const int *)ctx, buf, n, offset);
}

/* A dynamically linked x86-64 program of glibc: others would print an error about our object, or not start. */
static bool elf_is_ours(int fd, const Elf64_Ehdr *eh)
{
	char loader[64];

	if (eh->e_ident[EI_CLASS] != ELFCLASS64 || eh->e_machine != EM_X86_64)
		return false;
	for (int i = 0; i < eh->e_phnum && i < 64; i++) {
		Elf64_Phdr ph;

		if (!pread_all(fd, &ph, sizeof(ph), eh->e_phoff + (uint64_t)i * sizeof(ph)))
			return false;
		if (ph.p_type != PT_INTERP)
			continue;
		if (ph.p_filesz < sizeof(GLIBC_LOADER) || ph.p_filesz > sizeof(loader) ||
		    !pread_all(fd, loader, ph.p_filesz, ph.p_offset))
			return false;
		loader[ph.p_filesz - 1] = '\0';
		return strcmp(loader + ph.p_filesz - sizeof(GLIBC_LOADER), GLIBC_LOADER) == 0 &&
		       !elf_sanitizer(read_file, &fd, eh);
	}
	return false;
}

/* The interpreter of "#!path arg", in `head` itself; NULL if it is no such line. */
static char *shebang(char *head, size_t n)
{
	char *p = head + 2;

	if (n < 4 || head[0] != '#' || head[1] != '!')
		return NULL;
	head[n - 1] = '\0';
	p += strspn(p, " \t");
	p[strcspn(p, " \t\n")] = '\0';
	return p;
}

static bool watchable_path(const char *path)
{
	char head[256], interpreter[256];

	for (int depth = 0; depth < 5; depth++) {
		int fd = sys_open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
		long n;
		bool ours;
		char *next;

		if (fd < 0)
			return true; /* execute-only: perhaps */
		n = sys_read(fd, head, sizeof(head));
		if (n >= (long)sizeof(Elf64_Ehdr) && memcmp(head, ELFMAG, SELFMAG) == 0) {
			ours = elf_is_ours(fd, (const Elf64_Ehdr *)(const void *)head);
			sys_close(fd);
			return ours;
		}
		sys_close(fd);
		next = n > 0 ? shebang(head, (size_t)n) : NULL;
		if (!next)
			return true; /* execvp gives it to the shell */
		strcpy(interpreter, next);
		path = interpreter;
	}
	return true;
}

/* As execvp searches; the first file that is there decides. */
static bool watchable_name(const char *name)
{
	const char *list = NULL;
	char path[PATH_MAX];

	if (strchr(name, '/'))
		return watchable_path(name);
	for (char **e = environ; e && *e; e++)
		if (strncmp(*e, "PATH=", 5) == 0)
			list = *e + 5;
	if (!list)
		list = "/bin:/usr/bin";
	while (*list) {
		size_t n = strcspn(list, ":");

		if (n + strlen(name) + 2 < sizeof(path)) {
			memcpy(path, list, n);
			path[n] = '\0';
			mw_path_join(path + n, sizeof(path) - n, n ? "" : ".", name);
			if (SYS3(SYS_faccessat, AT_FDCWD, path, X_OK) == 0)
				return watchable_path(path);
		}
		list += n + (list[n] == ':');
	}
	return true;
}

/* ---- the environment ---- */

static void join(char *buf, size_t size, const char *a, const char *b, const char *c, const char *d, const char *e)
{
	const char *parts[] = {a, b, c, d, e};
	size_t at = 0;

	for (size_t i = 0; i < MW_ARRAY_LEN(parts); i++) {
		size_t n = strlen(parts[i]);

		if (at + n >= size)
			n = size - 1 - at;
		memcpy(buf + at, parts[i], n);
		at += n;
	}
	buf[at] = '\0';
}

/* After chroot(), or as another user, the loader may not find or read our object, and would say so on stderr. Asked
 * as the real user, without the capabilities that an exec takes away. */
static bool loader_finds_us(void)
{
	return SYS3(SYS_faccessat, AT_FDCWD, mw_shim_path(), R_OK) == 0;
}

static bool watch_children(void)
{
	return mw_is_on() && !(mw_proc->flags & SHM_FLAG_NO_CHILDREN) && loader_finds_us();
}

static size_t count(char *const *envp)
{
	size_t n = 0;

	while (envp && envp[n])
		n++;
	return n;
}

/* `envp` without our variables, then with them; `to` has room for two more and the NULL. */
static void fill(struct child_env *env, char **to, char *const *envp)
{
	const char *preload = "";

	for (; envp && *envp; envp++) {
		const char *value = mw_entry_value(*envp, MW_ENV_PRELOAD);

		if (value)
			preload = value;
		else if (!mw_entry_value(*envp, MW_ENV_SESSION))
			*to++ = *envp;
	}
	if (strstr(preload, mw_shim_path()))
		join(env->preload, sizeof(env->preload), MW_ENV_PRELOAD, "=", preload, "", "");
	else
		join(env->preload, sizeof(env->preload), MW_ENV_PRELOAD, "=", mw_shim_path(), *preload ? ":" : "",
		     preload);
	join(env->session, sizeof(env->session), MW_ENV_SESSION, "=", mw_session_path(), "", "");
	*to++ = env->preload;
	*to++ = env->session;
	*to = NULL;
}

static void make(struct child_env *env, char *const *envp)
{
	size_t n = count(envp) + 3;

	env->mapped_bytes = 0;
	env->envp = env->local;
	if (n > CHILD_ENV_LOCAL) {
		env->mapped_bytes = n * sizeof(char *);
		env->envp = sys_alloc(env->mapped_bytes);
		if (!env->envp) {
			env->mapped_bytes = 0;
			env->envp = (char **)(uintptr_t)envp;
			return;
		}
	}
	fill(env, env->envp, envp);
}

static bool has_session(char *const *envp)
{
	for (; envp && *envp; envp++)
		if (mw_entry_value(*envp, MW_ENV_SESSION))
			return true;
	return false;
}

void child_env_make(struct child_env *env, const char *file, enum child_lookup lookup, char *const *envp)
{
	bool watchable = watch_children();

	if (watchable && file && lookup == CHILD_BY_PATH)
		watchable = watchable_path(file);
	else if (watchable && file && lookup == CHILD_BY_NAME)
		watchable = watchable_name(file);
	env->mapped_bytes = 0;
	env->envp = (char **)(uintptr_t)envp;
	/* a session that the program itself put there is that of a memwatch which we watch */
	if (watchable && !has_session(envp))
		make(env, envp);
}

void child_env_drop(struct child_env *env)
{
	if (env->mapped_bytes)
		sys_unmap(env->envp, env->mapped_bytes);
}

static _Atomic uint32_t environ_lock;
static unsigned environ_users;
static struct child_env environ_with_us;
static char **environ_of_program;

void child_environ_enter(void)
{
	sys_sigset signals = mw_lock(&environ_lock);

	if (watch_children() && environ_users++ == 0) {
		make(&environ_with_us, environ);
		environ_of_program = environ;
		environ = environ_with_us.envp;
	}
	mw_unlock(&environ_lock, signals);
}

void child_environ_leave(void)
{
	sys_sigset signals = mw_lock(&environ_lock);

	if (environ_users > 0 && --environ_users == 0) {
		/* had the program changed its environment meanwhile, what it made stays */
		if (environ == environ_with_us.envp)
			environ = environ_of_program;
		child_env_drop(&environ_with_us);
	}
	mw_unlock(&environ_lock, signals);
}
