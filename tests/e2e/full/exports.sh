# --export: the viewers themselves read the files, and show the report's numbers.
. "$TOP/tests/e2e/lib.sh"
needs jq node
viewer=$(ls /usr/lib*/*/valgrind/dh_view.js /usr/libexec/valgrind/dh_view.js 2>/dev/null | head -n 1)
[ -n "$viewer" ] || skip "no dh_view.js here"

# The viewer's own reading: it gives up with an exception at what is not DHAT's.
cat >view.cjs <<'END'
const fs = require("fs"), vm = require("vm");
const element = () => new Proxy(function () {}, {get: () => element(), apply: () => element(), set: () => true});
const context = vm.createContext({document: element(), window: element(), console, performance});
vm.runInContext(fs.readFileSync(process.argv[2], "utf8"), context);
context.text = fs.readFileSync(process.argv[3], "utf8");
const root = vm.runInContext(`gData = JSON.parse(text);
	gSelect = {selectedIndex: 0, childNodes: gSelectData.map(() => ({}))};
	buildTree(); gRoot`, context);
console.log(root._totalBytes, root._totalBlocks, root._atTGmaxBytes, root._atTEndBytes, root._atTEndBlocks);
END
for run in leaky "manystacks 300" "ledger" "inlined"; do
	victim "${run%% *}"
	watch --export=dhat:dhat.json "$victim" $(echo "$run" | cut -s -d ' ' -f 2)
	node view.cjs "$viewer" dhat.json >viewed 2>view.err || fail "dh_view.js: $(cat view.err)"
	expect "what DHAT's viewer adds up of $run" "$(cat viewed)" "$(json '.processes[0].totals |
		"\(.allocated_bytes) \(.allocations) \(.peak_live_bytes) \(.live_bytes) \(.live_blocks)"')"
done
