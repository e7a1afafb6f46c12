# MemStats: what glibc says of itself, at the end and while the program runs; what it may not cost the program.
. "$TOP/tests/e2e/lib.sh"
victim heapstats

stat_of() { # stat_of FILTER: of the first process's memstats
	expect "$1" "$(json ".processes[0].memstats | $1")" true
}

watch "$victim" blocks
expect status "$status" 0
stat_of '.HeapAlloc.value == 1148576 and .HeapObjects.value == 101 and .HeapAlloc.source == "memwatch"'
stat_of '.Mallocs.value - .Frees.value == 101 and .Alloc.value == .HeapAlloc.value'
stat_of '.HeapInuse.value >= 1148576 and .HeapInuse.value < 1200000 and (.HeapInuse.source | startswith("mallinfo2"))'
stat_of '.HeapSys.value == .HeapIdle.value + .HeapInuse.value and .HeapSys.estimated == false'
stat_of '.HeapIdle.value >= 50000 and .Arenas.value == 1 and .HeapSysMax.value > 100000'
stat_of '.StackInuse.value > 4000 and .StackSys.value >= .StackInuse.value and .RSS.value > 1148576'
stat_of '.HeapReleased.estimated and .OtherSys.estimated and .NumGC.value == 1 and .PauseTotalNs.value > 0'
stat_of '[.BySize.value[] | select(.Size == 1024)][0] | .Mallocs == 150 and .Frees == 50 and .LiveBytes == 100000'
stat_of '[to_entries[] | select(.key != "BySize") | .value | (.value | type) == "number" and .source != null and
	(.estimated | type) == "boolean"] | all'
expect_match "allocator" "$(json '.processes[0].allocator')" '^glibc [0-9.]+$'

# a program with a broken heap ends as it does natively, and nobody finds a core file
ulimit -c unlimited
for how in smash ring; do
	native "$victim" $how
	watch "$victim" $how
	expect "status with a broken heap" "$status" "$native_status"
	expect_same "stdout with a broken heap" stdout native.out
	expect_same "stderr with a broken heap" stderr native.err
	expect "core files" "$(ls | grep core)" ""
	stat_of '.HeapInuse.estimated and .HeapSys.source == "smaps" and .HeapSys.estimated'
done

# while it runs: asked at its next call
begin running "$victim" wait 3
: >stat.json
tries=0
until [ "$(jq -r '.memstats.HeapInuse | select(. and (.estimated | not)) | .source' stat.json)" ]; do
	tries=$((tries + 1))
	[ $tries -lt 100 ] || fail "no answer of the allocator: $(cat stat.json)"
	echo x >&9
	"$MEMWATCH" stat --json=stat.json "$pid"
done
expect "threads" "$(jq -r '.memstats.Threads.value' stat.json)" 4
expect "stacks" "$(jq -r '.memstats | .StackSys.estimated or .StackInuse.value > 3 * 65536' stat.json)" true
expect "arenas" "$(jq -r '.memstats.Arenas.value >= 2' stat.json)" true
"$MEMWATCH" stat -v "$pid" >stat.text
expect_match "text of stat" "$(cat stat.text)" '^Heap   live [0-9.]+ KiB in [0-9]+ blocks, peak '
expect_match "text of stat" "$(cat stat.text)" 'in use .*; glibc [0-9.]*, [0-9]+ arenas$'
expect_match "text of stat" "$(cat stat.text)" '^Stack  resident .* in 4 threads; other ~'
expect_match "text of stat" "$(cat stat.text)" '<= +128 bytes +[0-9]+ mallocs'
finish
expect "status" "$status" 0
