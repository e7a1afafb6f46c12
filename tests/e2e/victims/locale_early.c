/* A constructor that runs before all others and holds the locale's lock when it allocates for the first time in the
 * process; then main takes the lock again, and asks for an error of the loader that is not its own. */
#include <dlfcn.h>
#include <locale.h>
#include <stdio.h>

static locale_t early;

#ifdef LIBRARY
__attribute__((constructor)) static void begin(void)
{
	early = newlocale(LC_ALL_MASK, "C.UTF-8", (locale_t)0);
}

int is_there(void);
int is_there(void)
{
	return early != (locale_t)0;
}
#else
int is_there(void);

int main(void)
{
	const char *error = dlerror();

	(void)early;
	printf("%s %s\n", setlocale(LC_ALL, "C.UTF-8") ? "set" : "not set", is_there() ? "early" : "late");
	printf("%s\n", error ? error : "no error");
	return 0;
}
#endif
