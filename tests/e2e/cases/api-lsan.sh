# LeakSanitizer's interface works in programs that were not built for it.
. "$TOP/tests/e2e/lib.sh"
victim lsan

native "$victim"
expect "without memwatch" "$(cat native.out)" "no __lsan_disable"
watch "$victim"
expect "status" "$status" 0
expect "checks" "$(cat stdout)" "clean: 0
ignored: 0
lost: 1
done"
expect "verdicts" "$(json '.processes[0].verdicts |
	"\(.definite.bytes) \(.suppressed.bytes) \(.unclassified.bytes) \(.scans)"')" "300 300 0 4"

# A program that was built for LeakSanitizer has its own, which hears all.
if echo 'int main(void) { return 0; }' | gcc -fsanitize=leak -x c -o probe - 2>/dev/null && ./probe; then
	victim lsan lsan-sanitized -fsanitize=leak
	native "$victim"
	watch "$victim"
	lost='SUMMARY: LeakSanitizer: 300 byte\(s\) leaked in 1 allocation'
	expect_match "LeakSanitizer alone" "$(cat native.err)" "$lost"
	expect_match "LeakSanitizer under memwatch" "$(cat stderr)" "$lost"
	expect "status with LeakSanitizer" "$status" "$native_status"
fi

victim lsan
# __lsan_do_leak_check: the program goes on, and is not looked at again.
watch "$victim" final
expect "status after the last check" "$status" 0
expect_match "it goes on" "$(cat stdout)" '^done$'
expect "verdicts of the last check" "$(json '.processes[0].verdicts |
	"\(.definite.bytes) \(.suppressed.bytes) \(.unclassified.bytes) \(.scans)"')" "300 300 400 4"
