# Names of a stripped program come from its separate debug file, by .gnu_debuglink; never from one of another build.
. "$TOP/tests/e2e/lib.sh"
needs objcopy
victim leaky

objcopy --only-keep-debug "$victim" split.debug
objcopy --strip-all --add-gnu-debuglink=split.debug "$victim" split
watch ./split
expect_match "function" "$(json '.processes[0].leaks[].frames[0] | "\(.function) \(.line)"')" '^copy_text [1-9]'

gcc -g -O2 -DOTHER -o other "$TOP/tests/e2e/victims/sites.c"
objcopy --only-keep-debug other split.debug
watch ./split
expect "functions from a wrong debug file" \
	"$(json '[.processes[0].leaks[] | select(.bytes != 4096) | .frames[0].function] | unique | tostring')" '[null]'
