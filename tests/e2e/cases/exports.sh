# --export: what viewers of other makes read; their sums are those of the report.
. "$TOP/tests/e2e/lib.sh"
needs jq ms_print

victim leaky
watch --export=speedscope:leaky.speedscope.json --export=massif:massif.out --export=dhat:dhat.json "$victim"
expect status "$status" 0
expect "sums of speedscope's profiles" "$(jq -c '[.profiles[] | .endValue]' leaky.speedscope.json)" \
	"$(json '.processes[0].totals | [.live_bytes, .live_blocks, .allocated_bytes, .allocations]' -c)"
expect "what speedscope's schema wants" "$(jq '(.shared.frames | length) as $n | ."$schema" != null and
	(.shared.frames | all(has("name"))) and (.profiles | all(.type == "sampled" and .startValue == 0 and
	(.unit == "bytes" or .unit == "none") and (.weights | add) == .endValue and
	(.samples | length) == (.weights | length) and (.samples | flatten | all(0 <= . and . < $n))))' \
	leaky.speedscope.json)" true
expect "live by function" "$(jq -r '.shared.frames as $frames | .profiles[0] | [.samples, .weights] | transpose |
	map({name: $frames[.[0][-1]].name, bytes: .[1]}) | group_by(.name)[] | "\(.[0].name) \(map(.bytes) | add)"' \
	leaky.speedscope.json | LC_ALL=C sort)" "$(leaks_by_function | cut -d ' ' -f 1,3)"

ms_print massif.out >printed 2>&1 || fail "ms_print: $(tail -n 1 printed)"
expect_match "the peak's snapshot" "$(cat printed)" 'Detailed snapshots: \[[0-9]+ \(peak\), [0-9]+\]'
expect "trees of the peak and of the end" "$(sed -n 's/^100.00% (\([0-9,]*\)B).*/\1/p' printed | tr -d ,)" \
	"$(total peak_live_bytes)
$(total live_bytes)"
expect_match "a place" "$(cat printed)" '^->65.48% \(40,960B\) 0x[0-9A-F]+: answer_request \(leaky.c:[0-9]+\)'

sums='[(.pps | map(.tb) | add), (.pps | map(.tbk) | add), (.pps | map(.eb) | add), (.pps | map(.ebk) | add),
	(.pps | map(.gb) | add)]'
expect "sums of DHAT's places" "$(jq -c "$sums" dhat.json)" "$(json '.processes[0].totals |
	[.allocated_bytes, .allocations, .live_bytes, .live_blocks, .peak_live_bytes]' -c)"
expect "DHAT's live bytes by function" "$(jq -r '.ftbl as $frames | .pps | map(select(.eb > 0) | {bytes: .eb,
	name: ($frames[.fs[0]] | capture("^0x[0-9A-F]+: (?<f>[^ ]+) \\((in /|.*:[0-9])").f)}) | group_by(.name)[] |
	"\(.[0].name) \(map(.bytes) | add)"' dhat.json | LC_ALL=C sort)" "$(leaks_by_function | cut -d ' ' -f 1,3)"
expect "DHAT's times" "$(jq \
	'.te as $all | .tg <= $all and .tu == "µs" and (.pps | all(.tl <= ($all + 1000) * .tbk))' dhat.json)" true

# Several processes: profiles of each; a massif file holds one.
victim children
watch --export=speedscope:all.json --export=massif:each.%p "$victim" system
expect "allocations of all" \
	"$(jq '[.profiles[] | select(.name | startswith("allocations: ")).endValue] | add' all.json)" \
	"$(json '[.processes[] | select(.shell | not).totals.allocations] | add')"
for pid in $(json '.processes[].pid' | sort -u); do
	ms_print "each.$pid" >printed 2>&1 || fail "ms_print of $pid: $(tail -n 1 printed)"
done

status=0
"$MEMWATCH" --export=callgrind:x true 2>stderr || status=$?
expect "status of a format that is not known" "$status" 2
expect_match "it lists the formats" "$(cat stderr)" \
	"--export: 'callgrind' is not one of: speedscope, massif, dhat, heaptrack"
status=0
"$MEMWATCH" --export=massif true 2>stderr || status=$?
expect "status without a file" "$status" 2
expect_match "it tells the form" "$(cat stderr)" 'FORMAT:FILE, as massif:FILE'
