# A program that defines malloc itself is not seen by any preloaded object: never reported as free of leaks.
. "$TOP/tests/e2e/lib.sh"
cat >own.c <<'END'
#include <stddef.h>

static _Alignas(16) char arena[1 << 20];
static size_t used;

void *malloc(size_t size)
{
	char *p = arena + used;

	used += (size + 15) / 16 * 16;
	return p;
}

void free(void *p)
{
	(void)p;
}

int main(void)
{
	return malloc(100) == NULL;
}
END
gcc -fno-builtin -rdynamic -o own own.c || fail "cannot compile"
watch ./own
expect "status" "$status" 0
expect "scanned" "$(json '.processes[0].verdicts.scanned')" false
expect_match "why not" "$(json '.processes[0].verdicts.why_not')" "part of the program's own file"
expect "complete" "$(json '.processes[0].completeness.complete')" false
grep -q 'complete .*NO' text || fail "the text does not say that it is not complete"
