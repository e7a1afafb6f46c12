# Deep stacks are whole up to 256 frames; what is cut is counted and said.
. "$TOP/tests/e2e/lib.sh"
victim deep

watch "$victim" 200
expect "frames of descend" "$(json '[.processes[0].leaks[0].frames[] | select(.function == "descend")] | length')" 200
expect "truncated" "$(json '.processes[0].completeness.truncated_stacks')" 0
watch "$victim" 3000
expect "status" "$status" 0
expect "frames" "$(json '.processes[0].leaks[0].frames | length')" 256
expect "truncated" "$(json '.processes[0].completeness.truncated_stacks')" 1
