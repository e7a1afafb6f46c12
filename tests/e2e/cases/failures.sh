# Calls that fail are counted and are no blocks; errno is what the program would have seen without memwatch.
. "$TOP/tests/e2e/lib.sh"
victim failures

same_as_native "$victim"
expect "failed calls" "$(total failed_allocations)" 9
expect "live blocks" "$(total live_blocks)" 0
expect "leaks" "$(json '.processes[0].leaks | length')" 0
