# Asking running sessions: who is found, who may ask, and that clients that do not behave change nothing.
. "$TOP/tests/e2e/lib.sh"
needs python3
victim churn

refused() { # refused STATUS REGEXP COMMAND [ARG...]
	refused_status=$1
	refused_words=$2
	shift 2
	got=0
	"$MEMWATCH" "$@" >stdout 2>stderr || got=$?
	expect "status of memwatch $*" "$got" "$refused_status"
	expect_match "words of memwatch $*" "$(cat stderr)" "$refused_words"
	[ ! -s stdout ] || fail "memwatch $* printed something"
}

refused 2 'takes one PID' scan
refused 2 'PID of a process' scan x
refused 2 'one PID' stat 1 2
refused 125 'there is no process 4194304' scan 4194304
refused 125 "process $$ runs, but no memwatch of yours watches it" stat $$

# A session that ends while it is asked, with what was sent read or not: as if it had not been there.
mkdir -m 700 "$TMPDIR/memwatch-ending"
cat >ending.py <<'EOF'
import os, socket, sys
os.chdir(sys.argv[1])
s = socket.socket(socket.AF_UNIX)
s.bind("control")
s.listen(8)
print("listens", flush=True)
for n in 1, 1, 65536, 65536:
    client = s.accept()[0]
    client.recv(n)
    client.close()
EOF
mkfifo ending
python3 ending.py "$TMPDIR/memwatch-ending" >ending &
ending=$!
read -r word <ending
for n in 1 2; do
	refused 125 "process $$ runs, but no memwatch of yours watches it" stat $$
done
wait $ending || fail "ending.py was not asked"
rm -r "$TMPDIR/memwatch-ending"

# Two sessions: each is found by its own process, and others are told.
begin first "$victim" 1
first=$pid first_run=$run
exec 7>&9 6<&8
begin second --no-scan "$victim" 1
refused 125 "$pid \\(churn\\)" scan $$
refused 125 "$first \\(churn\\)" scan $$
for p in "$first" "$pid"; do
	"$MEMWATCH" scan --json=scan.json "$p" >/dev/null
	expect "definite of $p" "$(jq -r '.processes[0] | "\(.pid) \(.verdicts.definite.blocks)"' scan.json)" "$p 7"
	"$MEMWATCH" stat --json=- "$p" >stat.json
	expect "stat of $p" "$(jq -r '"\(.schema) \(.pid) \(.totals.live_blocks >= 14)"' stat.json)" \
		"memwatch-stat/1 $p true"
	expect_match "text of stat" "$("$MEMWATCH" stat "$p")" "^$p churn, "
done

# Clients that say nothing, nonsense, too much, or do not read; then one that behaves.
folder=$(sed -n 's,.* \(/.*/memwatch-[^/]*\)/[0-9]*\.mem$,\1,p' "/proc/$pid/maps" | head -n 1)
[ -S "$folder/control" ] || fail "no socket in $folder"
expect "mode of the socket's folder" "$(stat -c %a "$folder")" 700
cat >hostile.py <<'EOF'
import os, socket, sys
os.chdir(sys.argv[1])
def connect():
    s = socket.socket(socket.AF_UNIX)
    s.connect("control")
    s.settimeout(20)
    return s
def answer(s):
    text = b""
    while True:
        try:
            part = s.recv(65536)
        except ConnectionResetError:
            part = b""
        if not part:
            return text
        text += part
def asked(text):
    s = connect()
    s.sendall(text)
    return answer(s)
assert b'"bad-request"' in asked(b"\0\xff\n")
assert b'"bad-request"' in asked(b"GET / HTTP/1.1\r\n\r\n")
assert b'"bad-request"' in asked(b"memwatch/9 list\n")
assert b'"bad-request"' in asked(b"memwatch/1 scan\n")
assert b'"bad-request"' in asked(b"memwatch/1 scan pid=%s output=nosuch\n" % sys.argv[2].encode())
assert b'"not-watched"' in asked(b"memwatch/1 scan pid=1 output=json\n")
huge = connect()
try:
    huge.sendall(b"x" * 100000)
    assert b'"bad-request"' in answer(huge)
except (BrokenPipeError, ConnectionResetError):
    pass
gone = connect()
gone.sendall(b"memwatch/1 scan pid=%s output=json" % sys.argv[2].encode())
gone.close()
silent = [connect() for i in range(40)]
unread = connect()
unread.sendall(b"memwatch/1 scan pid=%s output=json output=folded\n" % sys.argv[2].encode())
print("open", flush=True)
sys.stdin.read()
EOF
mkfifo keep said
python3 hostile.py "$folder" "$pid" <keep >said 2>hostile.err 9>&- 8<&- 7>&- 6<&- &
hostile=$!
exec 5>keep 4<said
read -r word <&4 || fail "hostile.py: $(cat hostile.err)"
expect "definite beside clients that do not behave" \
	"$("$MEMWATCH" scan --json=- "$pid" | jq -r '.processes[0].verdicts.definite.blocks')" 7

# The session's end does not wait for them, and leaves nothing behind.
finish
expect "status of the program" "$status" 5
[ ! -e "$folder" ] || fail "$folder is left"
refused 125 'there is no process' scan "$pid"
exec 5>&- 4<&-
wait $hostile || fail "hostile.py: $(cat hostile.err)"

# A reporter that does not answer is not waited for without an end.
kill -STOP "$first_run"
refused 125 'did not answer within' scan --timeout=200ms "$first"
kill -CONT "$first_run"
exec 9>&7 7>&- 8<&6 6<&-
run=$first_run
finish
expect "status of the first program" "$status" 5
