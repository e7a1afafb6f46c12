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
until grep -q 'listening on\|Listening on' gateway.log; do
	kill -0 "$(cat gateway.pid)" || fail "$(cat gateway.log)"
done
watch --push="http://$gateway/metrics/job/nightly/instance/here" "$victim"
expect "what is said of the push" "$(cat stderr)" ""

# The files as they are, but for addresses and times, and that the alerts are sent to this test.
alerts_port=$(free_port)
sed -e "s|\"127.0.0.1:6060\"|\"$leaking\", \"$other\"|" -e "s|127.0.0.1:9091|$gateway|" \
	-e 's/_interval: 15s/_interval: 1s/' \
	"$TOP/scripts/fleet/prometheus.yml" >prometheus.yml
printf 'alerting: {alertmanagers: [{static_configs: [{targets: ["127.0.0.1:%s"]}]}]}\n' "$alerts_port" >>prometheus.yml
sed 's/ for: .*/ for: 10s/' "$TOP/scripts/fleet/memwatch.rules.yml" >memwatch.rules.yml
port=$(free_port)
prometheus --config.file=prometheus.yml --storage.tsdb.path=data --web.listen-address="127.0.0.1:$port" \
	>prometheus.log 2>&1 &
echo $! >prometheus.pid

# Is sent the alerts as an Alertmanager is, until the one for growth fires and both have been scraped for a minute.
cat >alerts.py <<'EOF'
import http.server, json, sys, time, urllib.request
url, leaking, other, port = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
def ask(path):
    return json.load(urllib.request.urlopen(url + path, timeout=5))["data"]
firing, limit = set(), time.monotonic() + 150
class Alerts(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        for alert in json.loads(self.rfile.read(int(self.headers["Content-Length"]))):
            firing.add((alert["labels"]["alertname"], alert["labels"].get("instance")))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *message):
        pass
def n_scrapes():
    series = ask("/api/v1/query?query=count_over_time(memwatch_heap_live_bytes[5m])")["result"]
    return {one["metric"]["instance"]: int(one["value"][1]) for one in series}
server = http.server.HTTPServer(("127.0.0.1", port), Alerts)
server.timeout = 1
while ("MemwatchGrowth", leaking) not in firing or min(map(n_scrapes().get, (leaking, other))) < 60:
    assert time.monotonic() < limit, (firing, n_scrapes())
    server.handle_request()
print(sorted(name for name, instance in firing if instance == leaking and name == "MemwatchGrowth"),
      sorted(name for name, instance in firing if instance == other))
targets = {t["labels"]["instance"]: t["health"] for t in ask("/api/v1/targets")["activeTargets"]}
print(targets[leaking], targets[other])
query = "/api/v1/query?query=memwatch_function_growth_bytes_per_second"
print([series["metric"]["function"] for series in ask(query)["result"]])
result = ask("/api/v1/query?query=memwatch_leaked_bytes{class=%22definite%22,job=%22nightly%22}")["result"]
print(*[series["value"][1] for series in result])
EOF
python3 alerts.py "http://127.0.0.1:$port" "$leaking" "$other" "$alerts_port" >alerts 2>&1 ||
	fail "$(cat alerts prometheus.log)"
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
