# A chain of execs is one process with a report per image; a child whose environment was replaced is followed.
. "$TOP/tests/e2e/lib.sh"

same_as_native env A=1 nice sh -c 'exec echo done'
expect "images" "$(json '[.processes[].exe | split("/") | last] | join(" ")' | sed 's/dash/sh/')" "env nice sh echo"
expect "one process" "$(json '[.processes[].pid] | unique | length')" 1
expect "exits" "$(json '[.processes[].exit.kind] | join(" ")')" "exec exec exec exit"

same_as_native env -i /bin/echo emptied
expect "images after env -i" "$(json '[.processes[].exe | split("/") | last] | join(" ")')" "env echo"

# Images that come while the reports of those before are made, which takes longer than they live.
for _ in 1 2 3 4 5 6 7 8; do
	same_as_native env env nice env env nice sh -c 'exec echo done'
	expect "quick images" "$(json '[.processes[].exe | split("/") | last] | join(" ")' | sed 's/dash/sh/')" \
		"env env nice env env nice sh echo"
	expect "all is known of them" "$(json '[.processes[].completeness.complete] | all')" true
done
