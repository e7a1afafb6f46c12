# The program's own malloc maps memory under its lock, and is used before the shim starts: whatever the shim does
# at that moment must not come back to malloc. Rust's compiler is such a program, with jemalloc.
. "$TOP/tests/e2e/lib.sh"
cat >own.c <<'END'
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *arena;
static size_t used;

void *malloc(size_t size)
{
	char *p;

	pthread_mutex_lock(&lock);
	if (!arena)
		arena = mmap(NULL, 1 << 24, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	p = arena + used;
	used += (size + 15) / 16 * 16;
	pthread_mutex_unlock(&lock);
	return p;
}

void free(void *p)
{
	(void)p;
}

void *calloc(size_t n, size_t size)
{
	return malloc(n * size);
}

void *realloc(void *old, size_t size)
{
	void *p = malloc(size);

	return old ? memmove(p, old, size) : p;
}

int main(void)
{
	puts("the program ran");
	return 0;
}
END
cat >early.c <<'END'
#include <stdlib.h>

void *early;

__attribute__((constructor)) static void init(void)
{
	early = malloc(10);
}
END
gcc -fno-builtin -shared -fPIC -o early.so early.c &&
	gcc -fno-builtin -rdynamic -pthread -Wl,--no-as-needed -o own own.c ./early.so || fail "cannot compile"
watch ./own
expect status "$status" 0
grep -q "the program ran" stdout || fail "it did not run"
expect scanned "$(json '.processes[0].verdicts.scanned')" false
