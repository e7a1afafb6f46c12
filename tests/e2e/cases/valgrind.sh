# Allocations, frees and bytes equal those that valgrind counts on the same program.
. "$TOP/tests/e2e/lib.sh"
needs valgrind
victim ledger

valgrind --run-libc-freeres=no --run-cxx-freeres=no "$victim" ledger 8000 2>valgrind.err || fail "valgrind failed"
wanted=$(sed -n 's/.*total heap usage: \(.*\) allocs, \(.*\) frees, \(.*\) bytes.*/\1 \2 \3/p' valgrind.err | tr -d ,)
watch "$victim" ledger 8000
expect "allocations, frees, bytes" "$(total allocations) $(total frees) $(total allocated_bytes)" "$wanted"
