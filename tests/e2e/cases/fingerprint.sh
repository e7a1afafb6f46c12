# Fingerprints stay: without optimisation and with, from another folder and with lines moved, at other addresses.
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
g++ -w -g -O2 -o two/prog two/prog.cc || fail "cannot compile"
same "with -O2" "$(ids two/prog)"
same "in another run" "$(ids one/prog)"
