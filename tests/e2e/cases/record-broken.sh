# Recordings that cannot be written or read: told, and nobody is harmed.
. "$TOP/tests/e2e/lib.sh"
needs jq
victim leaky

# refused STATUS WORD ARG...: memwatch ends with this status and a message with that word, and says nothing else.
refused() {
	refused_status=$1
	refused_word=$2
	shift 2
	status=0
	"$MEMWATCH" "$@" >stdout 2>stderr || status=$?
	expect "status of $*" "$status" "$refused_status"
	grep -q "$refused_word" stderr || fail "$*: no '$refused_word' in: $(cat stderr)"
	expect "stdout of $*" "$(cat stdout)" ""
}

"$MEMWATCH" -o r --log-file=text "$victim" >wanted || fail "no recording"

# before the program has started
refused 125 "cannot write the recording to /dev/null/r" -o /dev/null/r "$victim"
refused 2 "stdout" -o - "$victim"
refused 125 "cannot write the recording /dev/null/r.%p" -o /dev/null/r.%p "$victim"
refused 2 "%z" -o r.%z "$victim"
refused 2 "needs a value" -o

# what reads the recording goes away, or the disk is full, while the program runs: told, the report is made, status 125
unwritable() { # unwritable WORD COMMAND...
	unwritable_word=$1
	shift
	status=0
	rm -f text
	"$@" >stdout 2>stderr || status=$?
	expect "status when it cannot write on" "$status" 125
	expect "messages" "$(grep -c "cannot write the recording to .*: $unwritable_word" stderr)" 1
	expect "stdout of the program" "$(cat stdout)" "$(cat wanted)"
	[ -s text ] || fail "no report"
}

mkfifo fifo
head -c 40 fifo >/dev/null &
unwritable "Broken pipe" "$MEMWATCH" -o fifo --log-file=text "$victim"
mkdir small
if unshare -rm mount -t tmpfs -o size=4k none small 2>/dev/null; then
	unwritable "No space left on device" unshare -rm sh -c "mount -t tmpfs -o size=4k none small &&
		exec $MEMWATCH -o small/r --log-file=text $victim"
fi

# files that are none
refused 125 "No such file" report nothing
refused 125 "no recording" report "$victim"
: >empty
refused 125 "empty" report empty
echo '{ "schema": "memwatch-report/1" }' >x.json
refused 125 "JSON report" report x.json
refused 2 "one RECORDING" report
refused 2 "one RECORDING" report r r
refused 2 "there is no option --record" report --record=x r

# cut and damaged ones
size=$(stat -c %s r)
for length in 39 45 $((size / 2)) $((size - 1)); do
	head -c "$length" r >cut
	status=0
	"$MEMWATCH" report --json=report.json --log-file=text cut >stdout 2>stderr || status=$?
	case $status in
	0)
		grep -q "ends early" stderr || fail "$length bytes: not told: $(cat stderr)"
		;;
	125)
		[ -s stderr ] || fail "$length bytes: not told"
		;;
	*) fail "$length bytes: status $status" ;;
	esac
done
cp r damaged
printf 'xxxxxxxx' | dd of=damaged bs=1 seek=$((size / 2)) conv=notrunc 2>/dev/null
refused 125 "damaged at byte" report damaged
cp r later
printf '\377' | dd of=later bs=1 seek=16 conv=notrunc 2>/dev/null
refused 125 "use memwatch" report later

# memwatch killed in the middle: what had come by then, at least a second before, is a report that says so
needs python3
cat >drive.py <<'END'
import glob, json, os, shutil, signal, subprocess, sys, time

memwatch, victim = sys.argv[1:]

def report():
    done = subprocess.run([memwatch, "report", "--json=part.json", "--log-file=text", "killed"], capture_output=True,
                          text=True)
    if done.returncode:
        return 0, done.stderr
    with open("part.json", encoding="utf-8") as file:
        return json.load(file)["processes"][0]["totals"]["live_bytes"], done.stderr

run = subprocess.Popen([memwatch, "-o", "killed", "--log-file=text", victim], stdin=subprocess.PIPE, text=True)
opened = [os.readlink(fd) for fd in glob.glob(f"/proc/{run.pid}/fd/*")]
run.stdin.write("+12345\n")
run.stdin.flush()
end = time.monotonic() + 20
while report()[0] < 12345 and time.monotonic() < end:
    pass
run.send_signal(signal.SIGKILL)
run.wait()
run.stdin.close()
live, said = report()
print(live >= 12345, "ends early" in said)
process = json.load(open("part.json", encoding="utf-8"))["processes"][0]
print(process["exit"]["kind"], process["completeness"]["complete"], process["completeness"]["reasons"])
for path in opened:  # what a killed reporter cannot take away itself
    if os.path.basename(path).startswith("memwatch-") and os.path.isdir(path):
        shutil.rmtree(path, ignore_errors=True)  # another may take it away at the same time
END
victim steps
python3 drive.py "$MEMWATCH" "$victim" >out || fail "the drive"
expect "what is left of a killed run" "$(head -n 1 out)" "True True"
expect_match "its end" "$(tail -n 1 out)" "^running False \\['The recording ends before"
