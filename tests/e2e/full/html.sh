# The HTML report in a browser: every control, by mouse and by keyboard, in light and dark; no message on the console,
# no request; 5,000 stacks in less than 1.5 MB and without lag. The page with charts of npm and the one without.
. "$TOP/tests/e2e/lib.sh"
needs chromium node npm

cp "$TOP/tests/e2e/full/page/package.json" "$TOP/tests/e2e/full/page/package-lock.json" .
npm ci --ignore-scripts --no-audit --no-fund >npm.log 2>&1 ||
	skip "npm cannot install playwright-core: $(tail -n 1 npm.log)"
victim leaky
leaky=$victim
victim manystacks
mkdir auto plain
for charts in auto plain; do
	make -s -C "$TOP" BUILD="$PWD/build-$charts" CHARTS=$charts all || fail "make CHARTS=$charts"
	MEMWATCH=$PWD/build-$charts/memwatch
	watch --html=$charts/small.html "$leaky"
	"$MEMWATCH" --html=$charts/large.html --log-file=text "$victim" 5000 || fail "status $?"
	[ "$(wc -c <$charts/large.html)" -lt 1500000 ] || fail "$(wc -c <$charts/large.html) bytes"
	node "$TOP/tests/e2e/full/page/check.mjs" "$PWD" "$PWD/$charts/small.html" "$PWD/report.json" \
		"$PWD/$charts/large.html" "$PWD/$charts" || fail "CHARTS=$charts"
done
expect "pages without uPlot that have it" "$(grep -c 'var uPlot=' plain/small.html)" 0
