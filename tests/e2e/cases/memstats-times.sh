# The time that calls of the allocator take is sampled while a program runs.
. "$TOP/tests/e2e/lib.sh"
victim heapstats

# timed HOW: by a program that allocates, or does nothing but to resize
timed() {
	begin running "$victim" "$1"
	: >stat.json
	tries=0
	until [ "$(jq -r '.memstats.AllocatorTimeNs.value // ""' stat.json)" ]; do
		tries=$((tries + 1))
		[ $tries -lt 400 ] || fail "no call of $1 was timed: $(cat stat.json)"
		for i in 1 2 3 4 5; do
			echo x >&9
		done
		"$MEMWATCH" stat --json=stat.json "$pid"
	done
	expect "a sensible time of $1" "$(jq -r '.memstats |
		.AllocatorTimeNs.estimated and .AllocatorTimeNs.value > 0 and
		.AllocatorTimeP50Ns.value <= .AllocatorTimeP99Ns.value and
		.AllocatorTimeP99Ns.value <= .AllocatorTimeMaxNs.value and
		.AllocatorTimeMaxNs.value < 1e9' stat.json)" true
	finish
	expect "status of $1" "$status" 0
	expect "complete: $1" "$(jq -r '.processes[0].completeness.complete' running.json)" true
}

timed wait
timed resize
