# Much of one thing at once: short threads on the smallest stacks, vfork, forks by the system call itself, also in the
# midst of a recording; and a program that runs another without an environment.
. "$TOP/tests/e2e/lib.sh"
victim storms

storm() { # storm WAY N PROCESSES
	watch "$victim" "$1" "$2"
	expect "status of $1" "$status" 3
	expect "processes of $1" "$(json '.processes | length')" "$3"
	expect "scan of $1" "$(json '.processes[].verdicts | "\(.scanned) \(.why_not)"' | sort -u)" "true null"
	expect "completeness of $1" "$(json '.processes[0].completeness | "\(.complete) \(.reasons)"')" "true []"
}

lost() { # lost WHAT PROCESSES WANTED: "BLOCKS BYTES" that lose() left in each of these
	expect "lost by $1" "$(json "$2"' | [.leaks[] | select(.frames[0].function == "lose")] |
		map(select(.verdict == "definite")) | "\(map(.blocks) | add) \(map(.bytes) | add)"' | sort -u)" "$3"
}

storm threads 20000 1
lost threads '.processes[0]' "2000 48000"
storm vforks 100 1
storm signal-forks 40 1

# A child of which nothing was announced waits for nothing, and what is not known of it is told.
storm raw-forks 5 6
lost raw-forks '.processes[1:][]' "1 40"
expect "what is told" "$(json '.processes[1:][].completeness.reasons | tostring' | sort -u)" \
	'["What the parent process had allocated before the fork is not known."]'

watch "$victim" clearenv
expect "status of clearenv" "$status" 3
expect "processes of clearenv" "$(json '[.processes[] | .exit.kind] | join(" ")')" "exec exit"
lost clearenv '.processes[1]' "1 30"
