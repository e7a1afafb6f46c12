# A real program, the same with and without memwatch: gcc.
. "$TOP/tests/e2e/lib.sh"
needs gcc
export CCACHE_DISABLE=1 # where gcc is ccache, it compiles each time

cat >work.c <<'END'
#include <stdio.h>
int main(void) { for (int i = 0; i < 3; i++) printf("%d\n", i); return 0; }
END
native gcc -O2 -c -o native.o work.c
watch gcc -O2 -c -o watched.o work.c
expect status "$status" "$native_status"
expect_same "object files" native.o watched.o
expect_same "stderr" stderr native.err
expect_complete gcc
expect "processes" "$(json '[.processes[].exe | split("/") | last] | map(select(test("^(cc1|.*as)$"))) | length')" 2
same_as_native gcc -c no-such-file.c
