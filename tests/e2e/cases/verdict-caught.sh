# With --catch-signals there are verdicts of a process that a signal kills, and it dies of it as it would.
. "$TOP/tests/e2e/lib.sh"
victim ends
ulimit -c 0

# caught WHAT: the verdicts of the victim's four blocks
caught() {
	expect "scan after $1" "$(json '.processes[0].verdicts | "\(.scanned) \(.why_not) \(.scans)"')" "true null 1"
	expect "blocks after $1" "$(json '[.processes[0].leaks[] |
		select(.frames[0].function | IN("lose", "keep", "make_local"))] |
		sort_by([.frames[0].function, -.bytes])[] | "\(.frames[0].function) \(.verdict)"' | paste -sd ,)" \
		"keep reachable,lose definite,lose indirect,make_local reachable"
}

for pair in segv:139 abort:134 raise:139 sigqueue:138 assert:134; do
	way=${pair%:*}
	watch --catch-signals --show=all "$victim" "$way"
	expect "status of $way" "$status" "${pair#*:}"
	caught "$way"
done
watch --catch-signals --show=all "$victim" segv thread
expect "status of a fault in a thread" "$status" 139
caught "a fault in a thread"

# From outside: to the program, or to memwatch as well, as Ctrl-C does it.
kill_it() { # kill_it SIGNAL WAY group|it
	rm -f ready report.json text
	mkfifo ready
	setsid "$MEMWATCH" --catch-signals --json=report.json --log-file=text --show=all "$victim" "$2" \
		>ready 2>stderr &
	read -r _ <ready
	if [ "$3" = group ]; then
		kill -s "$1" -- -$!
	else
		kill -s "$1" "$(pgrep -P $!)"
	fi
	status=0
	wait $! || status=$?
}
needs pgrep
kill_it HUP wait group
expect "status after HUP to the group" "$status" 129
caught "HUP to the group"
kill_it TERM wait it
expect "status after a kill" "$status" 143
caught "a kill"
kill_it TERM wait-handled it
expect "status with a handler of its own" "$status" 3
expect "scans with a handler of its own" "$(json '.processes[0].verdicts.scans')" 1

# A signal that is ignored stays so, and without a scan nothing is caught.
watch --catch-signals sh -c 'trap "" TERM; kill -TERM $$; exit 5'
expect "status with an ignored signal" "$status" 5
watch --catch-signals --no-scan "$victim" segv
expect "status without a scan" "$status" 139
