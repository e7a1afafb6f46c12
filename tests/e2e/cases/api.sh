# memwatch.h: what a program says and asks is heard and answered; without memwatch the same program runs unchanged.
. "$TOP/tests/e2e/lib.sh"
victim api

native "$victim" basic
expect "status without memwatch" "$native_status" 0
expect "answers without memwatch" "$(cat native.out)" "watched: 0
kept: -1, live 0 in 0, allocations 0, frees 0
mark: -1
snapshot: -1
lost: -1, definite 0 0, indirect 0, possible 0, ignored 0 0
freed: -1, live 0 in 0, allocations 0, frees 0
errno: 77"

watch "$victim" basic
expect "status" "$status" 0
expect "answers" "$(cat stdout)" "watched: 1
kept: 0, live 1000 in 1, allocations 1, frees 0
mark: 0
snapshot: 0
lost: 0, definite 2 300, indirect 0, possible 0, ignored 3 724
freed: 0, live 1024 in 5, allocations 8, frees 3
errno: 77"
expect_complete "api basic"
expect "marks" "$(json '.processes[0].marks[] | "\(.kind) \(.name)"')" "mark first
snapshot secönd"
expect "bytes and blocks from mark to mark" "$(json '.processes[0].marks |
	"\(.[1].live_bytes - .[0].live_bytes) \(.[1].live_blocks - .[0].live_blocks) \(.[1].seconds > .[0].seconds)"
	')" \
	"1024 5 true"
expect "suppressed" "$(json '.processes[0].verdicts.suppressed | tostring')" '{"blocks":3,"bytes":724}'
expect "definite" "$(json '.processes[0].verdicts.definite | tostring')" '{"blocks":2,"bytes":300}'
expect "by whom" "$(json '[.processes[0].leaks[] | select(.suppressed_by != null) | .suppressed_by] | unique[]')" \
	"ignored by the program"
expect "scans" "$(json '.processes[0].verdicts.scans')" 2

watch --no-scan "$victim" basic
expect_match "a check that cannot be" "$(cat stdout)" '^lost: -1, definite 0 0'

watch "$victim" regions
expect "regions" "$(cat stdout)" "unknown: 0, definite 1 50, indirect 1, possible 0, ignored 0 0
root: 0
known: 0, definite 0 0, indirect 0, possible 0, ignored 0 0
unroot: 0
unknown again: 0, definite 1 50, indirect 1, possible 0, ignored 0 0"

watch "$victim" pools
expect "pools" "$(tail -n 1 stdout)" "pools: 350 in 2"
expect "pools in the report" "$(json '.processes[0].pools[] |
	"\(.name) \(.allocations) \(.frees) \(.live_blocks) \(.live_bytes) \(.peak_live_bytes)"' | sort)" \
	" 1 0 1 300 300
small 2 1 1 50 150"
expect_complete "api pools"

watch "$victim" registers
expect "a block that a register holds" "$(cat stdout)" "held: 0"
