# 10,000 requests that no client should send, and 40 clients that never finish theirs: the report stays right, the
# session's memory flat, and others are answered.
. "$TOP/tests/e2e/lib.sh"
needs jq python3

cat >hostile.py <<'EOF'
import random, socket, sys
port, n = int(sys.argv[1]), int(sys.argv[2])
random.seed(1)
HOST = b" HTTP/1.1\r\nHost: localhost\r\n"

def one(data, wait=True):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
            client.sendall(data)
            if wait:
                client.recv(4096)
    except OSError:
        pass

kinds = [
    lambda: one(b"GET /debug/pprof/heap" + HOST + b"X: " + b"a" * 9000 + b"\r\n\r\n"),
    lambda: one(bytes(random.randrange(256) for _ in range(200)), False),
    lambda: one(b"GET /" + b"../" * 500 + HOST + b"\r\n"),
    lambda: one(b"BREW /metrics" + HOST + b"\r\n"),
    lambda: one(b"POST /scan HTTP/1.1\r\nHost: evil\r\nContent-Length: 5\r\n\r\nhello"),
    lambda: one(b"POST /pprof/symbol" + HOST + b"Content-Length: 999999999999\r\n\r\n"),
    lambda: one(b"POST /pprof/symbol" + HOST + b"Content-Length: -1\r\n\r\nx"),
    lambda: one(b"GET /metrics?%ff%zz=%00&&&=1" + HOST + b"\r\n"),
    lambda: one(b"GET /debug/pprof/heap?seconds=99999999999999999999" + HOST + b"\r\n"),
    lambda: one(b"GET /debug/pprof/heap" + HOST + b"\r\n", False),
    lambda: one(b"POST /pprof/symbol" + HOST + b"Transfer-Encoding: chunked\r\n\r\nffffffffff\r\nx", False),
    lambda: one(b"", False),
]
slow = []
for i in range(n):
    while len(slow) < 40:
        slow.append(socket.create_connection(("127.0.0.1", port), timeout=10))
        slow[-1].sendall(b"GET / HTTP/1.1\r\nX: ")
    random.choice(kinds)()
    for client in slow[:] if i % 100 == 0 else []:
        try:
            client.sendall(b"a")
        except OSError:
            slow.remove(client)
EOF

resident() { awk '/^VmRSS/ { print $2 }' "/proc/$run/status"; }

victim served
begin run --http=0 "$victim" "an argument"
port=$(sed -n 's|^memwatch: serving at http://127.0.0.1:\([0-9]*\)/.*|\1|p' run.err)
python3 hostile.py "$port" 2000 || fail "the clients failed"
before=$(resident)
python3 hostile.py "$port" 8000 || fail "the clients failed"
after=$(resident)
[ "$after" -lt $((before + 2048)) ] || fail "the session's memory grew from $before to $after KiB"
# those who hung up are let go when the turn of their answer has come
tries=0
until [ "$(ls "/proc/$run/fd" | wc -l)" -lt 64 ]; do
	tries=$((tries + 1))
	[ $tries -lt 1000 ] || fail "descriptors are left"
	python3 hostile.py "$port" 1
done
python3 "$TOP/tests/e2e/served.py" "http://127.0.0.1:$port" "$pid" >served.out 2>&1 || fail "$(cat served.out)"
finish
expect "the program's status" "$status" 0
expect "the report" "$(jq -c '.processes[0].completeness.complete' run.json)" true
