# FILE patterns: %p pid, %e program name, %n sequence, %t time, %q{VAR}, %%; "-" is stdout.
. "$TOP/tests/e2e/lib.sh"
victim leaky

FROM=outside "$MEMWATCH" --log-file=text --json='out-%e-%q{FROM}-100%%-%p.json' "$victim" >stdout 2>stderr ||
	fail "status $?"
expect_match "name" "$(ls)" '^out-leaky-outside-100%-[0-9]+\.json$'
pid=$(ls out-*.json | sed 's/.*-\([0-9]*\)\.json/\1/')
expect "pid of the report" "$(jq '.processes[0].pid' out-*.json)" "$pid"

"$MEMWATCH" -q --log-file=text --json=- true | jq -e '.schema == "memwatch-report/1"' >/dev/null ||
	fail "no JSON on stdout"

# each option that takes a FILE; what all processes go to has the names of the program
victim children
year=$(date +%Y)
mkdir each
for format in text log-file json folded html svg timeline sarif junit valgrind-xml gitlab tap markdown pprof \
	pprof-peak pprof-leaks xml-file export=speedscope export=massif record metrics-file write-baseline; do
	case $format in
	export=*) option=--$format: ;;
	*) option=--$format= ;;
	esac
	rm -f each/*
	NAME=x "$MEMWATCH" --log-file=text "${option}each/%p-%e-%n-%t-%q{NAME}-%%" "$victim" fork >stdout 2>stderr ||
		fail "$option: status $?: $(cat stderr)"
	expect_match "names of $option" "$(ls each)" "^[0-9]+-children-1-$year[0-9]{4}-[0-9]{6}-x-%\$"
done

# a recording is one for all of them, and named by the program
"$MEMWATCH" --log-file=text --json=report.json -o 'one-%p-%e' "$victim" fork >stdout 2>stderr || fail "status $?"
[ "$(json '.processes | length')" -ge 2 ] || fail "one process"
expect "the recording" "$(echo one-*)" "one-$(json '.processes[0].pid')-children"
"$MEMWATCH" report --text=text --json=again-%p.json one-* || fail "cannot report it"
expect "reports" "$(ls again-*.json | wc -l)" "$(json '.processes | length')"

# files that are read before the program runs
printf '%s\n' 'leak:nothing_of_this' >leaky.supp
"$MEMWATCH" --log-file=text --write-baseline=leaky.base "$victim" fork >stdout 2>stderr || fail "no baseline"
mv leaky.base children.base
mv leaky.supp children.supp
"$MEMWATCH" --log-file=text --baseline=%e.base --suppressions=%q{PWD}/%e.supp --fail-on=new "$victim" fork >stdout ||
	fail "status $?"
for option in --baseline=%p.base --suppressions=%p.supp; do
	status=0
	"$MEMWATCH" --log-file=text "$option" "$victim" >stdout 2>stderr || status=$?
	expect "status of $option" "$status" 2
	expect_match "$option" "$(cat stderr)" '%p .* is not known yet'
done
