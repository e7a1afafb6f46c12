# Verdicts for each way to end: where the memory can still be read there are some, else it is said why there are none.
. "$TOP/tests/e2e/lib.sh"
victim ends
ulimit -c 0

# blocks WHAT WANTED: the verdicts of the victim's four blocks, by function, larger ones first
blocks() {
	expect "blocks after $1" "$(json '[.processes[0].leaks[] |
		select(.frames[0].function | IN("lose", "keep", "make_local"))] |
		sort_by([.frames[0].function, -.bytes])[] | "\(.frames[0].function) \(.verdict)"' | paste -sd ,)" "$2"
}

scanned() {
	expect "scan after $1" "$(json '.processes[0].verdicts | "\(.scanned) \(.why_not) \(.unclassified.blocks)"')" \
		"true null 0"
}

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

# Another thread ends the process while main waits.
for way in exit _exit quick_exit abort; do
	watch --show=all "$victim" $way thread
	scanned "$way in a thread"
	blocks "$way in a thread" "keep reachable,lose definite,lose indirect,make_local reachable"
done

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
watch "$victim" kill
unclassified kill signal
watch "$victim" exec
unclassified exec 'another program'
expect "the program after exec" "$(json '.processes[1].verdicts.scanned')" true
watch --no-scan "$victim" exit
unclassified --no-scan no-scan
