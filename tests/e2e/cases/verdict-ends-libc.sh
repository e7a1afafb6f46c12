# As verdict-ends: ends inside of libc, and those of a process without its first thread.
. "$TOP/tests/e2e/ends_lib.sh"

# libc calls its own exit.
for way in errx error; do
	watch --show=all "$victim" $way
	scanned $way
	blocks $way "keep reachable,lose definite,lose indirect,make_local reachable"
done

# daemon() ends the parent, and its child goes on, which holds what it inherited.
watch --show=all --fail-on=any "$victim" daemon
expect "status of a daemon's parent" "$status" 23
scanned daemon
blocks daemon "keep reachable,lose definite,lose indirect,make_local reachable"
expect "the daemon" "$(json '.processes[1] | "\(.exit.code) \(.verdicts.scanned) \(.totals.inherited_blocks)"')" \
	"3 true 4"

# main has called pthread_exit(): its thread is a zombie until the end, of which the kernel shows no memory, and its
# stack holds nothing any more.
for way in exit _exit abort return; do
	watch --show=all "$victim" $way after-main
	scanned "$way after main"
	blocks "$way after main" "keep reachable,lose definite,lose indirect,make_local definite"
done
begin told --show=all "$victim" told after-main
"$MEMWATCH" scan --json=report.json --text=text "$pid" || fail "the scan of a process without its first thread"
scanned "main, running"
blocks "main, running" "keep reachable,lose definite,lose indirect,make_local definite"
finish
expect "status of told" "$status" 3
