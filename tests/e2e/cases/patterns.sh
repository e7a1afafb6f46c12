# FILE patterns: %p pid, %e program name, %n sequence, %q{VAR}, %%; "-" is stdout.
. "$TOP/tests/e2e/lib.sh"
victim leaky

FROM=outside "$MEMWATCH" --log-file=text --json='out-%e-%q{FROM}-100%%-%p.json' "$victim" >stdout 2>stderr ||
	fail "status $?"
expect_match "name" "$(ls)" '^out-leaky-outside-100%-[0-9]+\.json$'
pid=$(ls out-*.json | sed 's/.*-\([0-9]*\)\.json/\1/')
expect "pid of the report" "$(jq '.processes[0].pid' out-*.json)" "$pid"

"$MEMWATCH" -q --log-file=text --json=- true | jq -e '.schema == "memwatch-report/1"' >/dev/null ||
	fail "no JSON on stdout"
