# A thousand reports, and a thousand recordings, of CI shards become one in memory that does not grow with their number.
. "$TOP/tests/e2e/lib.sh"
needs python3
victim leaky

"$MEMWATCH" -q --json=one.json -o one.rec --log-file=text "$victim" >stdout || fail "status $?"
mkdir json rec
for n in $(seq 1000); do
	ln -s ../one.json "json/$n.json"
	ln -s ../one.rec "rec/$n.rec"
done

merged() { # merged KIND NUMBER: the largest resident set, in KiB
	python3 - "$MEMWATCH" "$1" "$2" <<'END'
import resource
import subprocess
import sys
memwatch, kind, n = sys.argv[1:]
files = [f"{kind}/{i}.{kind}" for i in range(1, int(n) + 1)]
subprocess.run([memwatch, "merge", "--text=text", f"--json={kind}-{n}.json", *files], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
END
}

for kind in json rec; do
	few=$(merged $kind 10) || fail "merge of 10"
	many=$(merged $kind 1000) || fail "merge of 1000"
	echo "$kind: $few KiB for 10, $many KiB for 1000"
	[ "$many" -le $((few + 8192)) ] || fail "$kind: $few KiB for 10, $many KiB for 1000"
	expect "the sum of $kind" "$(jq '.processes[0].verdicts.definite.bytes' $kind-1000.json)" \
		"$(jq '.processes[0].verdicts.definite.bytes * 1000' one.json)"
done
