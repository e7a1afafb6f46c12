# Rules of --suppressions: what they take out, what hangs on that, limits, errors before the start.
. "$TOP/tests/e2e/lib.sh"
needs jq
victim suppress suppress -O0

verdicts() { # "definite indirect reachable suppressed" in bytes, of the last run
	json '.processes[0].verdicts | "\(.definite.bytes) \(.indirect.bytes) \(.reachable.bytes) \(.suppressed.bytes)"'
}

rules() { # rules LINE...: writes them to x.supp and watches the victim
	printf '%s\n' "$@" >x.supp
	watch --suppressions=x.supp "$victim"
	expect "status with $*" "$status" 0
	expect_complete "$*"
	expect "sum of the verdicts with $*" \
		"$(json '.processes[0] | [.verdicts[] | objects | .bytes] | add')" "$(total live_bytes)"
}

watch "$victim"
expect "bytes without suppressions" "$(verdicts)" "230 512 640 0"
expect "suppressed records" "$(json '[.processes[0].leaks[] | select(.suppressed_by)] | length')" 0

rules leak:lose_ten
expect "one leak" "$(verdicts)" "220 512 640 10"
expect "by" "$(json '.processes[0].leaks[] | select(.suppressed_by) | "\(.suppressed_by) \(.bytes) \(.verdict)"')" \
	"lose_ten 10 definite"
expect "rule" "$(json -c '.processes[0].suppressions[0] | [.name, .line, .state, .records, .blocks, .bytes]')" \
	'["lose_ten",1,"used",1,1,10]'
grep -q 'suppressed *10 bytes in 1 block' text || fail "the summary does not say what was suppressed"
grep -q 'lose_ten' text && fail "a suppressed record is shown"
watch -v --suppressions=x.supp "$victim"
grep -q 'suppressed by lose_ten' text || fail "-v does not show the suppressed record"
grep -q 'suppressions *used for 10 bytes in 1 block (1 record): lose_ten (x.supp:1)' text ||
	fail "-v does not list the rule"

# what hangs on a suppressed list's head goes with it; a rule for an inner block takes what only that holds
rules leak:lose_list
expect "a list" "$(verdicts)" "214 320 640 208"
rules '{' head Memcheck:Leak 'match-leak-kinds: definite' fun:malloc fun:new_node fun:lose_list '}'
expect "a list by its head alone" "$(verdicts)" "214 320 640 208"
expect "records of one rule" "$(json '[.processes[0].leaks[] | select(.suppressed_by == "head") | .bytes] | sort |
	tostring')" "[16,32,160]"
rules '{' text Memcheck:Leak 'match-leak-kinds: indirect' fun:malloc fun:lose_list '}'
expect "an inner block alone" "$(verdicts)" "230 352 640 160"

# of what two hold, one of them suppressed, nothing is hidden; of both, it is
rules leak:first_head
expect "shared, one head" "$(verdicts)" "198 512 640 32"
rules leak:second_head
expect "shared, the other head" "$(verdicts)" "198 512 640 32"
expect "told with the head that is left" \
	"$(json '.processes[0].leaks[] | select(.frames[0].function == "first_head") | .indirect_bytes')" 320
rules leak:first_head leak:second_head
expect "shared, both heads" "$(verdicts)" "166 192 640 384"

rules leak:keep
expect "what is reachable" "$(verdicts)" "230 512 0 640"
rules 'leak:*'
expect "everything" "$(verdicts)" "0 0 0 1382"
watch -q --suppressions=x.supp "$victim"
expect "-q with all suppressed" "$(cat text 2>/dev/null)" ""

# limits: over them a rule does nothing, says so, and the next one has its turn
rules '# memwatch: max-bytes=10 max-blocks=1' leak:lose_ten
expect "within the limits" "$(verdicts)" "220 512 640 10"
rules '# memwatch: max-bytes=200' leak:lose_list leak:new_node
expect "over the limit, the next rule" "$(verdicts)" "214 320 640 208"
expect "states" "$(json -c '[.processes[0].suppressions[] | .state, .bytes]')" '["exceeded",208,"used",208]'
grep -q 'not applied: lose_list (x.supp:2) matches 208 bytes in 4 blocks, more than its max-bytes=200' text ||
	fail "the report does not say that a limit was exceeded"
rules '# memwatch: max-blocks=0' leak:lose_ten
expect "max-blocks" "$(verdicts)" "230 512 640 0"
rules '# memwatch: expires=2001-01-31' leak:lose_ten '# memwatch: expires=2999-01-31' leak:lose_zeroed
expect "expired" "$(verdicts)" "210 512 640 20"
grep -q 'warning: x.supp:2: the suppression expired on 2001-01-31' stderr || fail "no warning of an expired rule"

# without a scan
printf 'leak:lose_\n' >x.supp
watch --no-scan --suppressions=x.supp "$victim"
expect "without a scan" "$(json '.processes[0].verdicts | "\(.unclassified.bytes) \(.suppressed.bytes)"')" "640 742"
grep -q 'not freed at exit *1,382 bytes in 12 blocks, of which suppressed 742 bytes in 11 blocks' text ||
	fail "the summary without a scan does not say what was suppressed"

# several files, of both tools
printf 'leak:lose_ten\n' >a.supp
printf '{\nb\nMemcheck:Leak\nfun:calloc\n}\n' >b.supp
watch --suppressions=a.supp --suppressions=b.supp "$victim"
expect "two files" "$(verdicts)" "200 512 640 30"

# errors come before the program starts
refused() { # refused PATTERN OPTION...
	pattern=$1
	shift
	status=0
	"$MEMWATCH" "$@" touch started >stdout 2>stderr || status=$?
	expect "status of $*" "$status" 2
	expect_match "message of $*" "$(cat stderr)" "$pattern"
	[ ! -e started ] || fail "the program was started with $*"
}
printf 'leak:a\n  race:b\n' >x.supp
refused '^memwatch: .*x\.supp:2:3: .race:. is not of leaks' --suppressions=x.supp
refused 'cannot read the suppressions none\.supp: No such file' --suppressions=none.supp
refused 'cannot read the suppressions .*: Is a directory' --suppressions=.
