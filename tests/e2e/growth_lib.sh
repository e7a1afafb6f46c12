# Helpers of the cases on growth, on top of lib.sh.
. "$TOP/tests/e2e/lib.sh"

# grow KIND STEPS WAIT_MS PER_SECOND [NAME [COMMAND...]]: the victim under memwatch; NAME.json, NAME.text, NAME.out
grow() {
	grow_name=${5:-$1}
	grow_args="$1 $2 $3 $4"
	shift 4
	[ $# -gt 0 ] && shift
	"$@" "$MEMWATCH" --json="$grow_name.json" --log-file="$grow_name.text" "$victim" $grow_args >"$grow_name.out" ||
		echo "status $?" >>"$grow_name.out"
}

leak_grows() { # leak_grows NAME: all that grows is what its victim leaks
	expect "what grows in $1" "$(jq -r '[.processes[0].growth[] | select(.verdict == "growing") |
		.frames[0].function] | unique | join(" ")' "$1.json")" leak
}

grows() { # grows NAME: and at its rate, within 10 %
	leak_grows "$1"
	read -r _ leaked_bytes leaked_blocks leaked_seconds <"$1.out"
	expect "rate of $1, of $leaked_bytes bytes, $leaked_blocks blocks, $leaked_seconds s" "$(jq \
		--argjson bytes "$leaked_bytes" --argjson blocks "$leaked_blocks" --argjson seconds "$leaked_seconds" '
		def near($want): (. - $want) | fabs <= 0.1 * $want;
		[.processes[0].growth[] | select(.verdict == "growing")] |
		(map(.bytes_per_second) | add | near($bytes / $seconds)) and
		(map(.blocks_per_second) | add | near($blocks / $seconds))' "$1.json")" true
}

grows_not() { # grows_not NAME
	expect "what grows in $1" "$(jq -r '.processes[].growth[] | select(.verdict == "growing") |
		"\(.frames[0].function) \(.why)"' "$1.json")" ""
}

# all_kinds STEPS WAIT_MS PER_SECOND [COMMAND...]: each kind, side by side, and its verdict.
all_kinds() {
	all_steps=$1 all_wait=$2 all_per=$3
	shift 3
	for kind in $LEAKING $OTHERS; do
		grow "$kind" "$all_steps" "$all_wait" "$all_per" "$kind" "$@" &
	done
	wait
	for kind in $LEAKING; do grows "$kind"; done
	for kind in $OTHERS; do grows_not "$kind"; done
}
LEAKING="steady slow requests"
OTHERS="lru random-cache sawtooth warm-up stops"
