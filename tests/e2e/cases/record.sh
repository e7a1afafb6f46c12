# A recording gives the same report as the run did, to the byte, with any options of the report, and without the files
# that the names are from.
. "$TOP/tests/e2e/lib.sh"
needs jq

# again [OPTION...]: the recording r as again.json, again.text and again.folded.
again() {
	rm -f again.json again.text again.folded
	"$MEMWATCH" report --json=again.json --log-file=again.text --folded=again.folded "$@" r >stdout 2>stderr ||
		fail "report $*: status $?: $(cat stderr)"
	expect "messages of report $*" "$(cat stdout stderr)" ""
}

# recorded STATUS [OPTION...] -- PROGRAM [ARG...]: runs it with a recording; -v, so that all is told.
recorded() {
	recorded_status=$1
	shift
	watch -v --folded=folded --record=r "$@"
	expect "status of $*" "$status" "$recorded_status"
	again -v
	expect_same "JSON of $*" report.json again.json
	expect_same "text of $*" text again.text
	expect_same "stacks of $*" folded again.folded
}

victim children
recorded 0 -- "$victim" fork
recorded 0 --trace-children=no -- "$victim" fork
victim leaky
recorded 0 -- "$victim"
recorded 0 --no-scan -- "$victim"
recorded 0 -- sh -c "$victim & $victim; exec $victim"
recorded 137 -- sh -c "$victim >out; kill -KILL \$\$"
recorded 0 --scan-every=5ms --limit=40K --interval=10ms -- "$victim"
victim threads
recorded 0 -- "$victim" ledger 3 2000
victim families
recorded 0 -- "$victim"
victim mismatches
recorded 0 -- "$victim"

# modules that are gone before the end, and all files gone after it
victim dlopen
cp "$victim" gone
for name in leak_a leak_b; do
	gcc -g -O1 -shared -fPIC -fno-builtin -DNAME=$name -o $name.so "$TOP/tests/e2e/victims/plugin.c"
done
watch -v --folded=folded -o r ./gone ./leak_a.so ./leak_b.so
rm -f gone ./*.so
mkdir elsewhere
mv r elsewhere/r
cd elsewhere
again -v
cd ..
expect_same "JSON without the files" report.json elsewhere/again.json
expect_same "text without the files" text elsewhere/again.text
grep -q leak_a elsewhere/again.text || fail "no names without the files"

# other options than those of the run: as a run with them
victim suppress suppress -O0
printf '%s\n' leak:lose_ten '# memwatch: max-bytes=10' leak:lose_list leak:first_head >x.supp
normal() { # what differs from run to run
	jq -S 'del(.processes[] | .pid, .parent_pid, .start_time, .overhead, .memstats, .history, .forecast) |
		del(.. | .records?) |
		del(.. | objects | .[keys[] | select(test("seconds|pause_ns"))])' "$1" >"$2"
}
watch -o r "$victim"
for options in --suppressions=x.supp "--depth=2 --show=all --top=3" "--gen-suppressions -q" --tool=memcheck; do
	again $options
	case $options in
	--depth*) # frames that were not recorded are told as cut in another way than frames that are not shown
		expect "most frames" "$(jq '[.processes[].leaks[].frames | length] | max' again.json)" 2
		continue
		;;
	esac
	watch $options -o unused "$victim"
	normal report.json wanted
	normal again.json got
	expect_same "JSON with $options" got wanted
	sed 's/==[0-9]*==//; s/[0-9.]* m*s//g; s/process [0-9]*//; s/of [0-9]*$//' text >wanted
	expect "lines with $options" "$(wc -l <again.text)" "$(wc -l <text)"
done

# many processes, and a pattern
mkdir each
"$MEMWATCH" -o 'some/new/%t.rec' --log-file=text sh -c ':; /bin/true; exec /bin/true' || fail "status $?"
set -- some/new/*.rec
"$MEMWATCH" report --json='each/%n.json' --text=text "$1" || fail "report $1"
[ "$(ls each | wc -l)" -ge 2 ] || fail "no file for each process"
