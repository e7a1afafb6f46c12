# Live blocks and bytes per function equal the ledger that the program keeps outside the heap.
. "$TOP/tests/e2e/lib.sh"
victim ledger

watch "$victim" ledger 60000
expect status "$status" 0
LC_ALL=C sort ledger >wanted
leaks_by_function >got
expect_same "live blocks per function" got wanted
expect "the sum" "$(total live_blocks) $(total live_bytes)" "$(awk '{ n += $2; b += $3 } END { print n, b }' ledger)"
expect_complete ledger
