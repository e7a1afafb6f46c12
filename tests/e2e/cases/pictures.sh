# --svg is well-formed and tells each function and the sum; --timeline has what happened, at its time; --html has the
# whole report as data, one script that its policy names, and nothing that is loaded.
. "$TOP/tests/e2e/lib.sh"

victim leaky
watch --svg=live.svg --timeline=trace.json --html=page.html "$victim"
expect status "$status" 0
python3 - live.svg "$(total live_bytes)" <<'END' || fail "live.svg"
import sys
from xml.etree import ElementTree
tree = ElementTree.parse(sys.argv[1])
space = "{http://www.w3.org/2000/svg}"
titles = [e.text for e in tree.iter(space + "title")]
names = {t.split("\n")[0] for t in titles}
assert {"main", "answer_request", "load_user", "copy_text"} <= names, names
assert not any(e.tag == space + "script" or "href" in "".join(e.keys()) for e in tree.iter())
boxes = [e for e in tree.iter(space + "rect") if float(e.get("y")) == 64]
assert len(boxes) == 1, boxes
assert any(t.startswith("copy_text\n") and "15.5 KiB in 1,000 blocks" in t and "14.0 KiB lost" in t for t in titles)
END

python3 - page.html report.json <<'END' || fail "page.html"
import base64, hashlib, json, re, sys
page = open(sys.argv[1], encoding="utf-8").read()
data, = re.findall('<script type="application/json" id="report">(.*?)</script>', page, re.S)
wanted = json.load(open(sys.argv[2]))
got = json.loads(data)
for report in got, wanted:  # what the reporter took grows from one output to the next
    del report["processes"][0]["overhead"]
sites = got["processes"][0].pop("sites")  # of the page alone
assert sum(site["allocated_bytes"] for site in sites) == got["processes"][0]["totals"]["allocated_bytes"]
assert got == wanted
script, = re.findall("<script>(.*?)</script>", page, re.S)
digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
assert f"default-src 'none'; script-src 'sha256-{digest}'" in page
assert not re.search(r"<(link|img|iframe|object|embed|base)\b|\bsrc=|@import|url\(", page.replace(script, ""))
END

trace() { # trace FILTER
	expect "$1" "$(jq "$1" trace.json)" true
}
trace '.traceEvents | map(select(.ph == "C" and .name == "live")) | length >= 2'
trace '([.traceEvents[] | select(.ph == "C" and .name == "live")] | last.args.bytes) == '"$(total live_bytes)"
trace '[.traceEvents[] | select(.name == "leak scan" and .ph == "X" and .dur > 0)] | length == 1'
trace '[.traceEvents[] | select(.name == "leak scan").args.definite_bytes] == [55261]'
trace '[.traceEvents[] | select(.ph == "X" and .name == "leaky") | .dur > 1000] == [true]'

watch --timeline=trace.json sh -c '(exit 0); exit 0'
trace '([.traceEvents[] | select(.ph == "s") | .id] | sort) == ([.traceEvents[] | select(.ph == "f") | .id] | sort)'
trace '[.traceEvents[] | select(.ph == "s")] | length >= 1'
