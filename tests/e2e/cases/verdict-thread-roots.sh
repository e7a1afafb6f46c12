# The same as verdict-roots for what a thread has that is there at the end: stack, registers, storage, argument; and
# for the value of one that has ended and was not joined.
. "$TOP/tests/e2e/lib.sh"
victim roots
gcc -g -O1 -shared -fPIC -o module.so "$TOP/tests/e2e/victims/roots_module.c" || fail "cannot compile the module"

# verdicts WHAT...: watches the victim; sets $verdicts to those of its two blocks, the outer and the inner
verdicts() {
	watch --show=all "$victim" "$@" ./module.so
	[ "$status" = 77 ] || expect "status of $*" "$status" 0
	expect "scanned $*" "$(json '.processes[0].verdicts | "\(.scanned) \(.why_not)"')" "true null"
	verdicts=$(json '[.processes[0].leaks[] | select(.frames[0].function == "make_kept")] | sort_by(-.bytes)[] |
		"\(.verdict) \(.blocks) \(.bytes)"' | paste -sd ' ')
}

for place in thread-stack thread-tls thread-dynamic-tls thread-key thread-late-key \
	register register-running vector vector-running wide-vector argument argument-at-once value value-own-stack; do
	verdicts "$place" on
	[ "$status" = 77 ] && continue # this processor has no such register
	expect "$place, kept" "$verdicts" "reachable 1 300 reachable 1 200"
	verdicts "$place" off
	expect "$place, erased" "$verdicts" "definite 1 300 indirect 1 200"
done

# Stale pointers in frames that have returned hide nothing.
verdicts thread-dead-frames off
expect "thread-dead-frames" "$verdicts" "definite 1 300 indirect 1 200"
