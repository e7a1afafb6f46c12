# Scans while the program runs, by time and by growth; what they found is told when the end leaves nothing to read.
. "$TOP/tests/e2e/lib.sh"
needs python3
victim churn

scans_of() {
	"$MEMWATCH" stat --json=- "$1" | jq -r .scans
}

begin every --scan-every=10ms "$victim" 2
until [ "$(scans_of "$pid")" -ge 3 ]; do :; done
kill -KILL "$pid"
finish
expect "status after SIGKILL" "$status" 137
cp every.json report.json
expect "no verdicts of its end" "$(json '.processes[0].verdicts | "\(.scanned) \(.scans >= 3) \(.definite.blocks)"')" \
	"false true 0"
expect_match "what was found before" "$(json '.processes[0].verdicts.why_not')" \
	'killed by a signal.*the last leak scan, [0-9.]+ s before, found 7000 bytes in 7 blocks definitely lost'

cat >grow.py <<'EOF'
import os, sys
print("ready", os.getpid(), flush=True)
sys.stdin.readline()
kept = [bytearray(1 << 20) for i in range(32)]
sys.stdin.read()
EOF
begin percent --depth=8 --scan-percent=100 python3 grow.py
expect "scans before it grows" "$(scans_of "$pid")" 0
echo >&9
until [ "$(scans_of "$pid")" -ge 1 ]; do :; done
finish
expect "status of grow.py" "$status" 0
cp percent.json report.json
expect "verdicts of the end" "$(json '.processes[-1].verdicts | "\(.scanned) \(.scans >= 2 and .scans <= 12)"')" \
	"true true"

expect "contradiction" "$("$MEMWATCH" --no-scan --scan-every=1s true 2>&1 >/dev/null)" \
	"memwatch: --no-scan and --scan-every contradict each other: leave one of them out"
