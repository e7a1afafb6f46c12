# realloc in place, moved, failed and to zero: the block that is there afterwards is the one that is reported.
. "$TOP/tests/e2e/lib.sh"
victim realloc

same_as_native "$victim"
leaks_by_function >got
cat >wanted <<END
failed 1 77
in_place 1 900
moved 1 50000
END
expect_same "live blocks" got wanted
expect "failed" "$(total failed_allocations)" 1
expect "allocations, frees" "$(total allocations) $(total frees)" "7 4"
