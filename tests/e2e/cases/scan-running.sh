# memwatch scan PID: verdicts of running programs, which go on unharmed.
. "$TOP/tests/e2e/lib.sh"
needs python3
victim churn

# scan PID: its JSON in report.json, its text in text
scan() {
	status=0
	"$MEMWATCH" scan --json=report.json --text=text "$1" 2>stderr || status=$?
	expect "status of the scan of $1, $(cat stderr)" "$status" 0
}

verdicts() {
	json '.processes[0] | .verdicts as $v | "\(.exit.kind) \($v.definite.blocks) \($v.definite.bytes) \(
		$v.indirect.blocks) \($v.indirect.bytes) \($v.possible.blocks) \($v.unclassified.blocks)"'
}

# Threads in the middle of everything: exactly what was lost is lost.
begin churn "$victim" 3
for n in 1 2 3 4 5; do
	scan "$pid"
	expect "verdicts of scan $n" "$(verdicts)" "running 7 7000 7 6300 0 0"
	expect "scans so far" "$(json '.processes[0].verdicts.scans')" $n
done
grep -q '7,000 bytes in 7 blocks' text || fail "the text does not tell the leaks"
expect "JSON on stdout is alone" "$("$MEMWATCH" scan --json=- "$pid" | jq -r .schema)" memwatch-report/1
expect_match "the default" "$("$MEMWATCH" scan --show=definite --top=1 "$pid")" \
	'definitely lost +7,000 bytes in 7 blocks'

# What is stopped stays so; what was not goes on.
kill -STOP "$pid"
until grep -q '^State:.T' "/proc/$pid/status"; do :; done
scan "$pid"
expect "verdicts of a stopped process" "$(verdicts)" "running 7 7000 7 6300 0 0"
grep -q '^State:.T' "/proc/$pid/status" || fail "a stopped process runs after the scan"
kill -CONT "$pid"
finish
expect "status of the program" "$status" 5
cp churn.json report.json
expect "verdicts at the end" \
	"$(json '.processes[0].verdicts | "\(.definite.blocks) \(.definite.bytes) \(.scans >= 9)"')" "7 7000 true"
expect_complete churn

# A real program, and a process that was forked.
cat >fork.py <<'EOF'
import ctypes, os, sys
libc = ctypes.CDLL(None)
libc.calloc.restype = ctypes.c_void_p
end, other = os.pipe()
pid = os.fork()
if pid == 0:
    os.close(other)
    for i in range(20):
        libc.calloc(1, 54321)
    print("ready", os.getpid(), flush=True)
    os.read(end, 1)
    os._exit(0)
sys.stdin.read()
os.close(other)
os.waitpid(pid, 0)
EOF
begin python --depth=8 python3 fork.py
scan "$pid"
expect "origin of the child" "$(json '.processes[0] | "\(.origin) \(.pid)"')" "fork $pid"
expect_match "lost blocks of the child" \
	"$(json '[.processes[0].leaks[] | select(.bytes >= 54321 and .bytes % 54321 == 0) | .blocks] | add')" '^20$'
scan "$(json '.processes[0].parent_pid')"
expect "origin of the parent" "$(json '.processes[0].origin')" run
finish
expect "status of python3" "$status" 0
