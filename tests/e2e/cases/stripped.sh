# A stripped program gives module and offset, and the same numbers.
. "$TOP/tests/e2e/lib.sh"
needs strip
victim leaky

strip -s -o stripped "$victim"
watch "$victim"
own='.processes[0].leaks[] | select(.frames[0].module | endswith("/libc.so.6") | not)' # not stdio's buffer
leaks='[.processes[0].leaks[] | "\(.blocks) \(.bytes)"] | sort | join(",")'
wanted=$(json "$leaks")
watch ./stripped
expect "blocks and bytes of the leaks" "$(json "$leaks")" "$wanted"
expect "functions" "$(json "[$own | .frames[0].function] | unique | tostring")" '[null]'
expect "modules" "$(json "[$own | .frames[0].module] | unique[]")" "$PWD/stripped"
expect "offsets" "$(json '[.processes[0].leaks[].frames[0].offset > 0] | unique | tostring')" '[true]'
grep -q 'stripped+0x' text || fail "no module+offset in the text"
