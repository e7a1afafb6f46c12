# The kinds add up to what is live, in blocks and bytes, in the totals and over the records, for programs of all sorts.
. "$TOP/tests/e2e/lib.sh"

# sums N-OF-PROCESSES-AT-LEAST PROGRAM [ARG...]
sums() {
	at_least=$1
	shift
	watch --show=all -- "$@"
	expect "status of $*" "$status" 0
	expect "enough processes of $*" "$(json ".processes | length >= $at_least")" true
	expect "not scanned, of $*" "$(json '.processes[] | select(.verdicts.scanned != true and .exit.kind != "exec") |
		"\(.argv) \(.verdicts)"')" ""
	expect "sums of $*" "$(json '.processes[] | .totals as $live | .leaks as $leaks | .verdicts |
		[.definite, .indirect, .possible, .reachable, .suppressed, .unclassified] as $kinds |
		select(($kinds | map(.blocks) | add) != $live.live_blocks or
			($kinds | map(.bytes) | add) != $live.live_bytes) |
		"\($live) \(.)"')" ""
	expect "records of $*" "$(json '.processes[] | .verdicts as $verdicts | .leaks as $leaks |
		("definite", "indirect", "possible", "reachable", "unclassified") as $kind |
		([$leaks[] |
			select(.verdict == $kind)] |
			{blocks: (map(.blocks) | add // 0), bytes: (map(.bytes) | add // 0)}) |
		select(. != $verdicts[$kind]) | "\($kind) \(.) \($verdicts[$kind])"')" ""
}

victim shapes
sums 1 "$victim" all_kinds
sums 2 "$victim" fork_child
sums 1 perl -e '%h = map { $_ => [1 .. 3] } 1 .. 500'
sums 2 bash -c 'a=$(echo hi); (x=1; true); for i in 1 2 3; do a=$a$i; done'
printf 'int main(void)\n{\n\treturn 0;\n}\n' >empty.c
sums 3 gcc -c empty.c
