# Programs with few descriptors or little address space run as they would alone.
. "$TOP/tests/e2e/lib.sh"

same_as_native sh -c 'ulimit -n 6; exec ls /'
same_as_native sh -c 'ulimit -f 1; exec ls /'
same_as_native sh -c 'ulimit -n 4; exec /bin/echo four'
same_as_native sh -c 'ulimit -v 400000; exec perl -e "print 1"'

# Set before memwatch, they hold for the program; where memwatch may not raise them for itself, it says what it needs.
victim leaky
limited() { # limited ULIMIT-OPTION VALUE NEEDED
	status=0
	sh -c "ulimit $1 $2 && exec '$MEMWATCH' --json=report.json '$victim'" >stdout 2>stderr || status=$?
	if sh -c "ulimit $1 $2 && ulimit $1 $3" 2>/dev/null; then
		expect "status with ulimit $1 $2" "$status" 0
		[ -n "$(json '.processes[0].leaks[0].id')" ] || fail "no report with ulimit $1 $2"
	else
		expect "status with ulimit $1 $2" "$status" 125
		expect_match "the message with ulimit $1 $2" "$(cat stderr)" "^memwatch: .*memwatch needs .*'ulimit $1 "
	fi
}
limited -f 1 1000000
limited -n 8 4096
limited -s 100 8192
sh -c 'ulimit -Sf 7 && exec "$0" --log-file=text sh -c "ulimit -f"' "$MEMWATCH" >stdout || fail "status $?"
expect "what the program has for files" "$(cat stdout)" 7
