/*
 * Defines what LeakSanitizer asks a program for, as one that is not built with it would: nothing else refers to it.
 * Compiled with TURNED_OFF, BROKEN or neither.
 */
#include <stdlib.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline))

#ifdef BROKEN
#define SAID "leak:lose_known\nleak lose_other\n"
#else
#define SAID "# the first is known\nleak:lose_known\n"
#endif

static int constructed;

__attribute__((constructor)) static void construct(void)
{
	constructed = 1;
}

#ifdef TURNED_OFF
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void)
{
	return 1;
}
#endif

const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	/* As with LeakSanitizer, it is called before the program's constructors. */
	return constructed ? "leak:*\n" : SAID;
}

const char *__lsan_default_options(void);
const char *__lsan_default_options(void)
{
	return "exitcode=7:suppressions=more.supp";
}

static NOINLINE void lose_known(void)
{
	void **volatile p = malloc(100);

	*p = malloc(10); /* hangs on it */
	p = NULL;
	(void)p;
}

static NOINLINE void lose_named(void)
{
	void *volatile p = malloc(200);

	p = NULL;
	(void)p;
}

static NOINLINE void lose_other(void)
{
	void *volatile p = malloc(300);

	p = NULL;
	(void)p;
}

static NOINLINE void wipe(void)
{
	volatile char junk[4096];

	for (size_t i = 0; i < sizeof(junk); i++)
		junk[i] = 0;
}

int main(int argc, char **argv)
{
	(void)argv;
	lose_known();
	lose_named();
	lose_other();
	wipe();
	if (argc > 1)
		_exit(0);
	return 0;
}
