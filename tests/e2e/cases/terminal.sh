# On a terminal: the program sees it, Ctrl-C reaches it once, and SIGTERM to memwatch is passed on.
. "$TOP/tests/e2e/lib.sh"
needs python3
victim signals

cat >drive.py <<'END'
import os, pty, signal, sys

pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
seen = b""


def wait_for(text):
    global seen
    while text not in seen:
        try:
            more = os.read(terminal, 1000)
        except OSError:
            more = b""
        if not more:
            sys.exit(f"ended after {seen!r}, before {text!r}")
        seen += more


wait_for(b"ready, stdin is a terminal")
os.write(terminal, b"\x03")
wait_for(b"^C")
os.kill(pid, signal.SIGTERM)
wait_for(b"int 1 term 1")
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
expect "status" "$(python3 drive.py "$MEMWATCH" --json=report.json --log-file=text "$victim")" 7
expect_complete signals
