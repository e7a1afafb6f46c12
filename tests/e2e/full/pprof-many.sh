# --http with 20,000 stacks: a profile of the heap is whole, and takes less than 300 ms of the reporter's time, in which
# it reads nothing of the program's.
. "$TOP/tests/e2e/lib.sh"
needs jq python3

victim manystacks
begin run --http=0 "$victim" 20000 wait
url=$(sed -n 's|^memwatch: serving at \(.*\)/debug/pprof/$|\1|p' run.err)

# CPU time, since others may be running on this machine; of several the least, for the same reason.
cat >ask.py <<'EOF'
import sys, urllib.request
url, pid = sys.argv[1], sys.argv[2]
def cpu_ms():
    with open(f"/proc/{pid}/schedstat") as file:
        return int(file.read().split()[0]) / 1e6
costs = []
for path in ("/debug/pprof/heap", "/debug/pprof/allocs", "/debug/pprof/heap", "/debug/pprof/heap", "/debug/pprof/heap"):
    before = cpu_ms()
    body = urllib.request.urlopen(url + path).read()
    costs.append(cpu_ms() - before)
open("heap.pb.gz", "wb").write(body)
print(*map(round, costs))
print(min(costs) < 300)
EOF
python3 ask.py "$url" "$run" >costs 2>&1 || fail "$(cat costs)"
finish
expect "the program's status" "$status" 0
python3 "$TOP/tests/e2e/pprof.py" heap.pb.gz >checked 2>&1 || fail "the profile: $(cat checked)"
expect "what it adds up to" "$(awk '{ print $2 }' checked | xargs)" "$(jq -r '.processes[0].totals |
	"\(.allocations) \(.allocated_bytes) \(.live_blocks) \(.live_bytes)"' run.json)"
[ "$VARIANT" != release ] || expect "less than 300 ms: $(head -n 1 costs)" "$(tail -n 1 costs)" True
