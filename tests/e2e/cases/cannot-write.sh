# A report that cannot be written is an error with status 125; the program's run is not harmed.
. "$TOP/tests/e2e/lib.sh"
victim leaky

for option in --json=/dev/full --folded=/dev/full --log-file=/dev/full --text=/dev/full --json=/dev/null/folder/file; do
	status=0
	"$MEMWATCH" $option "$victim" >stdout 2>stderr || status=$?
	expect "status with $option" "$status" 125
	expect "stdout with $option" "$(cat stdout)" "1000 requests, 10 failed"
	grep -q "${option#*=}" stderr || fail "the message with $option does not name the file: $(cat stderr)"
done

"$MEMWATCH" --json=some/new/folder/report.json "$victim" >stdout 2>stderr || fail "status $? with a missing folder"
[ -s some/new/folder/report.json ] || fail "no report in the new folder"
