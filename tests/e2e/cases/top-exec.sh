# memwatch top goes on when another program takes the place of the one that it shows.
. "$TOP/tests/e2e/lib.sh"
needs python3
victim again

# Reads what is shown until it is told to quit, which it does then.
cat >drive.py <<'END'
import os, pty, select, sys

pid, terminal = pty.fork()
if pid == 0:
    os.environ["TERM"] = "xterm"
    os.execv(sys.argv[1], [sys.argv[1], "top", "--interval=100ms", sys.argv[2]])
word = open("quit")
seen, waits = b"", [terminal, word]
while True:
    ready = select.select(waits, [], [], 20)[0]
    if word in ready:
        waits = [terminal]
        os.write(terminal, b"q")
    if not ready:
        break
    if terminal in ready:
        try:
            seen += os.read(terminal, 65536)
        except OSError:
            break
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
print(status if status == 0 and b"memwatch top" in seen else f"{status}: {seen[-300:]!r}")
END
mkfifo quit
begin run "$victim" 100
python3 drive.py "$MEMWATCH" "$pid" >driven 2>&1 9>&- 8<&- &
driver=$!
exec 7>quit
read -r word <&8
expect "the program" "$word" last
echo >&7
wait "$driver" || true
expect "status of top" "$(cat driven)" 0
exec 7>&-
finish
expect "status of the program" "$status" 0
expect "programs" "$(jq '.processes | length' run.json)" 101
