# Programs that confine themselves with seccomp are not killed by what memwatch does; what is not known is said.
. "$TOP/tests/e2e/lib.sh"
victim seccomp

for way in prctl syscall; do
	for how in strict kill; do
		watch "$victim" $how $way
		expect "status of $how by $way" "$status" 7
		expect "output of $how by $way" "$(cat "stdout")" done
		expect "complete, $how by $way" "$(json '.processes[0].completeness.complete')" false
		expect "reason, $how by $way" \
			"$(json '[.processes[0].completeness.reasons[] | contains("seccomp")] | any')" true
		expect "scanned, $how by $way" "$(json '.processes[0].verdicts.scanned')" false
		expect "blocks before, $how by $way" \
			"$(json '[.processes[0].leaks[] | select(.bytes == 1000 and .blocks == 10)] | length')" 1
	done
	watch "$victim" polite $way
	expect "status of polite by $way" "$status" 7
	expect "complete, polite by $way" "$(json '.processes[0].completeness.complete')" true
	expect "definite, polite by $way" "$(json '.processes[0].verdicts.definite.blocks')" 30
done
