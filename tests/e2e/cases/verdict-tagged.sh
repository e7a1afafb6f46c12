# A block that only a pointer with tag bits leads to is lost, and the report says how near it was.
. "$TOP/tests/e2e/lib.sh"
victim shapes
watch "$victim" tag_high
expect "tagged blocks" "$(json '[.processes[0].leaks[] | select(.verdict == "definite" or .verdict == "indirect") |
	.tagged_blocks] | add')" "$(json '.processes[0].verdicts | .definite.blocks + .indirect.blocks')"
grep -q 'would be reachable if pointers with tag bits counted' text || fail "the text does not tell of the tag"
watch "$victim" cycle_lost
expect "tagged blocks of a cycle" "$(json '[.processes[0].leaks[].tagged_blocks] | add')" 0
grep -q 'tag bits' text && fail "the text tells of a tag where there is none"
true
