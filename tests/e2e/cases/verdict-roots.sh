# A block is reachable while the only pointer to it is in a root, whatever the kind, and lost once that is erased.
. "$TOP/tests/e2e/lib.sh"
victim roots
gcc -g -O1 -shared -fPIC -o module.so "$TOP/tests/e2e/victims/roots_module.c" || fail "cannot compile the module"

# verdicts WHAT...: watches the victim; sets $verdicts to those of its two blocks, the outer and the inner
verdicts() {
	watch --show=all "$victim" "$@" ./module.so
	expect "status of $*" "$status" 0
	expect "scanned $*" "$(json '.processes[0].verdicts | "\(.scanned) \(.why_not)"')" "true null"
	verdicts=$(json '[.processes[0].leaks[] | select(.frames[0].function == "make_kept")] | sort_by(-.bytes)[] |
		"\(.verdict) \(.blocks) \(.bytes)"' | paste -sd ' ')
}

for place in data bss tls dynamic-tls module-data module-bss key late-key mapping near-mapping shared-mapping \
	sparse-mapping file-mapping sbrk brk coroutine main-stack caller-stack; do
	verdicts "$place" on
	expect "$place, kept" "$verdicts" "reachable 1 300 reachable 1 200"
	verdicts "$place" off
	expect "$place, erased" "$verdicts" "definite 1 300 indirect 1 200"
	expect_complete "$place"
done

# Stale pointers in frames that have returned hide nothing, however the process ends.
for place in dead-frames dead-frames-exit dead-frames-handler dead-frames-handler-exit; do
	verdicts "$place" off
	expect "$place" "$verdicts" "definite 1 300 indirect 1 200"
done
