# Fingerprints stay: with each level of optimisation, and in twenty runs at other addresses.
. "$TOP/tests/e2e/lib.sh"
source=$TOP/tests/e2e/victims/fingerprints.cc
mkdir one two
{ echo '// moved'; echo; echo; cat "$source"; } >two/prog.cc

ids() { # ids PROGRAM: "FINGERPRINT" lines
	watch "$1"
	expect "status of $1" "$status" 0
	json '.processes[0].leaks[] | select(.verdict != "reachable") | .id' | sort -u
}
same() { # same WHAT IDS
	[ "$2" = "$wanted" ] && return
	printf '%s\n' "$wanted" "$2" | sort | uniq -u
	json '.processes[0].leaks[] | "\(.id) \(.verdict) \([.frames[].function] | join(" < "))"' | cut -c1-300
	fail "other fingerprints $1"
}

g++ -w -g -O0 -o one/prog "$source" || fail "cannot compile"
wanted=$(ids one/prog)
[ "$(echo "$wanted" | wc -l)" -ge 7 ] || fail "too few leaks: $wanted"
for level in 1 2 3 s; do
	g++ -w -g -O$level -o two/prog two/prog.cc || fail "cannot compile"
	same "with -O$level" "$(ids two/prog)"
done
for run in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	same "in run $run" "$(ids one/prog)"
done
