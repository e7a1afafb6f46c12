# Stacks whose memory grows are told with their rate and their holder; caches and leaks that have stopped are none.
. "$TOP/tests/e2e/growth_lib.sh"
victim growth

# side by side: they mostly wait
grow slow 1000 10 100 &
grow steady 600 10 100 &
grow lru 600 10 100 &
grow stops 600 10 100 &
wait
grows slow
expect "held by" "$(jq -r '.processes[0].growth[0].held_by[0]' slow.json)" "global registry in growth"
expect "blocks" "$(jq '.processes[0].growth[0] | .live_blocks == 10 and .live_bytes == 640 and .survivor_ratio == 1' \
	slow.json)" true
expect_match "record" "$(cat slow.text)" \
	'^\[growing 1 of 1\] 6[0-9](\.[0-9])? bytes/s in .* blocks/s, now 640 bytes in 10 blocks: leak \(growth\.c:'
expect_match "summary" "$(cat slow.text)" '^  growth +1 stack grows by 6[0-9.]+ bytes/s'
grows steady
grows_not lru
expect "the cache" "$(jq -r '.processes[0].growth[] | select(.frames[0].function == "cache_add") | .verdict' \
	lru.json)" bounded
grows_not stops
expect_match "summary" "$(cat stops.text)" '^  growth +none seen'

# what is too short is not judged
watch true
expect_match "of a short run" "$(cat text)" '^  growth +not judged, the run was too short$'
expect "findings of a short run" "$(json '.processes[0].growth | length')" 0
