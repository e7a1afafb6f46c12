# A real Prometheus, with the rules and the configuration of scripts/fleet: it scrapes two programs, and the alert for
# growth fires for the one that leaks and not for the other. What is served passes promtool, in both formats.
. "$TOP/tests/e2e/growth_lib.sh"
needs prometheus promtool prometheus-pushgateway jq python3
victim growth

promtool check rules "$TOP/scripts/fleet/memwatch.rules.yml" >checked 2>&1 || fail "$(cat checked)"
promtool check config "$TOP/scripts/fleet/prometheus.yml" >checked 2>&1 || fail "$(cat checked)"
(cd "$TOP/scripts/fleet" && promtool test rules memwatch.rules.test.yml) >checked 2>&1 || fail "$(cat checked)"

# Both until they are told to end: `timeout` is only for when this case is killed.
serve() { # serve KIND: its URL in $url
	timeout 200 "$MEMWATCH" --http=0 --interval=100ms --json="$1.json" --log-file="$1.text" \
		"$victim" "$1" 18000 10 100 >"$1.out" 2>"$1.err" &
	echo $! >"$1.pid"
	until url=$(sed -n 's|^memwatch: serving at http://\(.*\)/debug/pprof/$|\1|p' "$1.err") && [ -n "$url" ]; do
		kill -0 "$(cat "$1.pid")" || fail "$1: $(cat "$1.err")"
	done
}
serve steady
leaking=$url
serve random-cache
other=$url
trap 'kill $(cat *.pid) 2>/dev/null || :' EXIT

# A job leaves its last figures at a Pushgateway.
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
gateway=127.0.0.1:$(free_port)
prometheus-pushgateway --web.listen-address="$gateway" >gateway.log 2>&1 &
echo $! >gateway.pid
victim leaky
python3 - "$gateway" <<'EOF' || fail "$(cat gateway.log)"
import sys, time, urllib.request
limit = time.monotonic() + 30
while time.monotonic() < limit:
    try:
        urllib.request.urlopen(f"http://{sys.argv[1]}/-/ready")
        sys.exit(0)
    except OSError:
        time.sleep(0.1)
sys.exit(1)
EOF
watch --push="http://$gateway/metrics/job/nightly/instance/here" "$victim"
expect "what is said of the push" "$(cat stderr)" ""

# The files as they are, but for addresses and times.
sed -e "s|\"127.0.0.1:6060\"|\"$leaking\", \"$other\"|" -e "s|127.0.0.1:9091|$gateway|" \
	-e 's/_interval: 15s/_interval: 1s/' \
	"$TOP/scripts/fleet/prometheus.yml" >prometheus.yml
sed 's/ for: .*/ for: 10s/' "$TOP/scripts/fleet/memwatch.rules.yml" >memwatch.rules.yml
port=$(free_port)
prometheus --config.file=prometheus.yml --storage.tsdb.path=data --web.listen-address="127.0.0.1:$port" \
	>prometheus.log 2>&1 &
echo $! >prometheus.pid

# Asks for the alerts for half a minute, and until the one for growth fires, or it took too long.
cat >alerts.py <<'EOF'
import json, sys, time, urllib.request
url, leaking, other, start = sys.argv[1], sys.argv[2], sys.argv[3], time.monotonic()
def ask(path):
    try:
        return json.load(urllib.request.urlopen(url + path, timeout=5))["data"]
    except OSError:
        return None
firing = set()
while time.monotonic() < start + 90:
    data = ask("/api/v1/alerts")
    firing |= {(alert["labels"]["alertname"], alert["labels"]["instance"]) for alert in data["alerts"]
               if alert["state"] == "firing"} if data else set()
    if ("MemwatchGrowth", leaking) in firing and time.monotonic() > start + 30:
        break
    time.sleep(0.5)
print(sorted(name for name, instance in firing if instance == leaking and name == "MemwatchGrowth"),
      sorted(name for name, instance in firing if instance == other))
targets = {t["labels"]["instance"]: t["health"] for t in ask("/api/v1/targets")["activeTargets"]}
print(targets[leaking], targets[other])
query = "/api/v1/query?query=memwatch_function_growth_bytes_per_second"
print([series["metric"]["function"] for series in ask(query)["result"]])
result = ask("/api/v1/query?query=memwatch_leaked_bytes{class=%22definite%22,job=%22nightly%22}")["result"]
print(*[series["value"][1] for series in result])
EOF
python3 alerts.py "http://127.0.0.1:$port" "$leaking" "$other" >alerts 2>&1 || fail "$(cat alerts prometheus.log)"
expect "alerts" "$(head -n 1 alerts)" "['MemwatchGrowth'] []"
expect "targets" "$(sed -n 2p alerts)" "up up"
expect "what the job has lost" "$(sed -n 4p alerts)" "$(json '.processes[0].verdicts.definite.bytes')"
expect "what grows" "$(sed -n 3p alerts)" "['leak']"

fetch() { # fetch TYPE FILE: what is served to one that accepts TYPE
	python3 -c 'import sys, urllib.request
request = urllib.request.Request(sys.argv[1], headers={"Accept": sys.argv[2]})
sys.stdout.buffer.write(urllib.request.urlopen(request).read())' "http://$leaking/metrics" "$1" >"$2"
	grep -q '^memwatch_growth_findings{verdict="growing"} [12]$' "$2" || fail "$(cat "$2")"
}
fetch text/plain metrics
promtool check metrics <metrics >checked 2>&1 || fail "promtool: $(cat checked)"
fetch 'application/openmetrics-text;version=1.0.0' openmetrics
# OpenMetrics as Prometheus itself reads it when it fills in history, which wants a time with each sample.
awk '/^#/ { print; next } { print $0, 1700000000 }' openmetrics >history
promtool tsdb create-blocks-from openmetrics history blocks >checked 2>&1 || fail "OpenMetrics: $(cat checked)"
