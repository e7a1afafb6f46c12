# For the cases about verdicts at the end: the victim, and what is expected of its blocks.
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
