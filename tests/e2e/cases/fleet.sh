# scripts/fleet: metrics that rules and the manual page name are served, and files that the page names are there.
. "$TOP/tests/e2e/lib.sh"
page=$TOP/man/memwatch-fleet.7.scd
folder=$TOP/scripts/fleet

for file in $(grep -oE '[a-z.]+\.(yml|alloy)' "$page" | sort -u); do
	[ -s "$folder/$file" ] || fail "$page names $file, which is not in $folder"
done
for file in "$folder"/*; do
	grep -q "_${file##*/}_" "$page" || fail "$page does not tell what $file is"
done
# All there may be, in the words of the unit test's report.
grep -oE '^(memwatch|process)_[a-z_]+' "$TOP/tests/golden/metrics-prometheus" | sort -u >served
cat "$folder"/*.yml "$page" | sed 's/\\//g' | grep -oE '\b(memwatch|process)_[a-z_]+' | sort -u |
	grep -vxF -e process_cpu | comm -23 - served >missing
[ -s missing ] && fail "named, but not served: $(cat missing)"
exit 0
