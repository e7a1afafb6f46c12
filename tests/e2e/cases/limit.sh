# Thresholds: each crossing is told once, by the command, on stderr and in the report, and is followed by a leak scan.
. "$TOP/tests/e2e/lib.sh"
victim steps

mkfifo steps crossed
exec 4<>crossed
LD_PRELOAD= "$MEMWATCH" --json=report.json --log-file=text --limit=1M --warn=90,50,80 --on-warning='cat
	echo $MEMWATCH_LEVEL $MEMWATCH_LIVE_BYTES $MEMWATCH_LIMIT_BYTES $MEMWATCH_PID $LD_PRELOAD >&4' \
	"$victim" <steps >stdout 2>stderr &
memwatch=$!
exec 3>steps
echo "+600000" >&3
read -r level live limit pid preload <&4 || fail "no command"
expect "first level" "$level $limit $preload" "50 1048576 "
[ "$live" -ge 600000 ] && [ "$live" -lt 610000 ] || fail "live bytes: $live"
# two thresholds at once are one command, of the higher one
echo "+350000" >&3
read -r level live limit pid preload <&4 || fail "no second command"
expect "second level" "$level" 90
exec 3>&-
wait "$memwatch" || fail "status $?"
expect pid "$(json '.processes[0].pid')" "$pid"
expect warnings \
	"$(json '.processes[0].warnings[] | "\(.level_percent) \(.severity) \(.limit_bytes) \(.limit_source)"')" \
	"50 notice 1048576 --limit
80 warning 1048576 --limit
90 severe 1048576 --limit"
expect "used bytes" "$(json '.processes[0].warnings | map(.used_bytes == .live_bytes) | all')" true
expect scans "$(json '.processes[0].verdicts.scans')" 3
expect "lines on stderr" \
	"$(grep -c "^memwatch: warning: process $pid uses .* of its limit of 1.0 MiB (--limit)" stderr)" 2
expect "lines of text" "$(grep -cE '(notice|warning|severe): .*, (50|80|90) % of 1.0 MiB \(--limit\), after' text)" 3
expect_complete "steps under a limit"

# no scan, nothing printed
printf '+950000\nwait 100\n' >lines
watch -q --no-scan --limit=1M "$victim" <lines
expect "quiet stderr" "$(cat stderr)" ""
expect "levels" "$(json '.processes[0].warnings | map(.level_percent) | tostring')" "[70,80,90]"
expect "no scans" "$(json '.processes[0].verdicts.scans')" 0

# a limit of the program's own
case $VARIANT in asan | tsan) exit 0 ;; esac # memwatch itself needs more then
(ulimit -v 4000000 && watch "$victim" </dev/null) || fail "status under ulimit -v"
expect source "$(json '.processes[0].forecast.limit_source')" RLIMIT_AS
