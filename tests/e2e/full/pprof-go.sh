# The real reader of profiles: every view of `go tool pprof` that people use, on profiles of a C and of a C++ program.
. "$TOP/tests/e2e/lib.sh"
needs jq go dot
export HOME="$PWD" GOCACHE="$PWD/cache"

pprof() { go tool pprof "$@" 2>pprof.err || fail "go tool pprof $*: $(cat pprof.err)"; }

victim leaky
watch --pprof=heap.pb.gz --pprof-peak=peak.pb.gz --pprof-leaks=leaks.pb.gz "$victim"
top=$(pprof -top -unit=B heap.pb.gz)
expect_match "the program" "$top" '^File: leaky$'
expect_match "the build id" "$top" "^Build ID: $(json '[.processes[0].leaks[].frames[] |
	select(.function == "main").build_id][0]')\$"
expect_match "the type by default" "$top" '^Type: inuse_space$'
expect_match "comments" "$top" 'every allocation was recorded'
expect_match "the total" "$top" "of $(total live_bytes)B total"
expect_match "a row" "$top" '^ *40960B .* answer_request$'
expect_match "allocated" "$(pprof -top -unit=B -sample_index=alloc_space heap.pb.gz)" \
	"of $(total allocated_bytes)B total"
expect_match "objects" "$(pprof -top -sample_index=alloc_objects heap.pb.gz)" "of $(total allocations) total"
expect_match "the peak" "$(pprof -top -unit=B peak.pb.gz)" "of $(total peak_live_bytes)B total"
expect_match "lost" "$(pprof -traces leaks.pb.gz)" 'verdict: *definite'

# pprof cuts what is before the name of the folder that it runs in off the paths of sources, if it occurs there.
mkdir a-name-that-is-in-no-path
list=$(cd a-name-that-is-in-no-path && pprof -list=copy_text -unit=B ../heap.pb.gz)
expect_match "source lines" "$list" '15893B +15893B +[0-9]+:.*malloc'
pprof -png heap.pb.gz >heap.png
expect "a picture" "$(head -c 4 heap.png | tail -c 3)" PNG
expect_match "raw" "$(pprof -raw heap.pb.gz)" \
	'alloc_objects/count alloc_space/bytes inuse_objects/count inuse_space/bytes'
pprof -proto -output merged.pb.gz heap.pb.gz heap.pb.gz >merge.log
expect_match "merged" "$(pprof -top -unit=B merged.pb.gz)" "of $((2 * $(total live_bytes)))B total"

# Two runs, each at its own addresses: nothing is left when one is taken from the other.
cp heap.pb.gz old.pb.gz
watch --pprof=heap.pb.gz "$victim"
expect_match "no difference" "$(pprof -top -diff_base=old.pb.gz heap.pb.gz)" 'Showing nodes accounting for 0, 0% of'

victim inlined
watch --pprof=cxx.pb.gz "$victim"
expect_match "C++" "$(pprof -top -unit=B cxx.pb.gz)" "of $(total live_bytes)B total"

# Without symbols pprof finds them by itself, with the addresses and mappings that the profile has.
victim leaky leaky-split
strip -o leaky-plain "$victim"
watch --pprof=plain.pb.gz ./leaky-plain
expect_match "no symbols" "$(pprof -top -unit=B -symbolize=none plain.pb.gz)" '\[leaky-plain\]$'
cp "$victim" leaky-plain
expect_match "local symbols" "$(pprof -top -unit=B -symbolize=local plain.pb.gz)" '40960B .*answer_request'
