# When the reporter is gone, whoever asks it is told so, and waits no longer.
. "$TOP/tests/e2e/lib.sh"
needs python3
victim api

cat >drive.py <<'END'
import glob, os, shutil, signal, subprocess, sys

reporter = subprocess.Popen([sys.argv[1], "--json=report.json", "--log-file=text", sys.argv[2], "killed"],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
print(reporter.stdout.readline().split()[1])
opened = [os.readlink(fd) for fd in glob.glob(f"/proc/{reporter.pid}/fd/*")]
reporter.send_signal(signal.SIGKILL)
reporter.wait()
reporter.stdin.write("\n")
reporter.stdin.close()
print(reporter.stdout.read().strip())
for path in opened:  # what a killed reporter cannot take away itself
    if os.path.basename(path).startswith("memwatch-") and os.path.isdir(path):
        shutil.rmtree(path, ignore_errors=True)  # another may take it away at the same time
END
python3 drive.py "$MEMWATCH" "$victim" >out || fail "the drive"
expect "what it was told" "$(cat out)" "0
stats: -1
leaks: -1
monitor: -1
watched: 0"
