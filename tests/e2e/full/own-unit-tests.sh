# memwatch watches its own unit tests: what the reporter is made of does not leak. Compilers that the tests run, and
# what is lost there on purpose, are none of its business.
. "$TOP/tests/e2e/lib.sh"
units=$TOP/build/release/tests/unit
[ -x "$units/test_json" ] || skip "the unit tests are not built"

# Left out: those that look for sessions, of which there is one more here, and those of hundreds of processes with times
# that they must end in; and those that mostly run other programs.
chosen() {
	for unit in "$units"/test_*; do
		case $unit in
		*.d | *.o | */test_find | */test_capture* | */test_symbols | */test_next) ;;
		*) echo "$unit" ;;
		esac
	done
}

cat >one.sh <<'END'
name=${1##*/}
mkdir "$name" && cd "$name" || exit 1
"$MEMWATCH" -q --json=report.json --log-file=text "$1" -j1 >stdout 2>stderr </dev/null || echo "$name: status $?"
END
chosen | xargs -n 1 -P 2 sh one.sh

for unit in $(chosen); do
	name=${unit##*/}
	[ -s "$name/report.json" ] || fail "$name: no report: $(cat "$name/stderr")"
	jq -r '.processes[] | select(.verdicts.scanned) | .pid' "$name/report.json" >>scanned
	jq -r --arg name "$name" '.processes[].leaks[] |
		select(.verdict == "definite" or .verdict == "indirect") |
		select(any(.frames[]; .file // "" | test("(^|/)(cli|common)/"))) |
		"\($name): \(.bytes) bytes \(.verdict): \([.frames[].function // "?"] | join(" < "))"' \
		"$name/report.json" >>leaks
done
[ "$(wc -l <scanned)" -ge 300 ] || fail "only $(wc -l <scanned) processes were scanned"
[ ! -s leaks ] || fail "leaks: $(cat leaks)"
