/* Uses LeakSanitizer's interface without LeakSanitizer: the functions are there under memwatch only. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAY_BE_MISSING __attribute__((weak))

void __lsan_disable(void) MAY_BE_MISSING;
void __lsan_enable(void) MAY_BE_MISSING;
void __lsan_ignore_object(const void *p) MAY_BE_MISSING;
void __lsan_register_root_region(const void *p, size_t n_bytes) MAY_BE_MISSING;
void __lsan_unregister_root_region(const void *p, size_t n_bytes) MAY_BE_MISSING;
int __lsan_do_recoverable_leak_check(void) MAY_BE_MISSING;
void __lsan_do_leak_check(void) MAY_BE_MISSING;

static __attribute__((noinline)) void lose(size_t n_bytes, int ignored)
{
	void *volatile p = malloc(n_bytes);

	if (ignored && __lsan_ignore_object)
		__lsan_ignore_object((char *)p + 100);
	p = NULL;
	(void)p;
}

static __attribute__((noinline)) void wipe(void)
{
	volatile char junk[4096];

	for (size_t i = 0; i < sizeof(junk); i++)
		junk[i] = 0;
}

int main(int argc, char **argv)
{
	if (!__lsan_disable) {
		printf("no __lsan_disable\n");
		return 0;
	}
	printf("clean: %d\n", __lsan_do_recoverable_leak_check());
	__lsan_disable();
	lose(100, 0);
	__lsan_enable();
	lose(200, 1);
	wipe();
	printf("ignored: %d\n", __lsan_do_recoverable_leak_check());
	lose(300, 0);
	wipe();
	printf("lost: %d\n", __lsan_do_recoverable_leak_check());
	if (argc > 1 && strcmp(argv[1], "final") == 0) {
		__lsan_do_leak_check();
		lose(400, 0); /* too late to be seen as lost */
	}
	printf("done\n");
	return 0;
}
