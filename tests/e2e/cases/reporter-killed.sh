# When the reporter is killed, the program runs on to its own end.
. "$TOP/tests/e2e/lib.sh"
needs python3

cat >drive.py <<'END'
import glob, os, select, shutil, signal, subprocess, sys

child = "import os, sys; print(os.getpid(), flush=True); sys.stdin.readline(); " \
    "x = [str(i) * 9 for i in range(300000)]; print(len(x), flush=True); open('ended', 'w').write('well')"
reporter = subprocess.Popen([sys.argv[1], "--json=report.json", "--log-file=text", sys.executable, "-c", child],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
pid = int(reporter.stdout.readline())
pidfd = os.pidfd_open(pid)
opened = [os.readlink(fd) for fd in glob.glob(f"/proc/{reporter.pid}/fd/*")]
reporter.send_signal(signal.SIGKILL)
reporter.wait()
reporter.stdin.write("go on\n")
reporter.stdin.close()
print(reporter.stdout.read().strip())
select.select([pidfd], [], [])
print(open("ended").read())
for path in opened:  # what a killed reporter cannot take away itself
    if os.path.basename(path).startswith("memwatch-") and os.path.isdir(path):
        shutil.rmtree(path, ignore_errors=True)  # another may take it away at the same time
END
PYTHONMALLOC=malloc python3 drive.py "$MEMWATCH" >out || fail "the drive"
expect "what the program did after" "$(tr '\n' ' ' <out)" "300000 well "
