# Suppressions made by valgrind work here, and those made here in valgrind.
. "$TOP/tests/e2e/lib.sh"
needs jq valgrind
[ "$VARIANT" = release ] || skip "once is enough"

entries() { # entries FILE: the suppressions in a log
	sed -n '/^{/,/^}/p' "$1"
}

both_ways() { # both_ways BINARY KINDS
	valgrind --leak-check=full --show-leak-kinds="$2" --gen-suppressions=all --log-file=vg.log "$1"
	entries vg.log >vg.supp
	[ -s vg.supp ] || fail "valgrind made no suppressions for $1"
	watch --suppressions=vg.supp "$1"
	expect "what valgrind's suppressions leave of $1" \
		"$(json -c '.processes[0].leaks[] | select(.suppressed_by == null and .verdict != "reachable") |
			[.verdict, .bytes, .allocator, .frames[0].function]')" ""
	expect "valgrind's suppressions without use for $1" \
		"$(json '.processes[0].suppressions[] | select(.state != "used") | .line')" ""

	watch --gen-suppressions --top=0 --show="$2" "$1"
	entries text >mw.supp
	watch --suppressions=mw.supp "$1"
	expect "what its own suppressions leave of $1" \
		"$(json -c '.processes[0].leaks[] | select(.suppressed_by == null and .verdict != "reachable") |
			[.verdict, .bytes, .allocator, .frames[0].function]')" ""
	expect "suppressions without use" \
		"$(json '.processes[0].suppressions[] | select(.state != "used") | .line')" ""
	valgrind --leak-check=full --show-leak-kinds="$2" --suppressions=mw.supp --log-file=vg.log "$1"
	grep -qE 'definitely lost: 0 bytes' vg.log || { cat vg.log; fail "valgrind with memwatch's suppressions"; }
	grep -qE 'indirectly lost: 0 bytes' vg.log || { cat vg.log; fail "valgrind with memwatch's suppressions"; }
}

victim suppress suppress -O0
both_ways "$victim" definite,indirect,possible

# each suppression is of one record, and what hangs on that
watch --gen-suppressions --top=0 --show=all "$victim"
entries text >all.supp
n=$(grep -c '^{' all.supp)
expect "records and suppressions" "$(json '.processes[0].leaks | length')" "$n"
i=1
while [ "$i" -le "$n" ]; do
	awk -v i="$i" '/^{/ { n++ } n == i' all.supp >one.supp
	watch --suppressions=one.supp "$victim"
	kind=$(sed -n 's/^ *match-leak-kinds: //p' one.supp)
	expect "records of suppression $i" \
		"$(json '[.processes[0].leaks[] | select(.suppressed_by and .verdict == $k)] | length' \
			--arg k "$kind")" 1
	i=$((i + 1))
done

victim suppress_cxx
both_ways "$victim" definite,indirect,possible

# rules by readable name, which valgrind knows not
printf '{\na\nMemcheck:Leak\nfun:operator new*\nfun:shop::Till::open(int)\n}\n' >x.supp
watch --suppressions=x.supp "$victim"
expect "by readable name" "$(json '.processes[0].verdicts.suppressed.bytes')" 4

# --tool=memcheck: no line for CTest to count, and the words of valgrind
printf 'leak:*\n' >x.supp
watch --tool=memcheck -v --suppressions=x.supp "$victim"
grep -q 'are definitely lost' text && fail "a suppressed record is shown"
grep -qE '^==[0-9]+== +suppressed: [0-9,]+ bytes in [0-9,]+ blocks$' text || fail "no line of the suppressed"
grep -qE '^==[0-9]+== ERROR SUMMARY: 0 errors from 0 contexts \(suppressed: [1-9][0-9]* from [1-9][0-9]*\)$' text ||
	fail "no summary of errors"
grep -qE '^--[0-9]+-- used_suppression: +[0-9]+ \* x\.supp:1 suppressed: ' text || fail "no used_suppression line"

# the files that come with valgrind and with programs
for file in /usr/libexec/valgrind/default.supp /usr/lib/valgrind/*.supp; do
	[ -e "$file" ] || continue
	watch --suppressions="$file" "$victim"
	expect "status with $file" "$status" 0
done
