# A forked child has a report of its own; what it inherited is not its leak.
. "$TOP/tests/e2e/lib.sh"
victim children

watch "$victim" fork
expect status "$status" 0
expect processes "$(json '.processes | length')" 2
expect origins "$(json '[.processes[].origin] | join(" ")')" "run fork"
expect "the parent's child" "$(json '.processes[1].parent_pid == .processes[0].pid')" true
expect "exit of the child" "$(json '.processes[1].exit.code')" 5
expect "inherited" "$(json '.processes[1].totals | "\(.inherited_blocks) \(.inherited_bytes)"')" "10 1000"
expect "the child's leaks" "$(json '.processes[1].leaks[] | "\(.frames[0].function) \(.blocks) \(.bytes)"')" \
	"leak_in_child 3 3000"
expect "the parent's leaks" "$(leaks_by_function)" "main 10 1000"
expect "unknown frees" "$(json '[.processes[].completeness.unknown_frees] | add')" 0
expect_complete fork

watch "$victim" double
expect status "$status" 0
expect processes "$(json '.processes | length')" 3
expect_complete double
