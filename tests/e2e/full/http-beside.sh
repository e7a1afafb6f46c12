# --http with 20,000 stacks: while an answer is being made, the session's loop, which reads the program's pipe, goes on.
# It is seen by what else it answers meanwhile. Answers that are asked for at once are all whole, and a thousand of them
# leave nothing behind.
. "$TOP/tests/e2e/lib.sh"
needs jq python3

# How much was answered while one answer was made: the first one of its session, which need not wait for its turn. 70 to
# 160 where two processors have nothing else to do; hardly any would be if the loop waited for it.
cat >beside.py <<'EOF'
import http.client, select, sys
port, path = int(sys.argv[1]), sys.argv[2]
quick = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
quick.connect()
slow = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
slow.request("GET", path)
n = 0
while not select.select([slow.sock], [], [], 0)[0]:
    quick.request("GET", "/debug/pprof/cmdline")
    quick.getresponse().read()
    n += 1
assert slow.getresponse().read()
print(n)
EOF

# All at once.
cat >at_once.py <<'EOF'
import sys, threading, urllib.request
def ask(i, path):
    with open(f"answer-{i}", "wb") as file:
        file.write(urllib.request.urlopen(sys.argv[1] + path, timeout=60).read())
paths = ["heap", "heap?gc=1", "allocs", "heap?seconds=1"]
paths = ["/debug/pprof/" + path for path in paths] + ["/report.json"]
threads = [threading.Thread(target=ask, args=pair) for pair in enumerate(paths)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
EOF

url_of_run() { sed -n 's|^memwatch: serving at \(.*\)/debug/pprof/$|\1|p' run.err; }

victim manystacks
for path in /debug/pprof/heap /debug/pprof/allocs /report.json /report; do
	for try in 1 2 3 4 5; do # the client itself may have to wait for a processor
		begin run --http=0 --no-scan "$victim" 20000 wait
		url=$(url_of_run)
		n=$(python3 beside.py "${url##*:}" "$path") || fail "no $path"
		finish
		[ "$n" -lt 20 ] || break
	done
	[ "$n" -ge 20 ] || fail "beside $path only $n were answered"
done

begin run --http=0 "$victim" 20000 wait
url=$(url_of_run)
python3 at_once.py "$url" >at_once 2>&1 || fail "$(cat at_once)"
totals='.processes[0].totals | "\(.allocations) \(.allocated_bytes) \(.live_blocks) \(.live_bytes)"'
for i in 0 1 2; do
	python3 "$TOP/tests/e2e/pprof.py" "answer-$i" >checked 2>&1 || fail "profile $i: $(cat checked)"
	expect "profile $i" "$(awk '{ print $2 }' checked | xargs)" "$(jq -r "$totals" answer-4)"
done
python3 "$TOP/tests/e2e/pprof.py" answer-3 >checked 2>&1 || fail "the difference: $(cat checked)"
finish
expect "the program's status" "$status" 0
expect "the report" "$(jq -r "$totals" run.json)" "$(jq -r "$totals" answer-4)"

# Its end comes while answers are made: the clients may go without them, but the report is whole.
begin run --http=0 "$victim" 20000 wait
url=$(url_of_run)
cat >ended.py <<'EOF'
import http.client, os, sys
clients = [http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=60) for client in range(2)]
for client, path in zip(clients, ("/report", "/debug/pprof/heap")):
    client.request("GET", path)
os.write(9, b"\n")
for client in clients:
    try:
        client.getresponse().read()
    except (OSError, http.client.HTTPException):
        pass
EOF
python3 ended.py "${url##*:}" || fail "the client failed"
finish
whole='.processes[0] | [.completeness.complete, .totals.allocations >= 20000]'
expect "the report" "$(jq -c "$whole" run.json)" "[true,true]"

# A thousand.
cat >thousand.py <<'EOF'
import http.client, sys
connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=60)
paths = ("/debug/pprof/heap", "/debug/pprof/allocs?debug=1", "/report.json", "/metrics")
for i in range(int(sys.argv[2])):
    connection.request("GET", paths[i % len(paths)])
    assert connection.getresponse().read()
EOF
resident() { awk '/^VmRSS/ { print $2 }' "/proc/$run/status"; }
begin run --http=0 "$victim" 50 wait
url=$(url_of_run)
python3 thousand.py "${url##*:}" 100 || fail "the client failed"
before=$(resident)
python3 thousand.py "${url##*:}" 1000 || fail "the client failed"
after=$(resident)
echo "resident: $before KiB, then $after KiB"
[ "$VARIANT" != release ] || [ "$after" -lt $((before + 2048)) ] || fail "the memory grew from $before to $after KiB"
finish
expect "the program's status" "$status" 0
