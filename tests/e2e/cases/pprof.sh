# Profiles: the same numbers as in the report, in the form that readers of profiles want.
. "$TOP/tests/e2e/lib.sh"
needs jq python3

profile() { python3 "$TOP/tests/e2e/pprof.py" "$@" || fail "pprof.py $*"; }

victim leaky
watch --pprof=heap.pb.gz --pprof-peak=peak.pb.gz --pprof-leaks=leaks.pb.gz "$victim"
expect totals "$(profile heap.pb.gz | tr '\n' ' ')" "$(json '.processes[0].totals |
	"alloc_objects \(.allocations) alloc_space \(.allocated_bytes) " +
	"inuse_objects \(.live_blocks) inuse_space \(.live_bytes) "')"
expect "live by function" "$(profile heap.pb.gz functions | awk '$4 { print $1, $4, $5 }')" "$(leaks_by_function)"
expect_match "freed ones too" "$(profile heap.pb.gz functions)" '^answer_request 1000 4096000 10 40960$'
expect "the peak" "$(profile peak.pb.gz | awk '$1 == "peak_space" { print $2 }')" "$(total peak_live_bytes)"
expect "what is lost" "$(profile leaks.pb.gz | tr '\n' ' ')" "$(json '.processes[0].verdicts |
	"leaked_objects \(.definite.blocks + .indirect.blocks) leaked_space \(.definite.bytes + .indirect.bytes) "')"
expect verdicts "$(profile leaks.pb.gz labels)" "verdict=definite"
expect_match comments "$(profile heap.pb.gz comments)" 'leaky \(pid [0-9]+\): every allocation was recorded'
expect "the first mapping" "$(profile heap.pb.gz mappings | head -n 1 | cut -d ' ' -f 1,2)" \
	"$victim $(json '[.processes[0].leaks[].frames[] | select(.function == "main").build_id][0]')"

# Without verdicts nothing is called lost, and the profile says why.
watch --no-scan --pprof-leaks=leaks.pb.gz "$victim"
expect "no verdicts" "$(profile leaks.pb.gz | tr '\n' ' ')" "leaked_objects 0 leaked_space 0 "
expect_match "why" "$(profile leaks.pb.gz comments)" 'there are no verdicts: --no-scan was given'

# Several processes: in one file, told apart by a label; or in a file each.
victim children
watch --pprof=all.pb.gz "$victim" system
expect "allocations of all" "$(profile all.pb.gz | awk '$1 == "alloc_objects" { print $2 }')" \
	"$(json '[.processes[].totals.allocations] | add')"
expect "processes" "$(profile all.pb.gz labels)" "$(json '.processes[] | select(.totals.allocations > 0) |
	"process=\(.exe | split("/")[-1])/\(.pid)"' | LC_ALL=C sort)"
watch --pprof=each.%p "$victim" system
for pid in $(json '.processes[].pid' | sort -u); do
	[ -s "each.$pid" ] || fail "no profile of $pid"
	profile "each.$pid" >totals
done

# Templates, inlined functions and a stripped program.
victim inlined
watch --pprof=cxx.pb.gz "$victim"
expect "names without parameters" "$(profile cxx.pb.gz functions | grep -c '[(<]')" 0
victim leaky leaky-stripped -s
watch --pprof=stripped.pb.gz "$victim"
expect "a stripped program" "$(profile stripped.pb.gz | awk '$1 == "inuse_space" { print $2 }')" "$(total live_bytes)"
