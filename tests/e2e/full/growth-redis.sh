# A real daemon under load: its keyspace fills and is then steady, so nothing of it grows.
. "$TOP/tests/e2e/growth_lib.sh"
needs redis-server redis-benchmark redis-cli

# a free port, from the kernel
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$MEMWATCH" --json=redis.json --log-file=redis.text redis-server --port "$port" --bind 127.0.0.1 --save "" \
	--appendonly no >redis.out 2>&1 &
run=$!
until redis-cli -p "$port" ping >/dev/null 2>&1; do
	kill -0 "$run" 2>/dev/null || fail "redis-server ended: $(cat redis.out)"
done
for _ in 1 2 3 4 5 6; do
	redis-benchmark -p "$port" -q -n 20000 -r 5000 -d 100 -t set,get,incr,hset >bench.out 2>&1 ||
		fail "redis-benchmark: $(cat bench.out)"
done
redis-cli -p "$port" shutdown nosave
wait "$run"
expect "complete" "$(jq '[.processes[].completeness.complete] | all' redis.json)" true
grows_not redis
expect_match "what is bounded" \
	"$(jq '[.processes[].growth[] | select(.verdict == "bounded")] | length' redis.json)" '^[1-9]'
