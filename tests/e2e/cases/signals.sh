# A program that dies of a signal: memwatch dies of the same one.
. "$TOP/tests/e2e/lib.sh"
needs perl
ulimit -c 0
victim endings

for pair in segv:11:SIGSEGV term:15:SIGTERM kill:9:SIGKILL abort:6:SIGABRT; do
	way=${pair%%:*}
	number=${pair#*:}
	number=${number%:*}
	got=$(perl -e 'open STDERR, ">", "stderr"; system @ARGV; print $? & 127' \
		"$MEMWATCH" --json=report.json "$victim" "$way")
	expect "signal of $way" "$got" "$number"
	expect "exit of $way" "$(json '.processes[0].exit | "\(.kind) \(.code) \(.signal)"')" "signal null ${pair##*:}"
	expect_complete "$way"
done
