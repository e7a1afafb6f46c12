# The shim's unwinder and libunwind give the same stack at every allocation.
. "$TOP/tests/e2e/lib.sh"
victim unwind

check_unwinding() { # check_unwinding AT-LEAST PROGRAM [ARG...]
	at_least=$1
	shift
	watch --validate-unwind "$@"
	expect "status of $1" "$status" 0
	checked=$(json '[.processes[].completeness.checked_stacks] | add')
	[ "$checked" -ge "$at_least" ] || fail "$1: only $checked stacks were compared"
	expect "stacks of $1 that differ" "$(json '[.processes[].completeness.differing_stacks] | add')" 0
	expect "stacks of $1 that were cut" "$(json '[.processes[].completeness.truncated_stacks] | add')" 0
}

check_unwinding 900 "$victim"
victim unwind unwind-fp -O2 -fno-omit-frame-pointer
check_unwinding 900 "$victim"
check_unwinding 200 ls /
needs perl git sqlite3
check_unwinding 1000 perl -e 'my %h; $h{$_} = [$_] for 1 .. 300'
check_unwinding 50 git --version
check_unwinding 300 sqlite3 :memory: 'create table t(a); insert into t values (1), (2), (3); select sum(a) from t'
