# Helpers of the end-to-end cases; each case begins with `. "$TOP/tests/e2e/lib.sh"`. It runs in its own empty folder,
# with MEMWATCH (the binary), VICTIMS (a folder for compiled victims), TOP and VARIANT set. A case passes when it ends
# with status 0; the first broken expectation ends it.

fail() { # fail MESSAGE...
	echo "FAILED: $*"
	for file in stderr text; do
		[ -s "$file" ] && { echo "--- $file"; head -n 40 "$file"; }
	done
	exit 1
}

skip() { # skip REASON
	echo "$*"
	exit 77
}

needs() { # needs COMMAND...
	for command; do
		command -v "$command" >/dev/null 2>&1 || skip "no $command here"
	done
}

expect() { # expect WHAT GOT WANTED
	[ "$2" = "$3" ] || fail "$1: got '$2', wanted '$3'"
}

expect_match() { # expect_match WHAT TEXT EXTENDED-REGEXP
	printf '%s\n' "$2" | grep -qE -- "$3" || fail "$1: '$2' does not match '$3'"
}

expect_same() { # expect_same WHAT FILE FILE
	cmp -s "$2" "$3" || { diff "$2" "$3" | head -n 20; fail "$1: $2 and $3 differ"; }
}

# victim NAME [NAME-OF-BINARY FLAG...]: compiles tests/e2e/victims/NAME.c or .cc once, sets $victim to the binary.
victim() {
	victim_source=$TOP/tests/e2e/victims/$1.c
	victim_compiler="gcc -std=gnu11"
	if [ ! -e "$victim_source" ]; then
		victim_source=$TOP/tests/e2e/victims/$1.cc
		victim_compiler="g++ -std=gnu++17"
	fi
	victim=$VICTIMS/${2:-$1}
	if [ $# -ge 2 ]; then shift 2; else shift; fi
	if [ "$victim" -nt "$victim_source" ]; then
		return
	fi
	mkdir -p "$VICTIMS"
	# Built aside and renamed: two cases may want it at the same time.
	$victim_compiler -g -O1 -fno-builtin -fno-inline -D_GNU_SOURCE -I"$TOP" -pthread "$@" \
		-o "$victim.$$" "$victim_source" -ldl || fail "cannot compile $victim_source"
	mv "$victim.$$" "$victim"
}

# watch [OPTION...] [--] PROGRAM [ARG...]: runs it with a JSON report; stdout, stderr, text (the report) and report.json
# are files then, and $status its status.
watch() {
	status=0
	rm -f report.json text
	"$MEMWATCH" --json=report.json --log-file=text "$@" >stdout 2>stderr || status=$?
}

json() { # json FILTER [JQ-OPTION...]: prints what jq finds in the report
	json_filter=$1
	shift
	[ -s report.json ] || fail "no report.json (status ${status:-?})"
	jq -r "$@" "$json_filter" report.json || fail "jq $json_filter"
}

total() { # total NAME: a number of the first process's totals
	json ".processes[0].totals.$1"
}

# leaks_by_function: "FUNCTION BLOCKS BYTES" lines, sorted, of the first process, by innermost frame.
leaks_by_function() {
	json '.processes[0].leaks | group_by(.frames[0].function)[] |
		"\(.[0].frames[0].function) \(map(.blocks) | add) \(map(.bytes) | add)"' | LC_ALL=C sort
}

# native PROGRAM [ARG...]: the same without memwatch; native.out, native.err and $native_status.
native() {
	native_status=0
	"$@" >native.out 2>native.err || native_status=$?
}

# same_as_native PROGRAM [ARG...]: runs it both ways; same stdout, same stderr, same status, complete reports.
same_as_native() {
	native "$@"
	watch -- "$@"
	expect "status of $*" "$status" "$native_status"
	expect_same "stdout of $*" stdout native.out
	expect_same "stderr of $*" stderr native.err
	expect_complete "$*"
}

expect_complete() { # expect_complete WHAT
	expect "processes of $1 that are not complete" \
		"$(json '.processes[] | select(.completeness.complete != true) | "\(.argv) \(.completeness)"')" ""
	expect "balance of $1" \
		"$(json '.processes[] | select(.totals.allocations - .totals.frees != .totals.live_blocks or
			.totals.allocated_bytes - .totals.freed_bytes != .totals.live_bytes) | .totals | tostring')" ""
}

# begin NAME [OPTION...] [--] PROGRAM [ARG...]: runs memwatch in the background, with the report in NAME.json and
# NAME.text, until the program has said a word and a PID, $pid then; $run is memwatch's. One run at a time has its
# input open, on 9.
begin() {
	begin_name=$1
	shift
	rm -f "$begin_name.in" "$begin_name.out"
	mkfifo "$begin_name.in" "$begin_name.out"
	"$MEMWATCH" --json="$begin_name.json" --log-file="$begin_name.text" "$@" \
		<"$begin_name.in" >"$begin_name.out" 2>"$begin_name.err" 9>&- 8<&- &
	run=$!
	exec 9>"$begin_name.in" 8<"$begin_name.out"
	read -r begin_word pid <&8 || fail "$* said nothing: $(cat "$begin_name.err")"
}

# finish: ends the input of the program that begin has started last, and waits for memwatch; $status is its status.
finish() {
	exec 9>&-
	status=0
	wait "$run" || status=$?
	exec 8<&-
}
