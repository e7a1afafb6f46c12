# The real clients of --http: go tool pprof in each of its views and as a web page, google-pprof and jeprof, on a C
# program that runs; their numbers are those of the JSON report of the same instant.
. "$TOP/tests/e2e/lib.sh"
needs jq go dot python3 curl google-pprof jeprof
export HOME="$PWD" GOCACHE="$PWD/cache" PPROF_TMPDIR="$PWD/profiles"

pprof() { go tool pprof "$@" 2>pprof.err || fail "go tool pprof $*: $(cat pprof.err)"; }
more() { # more N: the program keeps N times 10 more blocks and frees N times 5
	for more_n in $(seq "$1"); do
		echo >&9
		read -r word <&8
		expect "the program's answer" "$word" done
	done
}
now() { # now FILTER: of the report of now
	curl -sf "$url/report.json" >now.json || fail "no /report.json"
	jq -r ".processes[0] | $1" now.json
}

victim served
begin run --http=0 "$victim"
url=$(sed -n 's|^memwatch: serving at \(.*\)/debug/pprof/$|\1|p' run.err)
heap=$url/debug/pprof/heap
kept=$(now '[.leaks[] | select(.frames[0].function == "keep").bytes] | add')
top=$(pprof -top -unit=B "$heap")
expect_match "live in all" "$top" "of $(now .totals.live_bytes)B total"
expect_match "live by function" "$top" "^ *${kept}B .* keep\$"
expect_match "the program" "$top" '^File: served$'
expect_match "allocated" "$(pprof -top -unit=B -sample_index=alloc_space "$heap")" \
	"of $(now .totals.allocated_bytes)B total"
expect_match "allocations" "$(pprof -top -sample_index=alloc_objects "$url/debug/pprof/allocs")" \
	"of $(now .totals.allocations) total"
expect_match "allocated, by default" "$(pprof -top "$url/debug/pprof/allocs")" '^Type: alloc_space$'
expect_match "stacks" "$(pprof -traces -unit=B "$heap")" "^ *${kept}B +keep\$"
mkdir a-name-that-is-in-no-path
expect_match "source lines" "$(cd a-name-that-is-in-no-path && pprof -list='^keep$' -unit=B "$heap")" \
	"${kept}B +${kept}B .*malloc\\(64\\)"

# What has changed since, and within seconds.
curl -sf "$heap" >old.pb.gz
more 3
expect_match "the difference" "$(pprof -top -unit=B -diff_base=old.pb.gz "$heap")" "^ *1920B .* keep\$"
pprof -top -unit=B -sample_index=alloc_space -seconds 2 "$heap" >delta 9>&- 8<&- &
client=$!
for try in $(seq 50); do more 1; done # as long as it takes, or less
wait $client || fail "go tool pprof -seconds: $(cat pprof.err)"
expect_match "within 2 s" "$(cat delta)" '^Duration: [23](\.[0-9]+)?s'
expect_match "nothing but what was asked for" "$(cat delta)" '^ *[0-9]+B .* (keep|pass)$'

# Its page.
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$(go tool -n pprof)" -http="127.0.0.1:$port" -no_browser "$heap" >ui.out 2>&1 9>&- 8<&- &
ui=$!
trap 'kill $ui 2>/dev/null || :' EXIT
for path in top flamegraph "peek?f=keep" ""; do
	curl -sf --retry 30 --retry-connrefused --retry-delay 1 "http://127.0.0.1:$port/ui/$path" >page ||
		fail "no /ui/$path: $(cat ui.out)"
	grep -q keep page || fail "/ui/$path does not have the function"
done

# The older ones ask for the text, and then for the names of its addresses.
kept=$(now '[.leaks[] | select(.frames[0].function == "keep").bytes] | add')
for client in google-pprof jeprof; do
	"$client" --text --show_bytes "$url/pprof/heap" >top 2>client.err || fail "$client: $(cat client.err)"
	expect_match "$client: live in all" "$(cat top)" "^Total: $(now .totals.live_bytes) B\$"
	expect_match "$client: by function" "$(cat top)" "^ *$kept +[0-9.]+% .* keep\$"
done
finish
expect "the program's status" "$status" 0
expect "the report" "$(jq -c '.processes[0].completeness.complete' run.json)" true
