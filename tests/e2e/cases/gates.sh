# Gates: the status when one fails, who wins, what is told.
. "$TOP/tests/e2e/lib.sh"

gated() { # gated STATUS RULES OPTION... [--] PROGRAM [ARG...]: RULES are those that fail, with commas
	gated_status=$1
	gated_rules=$2
	shift 2
	watch "$@"
	expect "status of $*" "$status" "$gated_status"
	expect "failed gates of $*" "$(json '[.gate.failures[].rule] | join(",")')" "$gated_rules"
	expect "passed: $*" "$(json .gate.passed)" "$([ -z "$gated_rules" ] && echo true || echo false)"
	for gated_rule in $(echo "$gated_rules" | tr , ' '); do
		grep -qE "^ +$gated_rule: " text || fail "the text of $* does not name $gated_rule"
	done
}

victim leaky
gated 0 "" "$victim"
gated 0 "" --fail-on=none "$victim"
gated 0 "" --fail-on=indirect,possible,growth,limit,mismatch "$victim"
gated 23 definite --fail-on=leak "$victim"
gated 7 definite,reachable --fail-on=any --exit-code=7 "$victim"
gated 0 definite --fail-on=definite --exit-code=0 "$victim"
gated 0 "" --max-leaked=55261 --max-leaked-blocks=910 --max-peak=1M "$victim"
gated 23 max-leaked,max-leaked-blocks,max-peak --max-leaked=55260 --max-leaked-blocks=909 --max-peak=50K "$victim"
json '.gate.failures[].message' | grep -q '55261 bytes in 910 blocks leaked, at most 55260 bytes are allowed' ||
	fail "no figure and bound: $(json '.gate.failures[].message')"
gated 23 definite,reachable,max-leaked --no-scan --fail-on=definite,reachable --max-leaked=1G "$victim"
json '.gate.failures[].message' | grep -q 'no verdict is possible: --no-scan was given' || fail "no reason"
gated 23 limit --fail-on=limit --limit=60K "$victim"
gated 0 "" --fail-on=limit --limit=1M "$victim"

# quiet, and only the text
status=0
"$MEMWATCH" -q --fail-on=definite "$victim" >stdout 2>stderr || status=$?
expect "status of a quiet run" "$status" 23
grep -q 'definite: leaky (pid' stderr || fail "a quiet run does not name the gate"

# valgrind's spelling
gated 9 definite --error-exitcode=9 "$victim"
watch --tool=memcheck --leak-check=full --error-exitcode=9 "$victim"
expect "status as memcheck" "$status" 9
expect "lines without a pid" "$(grep -cvE '^==[0-9]+==' text)" 0
grep -qE '^==[0-9]+== gate FAILED: definite: leaky' text || fail "no gate in valgrind's words"
gated 0 "" --leak-check=summary --error-exitcode=9 "$victim"
gated 0 "" --leak-check=no --track-origins=yes --vgdb no --error-exitcode=9 "$victim"
gated 0 "" --error-exitcode=0 "$victim"
gated 9 reachable --errors-for-leak-kinds=reachable --error-exitcode=9 "$victim"
gated 9 reachable --fail-on=reachable --error-exitcode=9 "$victim"

# what is suppressed does not fail
printf 'leak:leaky.c\n' >known
gated 0 "" --fail-on=any --suppressions=known --max-leaked=0 "$victim"

# the program's own failure wins, and its signal
watch --fail-on=definite sh -c "'$victim' >/dev/null; exit 3"
expect "the program's own status" "$status $(json .gate.passed)" "3 false"
watch --fail-on=definite sh -c "'$victim' >/dev/null"
expect "a child's leak" "$status" 23
victim ends
watch --fail-on=definite "$victim" segv
expect "the program's own signal" "$status $(json .gate.passed)" "139 false"
json '.gate.failures[].message' | grep -q 'it was killed by a signal' || fail "no reason for a killed process"
victim endings
gated 0 "" --fail-on=definite "$victim" exec
victim children
gated 23 definite --fail-on=definite "$victim" fork
victim mismatches
gated 23 mismatch --fail-on=mismatch "$victim" new_free
gated 9 mismatch --leak-check=summary --error-exitcode=9 "$victim" new_free

# mistakes are told before the program runs
for option in --fail-on=leaks --fail-on= --max-leaked=many --max-leaked-blocks=-1 --exit-code=256; do
	status=0
	"$MEMWATCH" "$option" sh -c 'echo ran' >stdout 2>stderr || status=$?
	expect "status of $option" "$status$(cat stdout)" 2
done
