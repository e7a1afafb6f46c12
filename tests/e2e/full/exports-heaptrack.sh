# --export=heaptrack: ten million events pass through the reporter, and do not stay in its memory.
. "$TOP/tests/e2e/lib.sh"
needs jq heaptrack_print

cat >many.c <<'END'
#include <stdlib.h>
int main(void)
{
	static void *kept[1000];
	for (int i = 0; i < 5000000; i++) {
		free(kept[i % 1000]);
		kept[i % 1000] = malloc(1 + i % 7001);
	}
	return 0;
}
END
gcc -g -fno-builtin many.c -o many
watch ./many
before=$(json '.processes[0].overhead.reporter_bytes')
watch --export=heaptrack:many.zst ./many
expect "bounded memory" "$(json ".processes[0].overhead.reporter_bytes < $before + 8000000")" true
heaptrack_print -f many.zst >printed 2>stderr || fail "heaptrack_print"
expect "its complaints" "$(cat stderr)" ""
expect_match "allocations" "$(cat printed)" '^calls to allocation functions: 5000000 '
