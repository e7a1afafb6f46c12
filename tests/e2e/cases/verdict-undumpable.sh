# A program that may not be read from outside reads its memory itself when it is asked to. Only where it forbids itself
# system calls, nothing is asked of it, and that there are no verdicts is told.
. "$TOP/tests/e2e/lib.sh"
victim undumpable

# Root may read all: another user is needed.
as_user=
if [ "$(id -u)" = 0 ]; then
	needs setpriv
	as_user="setpriv --reuid 65534 --regid 65534 --clear-groups"
	chmod 777 .
	$as_user test -x "$MEMWATCH" -a -x "$victim" -a -w . || skip "no other user can run memwatch from here"
fi

watch_as_user() {
	status=0
	rm -f report.json text
	$as_user "$MEMWATCH" --json=report.json --log-file=text --show=all "$@" >stdout 2>stderr || status=$?
	expect "status of $*" "$status" 3
}

watch_as_user "$victim"
expect "scan" "$(json '.processes[0].verdicts | "\(.scanned) \(.why_not)"')" "true null"
expect_complete "an undumpable program"
expect "verdicts" "$(json '[.processes[0].leaks[] | "\(.frames[0].function) \(.verdict) \(.bytes)"] | sort |
	join(",")')" \
	"keep reachable 300000,keep reachable 70,lose definite 100,lose indirect 60"

# Nor can its threads be stopped. Their stacks are found all the same, and what could not be done is told.
watch_as_user "$victim" threads
expect "verdicts beside threads" "$(json '[.processes[0].leaks[] | select(.frames[0].function | test("^(keep|lose)")) |
	"\(.frames[0].function) \(.verdict) \(.blocks)"] | sort | join(",")')" \
	"keep reachable 1,keep reachable 1,keep_in_thread reachable 3,lose definite 1,lose indirect 1"
expect_match "what is not known" "$(json '.processes[0].completeness | "\(.complete) \(.reasons)"')" \
	'false.*could not be stopped, as ptrace is not permitted'

watch_as_user "$victim" filtered
expect "scan of a filtered program" "$(json '.processes[0].verdicts.scanned')" false
expect_match "why not" "$(json '.processes[0].verdicts.why_not')" 'denied|permitted'
