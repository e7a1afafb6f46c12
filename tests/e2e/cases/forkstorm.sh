# Forking while other threads allocate never hangs, and each child has its report.
. "$TOP/tests/e2e/lib.sh"
victim forkstorm

watch "$victim" 30
expect status "$status" 0
expect processes "$(json '.processes | length')" 31
expect "allocations of each child" \
	"$(json '[.processes[1:][] | .totals.allocations] | unique | join(" ")')" 100
expect_complete forkstorm
