# --hard-limit: beyond it every function fails as it does without memory, and the report says how often.
. "$TOP/tests/e2e/lib.sh"
needs python3
victim hard_limit

watch --hard-limit=1M "$victim"
expect status "$status" 0
expect "what did not go as it should" "$(grep -v ': yes$' stdout)" ""
expect "lines" "$(wc -l <stdout)" 14
expect "all that failed were refused" \
	"$(json '.processes | map(.totals.failed_allocations == .totals.refused_allocations) | all')" true
expect "peak below the limit" "$(json '.processes | map(.totals.peak_live_bytes <= 1048576) | all')" true
refused=$(json '.processes[0].totals.refused_allocations')
expect "line of the text" "$(grep -c "refused  *$refused allocations beyond --hard-limit" text)" 1
expect_complete "a program under a hard limit"

# without one nothing is refused
watch --hard-limit=1G true
expect "refused under a high limit" "$(total refused_allocations)" 0

# where no block can be had at all, what fails is the program and not its watching
watch --hard-limit=1 python3 -c 'print(1)'
[ "$status" != 0 ] || fail "python runs without memory"
[ "$(total refused_allocations)" -ge 1 ] || fail "nothing was refused"
expect "live" "$(total live_bytes)" 0

# the stack
watch --max-stack=256K sh -c 'ulimit -s'
expect "stack of the program" "$(cat stdout)" 256
watch --max-stack=1K true
expect "too little" "$status" 2
expect_match "too little" "$(cat stderr)" '--max-stack: .1K. is too little'
(
	ulimit -Hs 8192
	watch --max-stack=1G true
	expect "more than the hard limit" "$status" 125
	expect_match "more than the hard limit" "$(cat stderr)" 'hard limit of 8388608'
) || exit 1
