# --folded, --top, -q, -v, --depth, --color and --log-file of the text report.
. "$TOP/tests/e2e/lib.sh"
victim sites

# collapsed stacks: root;...;leaf bytes
watch --folded=folded "$victim"
expect_match "a folded line" "$(cat folded)" '^([^;]*;)*main;site_10.* 1010$'
expect "the sum of the folded stacks" "$(awk '{ sum += $NF } END { print sum }' folded)" "$(total live_bytes)"
expect "lines" "$(wc -l <folded)" 30

watch --top=3 "$victim"
expect "records in the text" "$(grep -c '^\[' text)" 3
grep -q 'site_39' text || fail "the largest record is not there"
grep -qE '27 ' text || fail "how many records are not shown is not told"
expect "leaks in JSON all the same" "$(json '.processes[0].leaks | length')" 30

watch -q true
expect "-q and nothing found" "$(cat text 2>/dev/null; cat stderr)" ""
watch --depth=2 "$victim"
expect "deepest stack" "$(json '[.processes[0].leaks[].frames | length] | max')" 2

"$MEMWATCH" "$victim" >stdout 2>stderr || fail "status $?"
expect "stdout" "$(cat stdout)" ""
grep -q site_39 stderr || fail "the text report is not on stderr"
"$MEMWATCH" --text=- "$victim" >stdout 2>stderr || fail "status $?"
grep -q site_39 stdout || fail "the text report is not on stdout"

# a descriptor is written to as it is: what the program, or another, has written to its file stays
"$MEMWATCH" --text=/dev/stdout sh -c 'echo from the program' >stdout 2>stderr || fail "status $?"
expect "first line of stdout" "$(head -1 stdout)" "from the program"
grep -q Summary stdout || fail "the text report is not in /dev/stdout"
(echo first >&9 && "$MEMWATCH" --log-fd=9 "$victim") 9>ninth 2>stderr || fail "status $?"
expect "first line of descriptor 9" "$(head -1 ninth)" first
grep -q site_39 ninth || fail "the text report is not in descriptor 9"

escape=$(printf '\033')
"$MEMWATCH" --color=always "$victim" 2>stderr || fail "status $?"
grep -q "$escape" stderr || fail "--color=always has no colour"
for plain in --color=never --color=auto; do
	"$MEMWATCH" $plain "$victim" 2>stderr || fail "status $?"
	! grep -q "$escape" stderr || fail "$plain has colour in a file"
done
