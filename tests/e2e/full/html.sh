# The HTML report in a browser: every control, by mouse and by keyboard, in light and dark; no message on the console,
# no request; 5,000 stacks in less than 1.5 MB and without lag. The page with charts of npm and the one without.
. "$TOP/tests/e2e/lib.sh"
needs chromium node npm

cp "$TOP/tests/e2e/full/page/package.json" "$TOP/tests/e2e/full/page/package-lock.json" .
npm ci --ignore-scripts --no-audit --no-fund >npm.log 2>&1 ||
	skip "npm cannot install playwright-core: $(tail -n 1 npm.log)"
victim leaky
watch --html=small.html "$victim"
victim growth
"$MEMWATCH" --html=growing.html --log-file=text "$victim" steady 800 10 100 >out || fail "status $?"
victim manystacks
"$MEMWATCH" --html=large.html --log-file=text "$victim" 5000 || fail "status $?"
[ "$(wc -c <large.html)" -lt 1500000 ] || fail "$(wc -c <large.html) bytes"

# The same data in both pages, so that memwatch need not be built for each.
for charts in auto plain; do
	"$TOP/scripts/page" $charts $charts
	for page in small large growing; do
		sed -n '/^<script type="[a-z/]*" id="report">$/,/^<\/script>$/p' $page.html | sed '$d' >data
		cat $charts/begin data $charts/end >$charts/$page.html
	done
	node "$TOP/tests/e2e/full/page/check.mjs" "$PWD" "$PWD/$charts/small.html" "$PWD/report.json" \
		"$PWD/$charts/large.html" "$PWD/$charts/growing.html" "$PWD/$charts" || fail "CHARTS=$charts"
done
expect "the page without uPlot" "$(grep -c 'var uPlot=' plain/small.html)" 0
expect "the page with uPlot" "$(grep -c 'var uPlot=' auto/small.html)" 1
