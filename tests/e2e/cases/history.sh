# The history of a short run has points enough, no peak is lost, and the stacks of the peak add up to it.
. "$TOP/tests/e2e/lib.sh"
victim steps

history() { # history FILTER: of the first process
	expect "$1" "$(json ".processes[0] | $1")" true
}

printf '+1000\nwait 1000\n+700000\n+1000\n-\n+5000\n' >steps
watch -v "$victim" <steps
expect status "$status" 0
history '.history | length >= 10 and length <= 512'
history '.history[0].seconds == 0 and .history[0].live_bytes == 0'
history '.history | map(.seconds) | . == (unique)'
history '.history | map(.allocated_bytes) | . == sort'
history '.history[-1].live_bytes == .totals.live_bytes and .history[-1].allocations == .totals.allocations'
history '.history | map(select(.rss_bytes != null)) | length >= 10 and (map(.rss_bytes > 100000) | all)'
history '(.history | map(.high_bytes) | max) == .totals.peak_live_bytes'
history '(.peak | map(.live_bytes) | add) == .totals.peak_live_bytes'
history '(.peak | map(select(.frames[0].function == "keep")) | map(.live_bytes) | add) == 702000'
history '(.peak | map(select(.frames[0].function == "keep")) | map(.live_blocks) | add) == 3'
history '.forecast.trend == "none" and .forecast.limit_bytes > 1000000 and .forecast.limit_source != null'
history '.warnings == []'
expect "line of the peak" "$(grep -c '702,000 bytes in 3 blocks from keep (steps.c:' text)" 1

# a very short one has its begin and its end
watch true
history '.history | length >= 2'
history '.history[-1].live_bytes == .totals.live_bytes'
