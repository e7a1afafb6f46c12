# --push: what arrives is what the report says; a server that is not there, refuses or never answers costs a warning, no
# status, and never more than 5 s.
. "$TOP/tests/e2e/lib.sh"
needs python3 jq
victim leaky
servers=
trap 'kill $servers 2>/dev/null || :' EXIT

server() { # server NAME ANSWER...: its URL in $url, what it gets in NAME/, the number of each request on 7
	mkdir "$1"
	mkfifo "$1/port"
	python3 "$TOP/tests/e2e/pushed.py" "$@" >"$1/port" &
	servers="$servers $!"
	exec 7<"$1/port"
	read -r port <&7
	url=http://127.0.0.1:$port
}

server gateway 202
gateway=$url
server pyroscope 200
watch --push="$gateway/metrics/job/nightly" --push="$url/ingest" "$victim"
expect "status" "$status" 0
expect "what is said of it" "$(cat stderr)" ""
expect "to the gateway" "$(head -n 1 gateway/1.head)" "PUT /metrics/job/nightly HTTP/1.1"
grep -qi '^content-type: text/plain; version=0.0.4' gateway/1.head || fail "$(cat gateway/1.head)"
for pair in heap_peak_bytes:peak_live_bytes allocated_bytes_total:allocated_bytes allocations_total:allocations; do
	expect "${pair%:*}" "$(sed -n "s/^memwatch_${pair%:*} //p" gateway/1.body)" "$(total "${pair#*:}")"
done
expect "lost" "$(sed -n 's/^memwatch_leaked_bytes{class="definite"} //p' gateway/1.body)" \
	"$(json '.processes[0].verdicts.definite.bytes')"
expect "requests of a short run" "$(ls gateway pyroscope | grep -c head)" 2
expect_match "to the Pyroscope" "$(head -n 1 pyroscope/1.head)" \
	'^POST /ingest\?name=leaky&from=[0-9]+&until=[0-9]+&format=pprof&spyName=memwatch HTTP/1.1$'
python3 "$TOP/tests/e2e/pprof.py" pyroscope/1.body >checked 2>&1 || fail "the profile: $(cat checked)"
expect "what it says" "$(awk '{ print $2 }' checked | xargs)" "$(json '.processes[0].totals |
	"\(.allocations) \(.allocated_bytes) \(.live_blocks) \(.live_bytes)"')"

# While it runs: what is allocated is told once, what is live each time. The first is refused, and tried again.
server often 503 200
victim served
begin often --push="$url/ingest?name=svc%7Benv=ci%7D" --push-every=200ms "$victim"
for number in 1 2 3; do
	read -r got <&7
	expect "the number of a request" "$got" "$number"
done
echo >&9
finish
expect "status" "$status" 0
expect_match "the name" "$(head -n 1 often/1.head)" '^POST /ingest\?name=svc%7Benv=ci%7D&from='
expect_same "once more" often/1.body often/2.body
for number in $(seq 2 $(ls often | grep -c body)); do
	python3 "$TOP/tests/e2e/pprof.py" "often/$number.body" || fail "profile $number"
done >totals
expect "allocated in all, live at the end" \
	"$(awk '/^alloc_space/ { sum += $2 } /^inuse_space/ { live = $2 } END { print sum, live }' totals)" \
	"$(jq -r '.processes[0].totals | "\(.allocated_bytes) \(.live_bytes)"' often.json)"

# What can go wrong.
victim leaky
wrong() { # wrong WORDS URL: it is said, and the rest is as ever
	begun=$(date +%s)
	watch --push="$2" "$victim"
	expect "status with $2" "$status" 0
	expect_match "words of $2" "$(cat stderr)" \
		"^memwatch: warning: --push=$2: $1; the last figures have not arrived$"
	[ "$(wc -l <stderr)" = 1 ] || fail "$(cat stderr)"
	[ $(($(date +%s) - begun)) -le 8 ] || fail "it took $(($(date +%s) - begun)) s"
	[ -s text ] || fail "no report"
}
server bad 400
wrong 'the server answered 400: out of .\[31morder' "$url/metrics/job/x"
expect "how often a refusal is asked for" "$(ls bad | grep -c head)" 1
server worse 500
wrong 'the server answered 500: .*' "$url/metrics/job/x"
expect "how often one that may pass is" "$(ls worse | grep -c head)" 3
server closing close
wrong 'cannot connect, or the connection broke' "$url/ingest"
server gone 200
kill $! && wait $! 2>/dev/null || :
wrong 'cannot connect, or the connection broke' "$url/metrics/job/x"
server hanging slow
wrong 'there was no answer within 5 s' "$url/metrics/job/x"

for bad in http://h/ https://h/ingest nonsense; do
	status=0
	"$MEMWATCH" --push="$bad" "$victim" >stdout 2>stderr || status=$?
	expect "status of --push=$bad" "$status" 2
	expect_match "words of --push=$bad" "$(cat stderr)" "--push: '$bad'"
	[ ! -s stdout ] || fail "it ran"
done
