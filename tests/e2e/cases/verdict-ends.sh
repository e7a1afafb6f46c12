# Verdicts for each way to end: where the memory can still be read there are some, else it is said why there are none.
. "$TOP/tests/e2e/ends_lib.sh"

# main's frame is live when it is left by a call, dead once main has returned.
for way in exit _exit _Exit quick_exit abort; do
	watch --show=all "$victim" $way
	scanned $way
	blocks $way "keep reachable,lose definite,lose indirect,make_local reachable"
done
for way in return pthread_exit; do
	watch --show=all "$victim" $way
	scanned $way
	blocks $way "keep reachable,lose definite,lose indirect,make_local definite"
done

# A signal that the program sends itself, and a failed assert.
for pair in raise:SEGV kill-term:TERM pthread_kill:BUS sigqueue:USR1 kill:KILL assert:ABRT; do
	way=${pair%:*}
	native "$victim" "$way"
	watch --show=all "$victim" "$way"
	expect "status of $way" "$status" "$native_status"
	expect "signal of $way" "$(json '.processes[0].exit.signal')" "SIG${pair#*:}"
	expect_same "stderr of $way" stderr native.err
	scanned "$way"
	blocks "$way" "keep reachable,lose definite,lose indirect,make_local reachable"
done

# The verdicts are those of the end, not of an abort that it came back from.
watch --show=all "$victim" outlived
expect "status" "$status" 3
scanned outlived
blocks outlived "keep definite,lose definite,lose indirect,make_local reachable"
expect "scans" "$(json '.processes[0].verdicts.scans')" 3

# Another thread ends the process while main waits.
for way in exit _exit quick_exit abort raise; do
	watch --show=all "$victim" $way thread
	scanned "$way in a thread"
	blocks "$way in a thread" "keep reachable,lose definite,lose indirect,make_local reachable"
done

# A signal that goes to memwatch is passed on; one that will kill, once the memory has been read. The victim stands in
# its own frames then.
pass_on() { # pass_on SIGNAL ARG...
	rm -f ready report.json text
	mkfifo ready
	sig=$1
	shift
	"$MEMWATCH" --json=report.json --log-file=text --show=all "$victim" "$@" >ready 2>stderr &
	read -r _ <ready
	kill -s "$sig" $!
	status=0
	wait $! || status=$?
}
for pair in TERM:15 HUP:1 USR1:10; do
	sig=${pair%:*}
	pass_on $sig wait
	expect "status after $sig" "$status" $((128 + ${pair#*:}))
	scanned "$sig to memwatch"
	blocks "$sig to memwatch" "keep reachable,lose definite,lose indirect,make_local reachable"
	expect "scans before $sig" "$(json '.processes[0] | "\(.verdicts.scans) \(.exit.signal)"')" "1 SIG$sig"
done
pass_on TERM wait thread
scanned "TERM to memwatch, in a thread"
blocks "TERM to memwatch, in a thread" "keep reachable,lose definite,lose indirect,make_local reachable"
pass_on TERM wait-handled
expect "status of a handler" "$status" 3
expect "scans with a handler" "$(json '.processes[0] | "\(.verdicts.scans) \(.exit.kind)"')" "1 exit"

# The memory is gone: nothing is called lost or reachable, and the reason is told.
unclassified() {
	expect "scan after $1" "$(json '.processes[0].verdicts | "\(.scanned) \(.definite.blocks) \(.indirect.blocks) \(
		.possible.blocks) \(.reachable.blocks)"')" "false 0 0 0 0"
	expect "unclassified after $1" "$(json '.processes[0].verdicts.unclassified')" \
		"$(json '.processes[0].totals | {blocks: .live_blocks, bytes: .live_bytes}')"
	expect_match "reason after $1" "$(json '.processes[0].verdicts.why_not')" "$2"
	blocks "$1" "keep unclassified,lose unclassified,lose unclassified,make_local unclassified"
	grep -qF -- "$(json '.processes[0].verdicts.why_not')" text || fail "the text does not tell the reason after $1"
}
watch "$victim" segv
unclassified segv signal
rm -f ready report.json text
mkfifo ready
setsid "$MEMWATCH" --json=report.json --log-file=text --show=all "$victim" wait >ready 2>stderr &
read -r _ <ready
kill -s TERM -- -$!
wait $! || status=$?
expect "status after TERM to the group" "$status" 143
expect_match "scan after TERM to the group" "$(json '.processes[0].verdicts | "\(.scanned) \(.why_not)"')" \
	'true null|killed by a signal'
watch "$victim" exec
unclassified exec 'another program'
expect "the program after exec" "$(json '.processes[1].verdicts.scanned')" true
watch --no-scan "$victim" exit
unclassified --no-scan no-scan
