# Programs that strace or gdb traces: their threads cannot be stopped then. What can be known of them is read, and that
# this may be wrong is told.
. "$TOP/tests/e2e/lib.sh"
victim roots
gcc -g -O1 -shared -fPIC -o module.so "$TOP/tests/e2e/victims/roots_module.c" || fail "cannot compile the module"

traced() { # traced PLACE on|off WANTED TRACER...: the verdicts of the victim's two blocks
	traced_place=$1
	traced_on=$2
	traced_wanted=$3
	shift 3
	watch --show=all "$@" "$victim" "$traced_place" "$traced_on" ./module.so
	expect "status of $traced_place" "$status" 0
	json '.processes[] | select(.argv[0] == $victim)' --arg victim "$victim" >one.json
	expect "$traced_place, $traced_on" "$(jq -r '[.leaks[] | select(.frames[0].function == "make_kept")] |
		sort_by(-.bytes)[] | "\(.verdict) \(.bytes)"' one.json | paste -sd ' ')" "$traced_wanted"
	expect_match "what is told" "$(jq -r '.completeness | "\(.complete) \(.reasons)"' one.json)" \
		'false.*could not be stopped, as process [0-9]+ traces it'
}

needs strace
for place in thread-stack thread-late-key argument; do
	traced $place on "reachable 300 reachable 200" strace -f -o /dev/null
	traced $place off "definite 300 indirect 200" strace -f -o /dev/null
done
needs gdb
traced thread-dynamic-tls on "reachable 300 reachable 200" gdb -batch -nx -ex run --args
traced thread-tls off "definite 300 indirect 200" gdb -batch -nx -ex run --args
