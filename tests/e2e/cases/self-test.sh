# memwatch doctor --self-test finds what it plants, and tells what it does not find and why.
. "$TOP/tests/e2e/lib.sh"
case $VARIANT in asan | tsan) skip "memwatch is itself the program that is watched" ;; esac
status=0
"$MEMWATCH" doctor --self-test >out || status=$?
expect "status" "$status" 0
expect "found" "$(grep -c ' found$' out)" 4
grep -q 'records  *complete' out || fail "$(cat out)"

# What is not seen is told: verdicts are switched off here.
status=0
MEMWATCH_OPTIONS=no-scan "$MEMWATCH" doctor --self-test >out || status=$?
expect "status without scan" "$status" 125
expect "not found without scan" "$(grep -c 'NOT FOUND: --no-scan was given' out)" 4

# With a program, both are told.
status=0
"$MEMWATCH" doctor --self-test /bin/true >out || status=$?
expect "status with a program" "$status" 0
grep -q '^/bin/true: can be watched' out || fail "$(cat out)"
grep -q 'debug information' out || fail "$(cat out)"
grep -q 'traced by  *nobody' out || fail "$(cat out)"
grep -q 'threads  *can be stopped' out || fail "$(cat out)"

# Where a debugger has hold of all children, threads cannot be stopped.
needs strace
strace -f -o /dev/null "$MEMWATCH" doctor /bin/true >out || fail "doctor under strace: $(cat out)"
grep -q 'traced by  *process [0-9]' out || fail "$(cat out)"
grep -q 'threads  *cannot be stopped (ptrace: Operation not permitted)' out || fail "$(cat out)"
