# Without DWARF, functions come from the symbol tables.
. "$TOP/tests/e2e/lib.sh"
victim leaky

strip --strip-debug -o symbols-only "$victim"
watch ./symbols-only
expect_match "function" "$(json '.processes[0].leaks[].frames[0] | "\(.function) \(.line)"')" '^copy_text (null|0)$'
