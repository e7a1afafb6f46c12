# What the interface says to be a number is one, also where there is nothing to tell; and -q does not keep files back
# that were asked for.
. "$TOP/tests/e2e/lib.sh"
victim mismatches
mismatches=$victim
victim leaky

numbers() { # numbers PROGRAM...
	watch "$@"
	expect "what is no number in the report of $*" "$(json '.processes[] | .duration_seconds as $duration |
		((.totals, .overhead, .leaks[], .mismatches[], .history[], .warnings[] | to_entries[] |
			select(.key | test("bytes$|blocks$|seconds$|count$"))),
		(.verdicts | to_entries[] | .value | objects | to_entries[]),
		(.forecast | to_entries[] | select(.key == "bytes_per_second" or .key == "r2"))) |
		select(.value | type != "number") | tostring')" ""
}

numbers "$victim"
[ "$(json '.processes[0].history | length')" -ge 2 ] || fail "no history"
numbers "$mismatches" new_free
numbers sh -c 'true; exit 3'

for format in folded sarif junit tap gitlab markdown; do
	"$MEMWATCH" -q --log-file=nothing --$format=out.$format true || fail "status $?"
	[ -e out.$format ] || fail "no file of --$format"
done
[ ! -e nothing ] || fail "a text of nothing: $(cat nothing)"
