# The monitor of memwatch.h calls back once for each time that the live bytes come above the maximum.
. "$TOP/tests/e2e/lib.sh"
victim api

native "$victim" monitor
expect "without memwatch" "$(cat native.out)" "no monitor, stop: -1"
watch "$victim" monitor
expect "status" "$status" 0
expect "calls" "$(cat stdout)" "second: -1
call 1: 1 1
call 2: 1 1
stop: 0
again: -1
calls: 2"
expect_complete "api monitor"
expect "what the monitor's thread costs the program" "$(total live_blocks)" 1
