# LeakSanitizer's suppressions leave here what they leave there: bytes that are still told, file by file.
. "$TOP/tests/e2e/lib.sh"
needs jq
[ "$VARIANT" = release ] || skip "once is enough"
victim suppress suppress_lsan -O0 -fsanitize=leak
sanitized=$victim
victim suppress suppress -O0
"$sanitized" >lsan.log 2>&1
grep -q 'SUMMARY: LeakSanitizer: 742 byte' lsan.log || { cat lsan.log; skip "LeakSanitizer does not work here"; }

same() { # same LINE...
	printf '%s\n' "$@" >x.supp
	LSAN_OPTIONS=suppressions=$PWD/x.supp:print_suppressions=0 "$sanitized" >lsan.log 2>&1
	theirs=$(sed -n 's/^SUMMARY: LeakSanitizer: \([0-9]*\) byte.*/\1/p' lsan.log)
	watch --suppressions=x.supp "$victim"
	ours=$(json '.processes[0].verdicts | .definite.bytes + .indirect.bytes + .possible.bytes')
	expect "bytes left by $*" "$ours" "${theirs:-0}"
}

for pattern in lose_ten '^lose_ten$' ^lose 'ten$' 'l*ten' 'ose_t' '^ose_t' nothing 'lose_*ed$' '^main$' main \
	'suppress.c' '*suppress.c$' 'realloc' 'lose_list' 'new_node' \
	'*' 'lose_ten$*' '^lose_z*d' 'e?t' 'libnothing' '_head$'; do
	same "leak:$pattern"
done
# What is written for it silences all that it has to say, and here, too.
watch --gen-suppressions=lsan --top=0 "$victim"
grep -E '^(leak:|#)' text >x.supp
grep -q '^leak:^lose_ten\$$' x.supp || fail "no line for lose_ten: $(cat x.supp)"
expect "lines twice" "$(sort x.supp | uniq -d)" ""
LSAN_OPTIONS=suppressions=$PWD/x.supp:print_suppressions=0 "$sanitized" >lsan.log 2>&1
expect "what LeakSanitizer has left to say" "$(grep SUMMARY lsan.log)" ""
watch --suppressions=x.supp "$victim"
expect "what is left here" "$(json '.processes[0].verdicts | .definite.bytes + .indirect.bytes + .possible.bytes')" 0

same '# a comment' '' '  leak:lose_ten  ' 'leak:calloc'
