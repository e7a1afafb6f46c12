# Children made by vfork, posix_spawn, system and popen run as they would alone, and are followed.
. "$TOP/tests/e2e/lib.sh"
victim children

for way in vfork posix_spawn system popen; do
	same_as_native "$victim" $way
	expect "echo after $way" "$(json '[.processes[] | select(.exe | endswith("/echo"))] | length')" 1
	expect "the parent's leaks after $way" "$(leaks_by_function | grep '^main ')" "main 10 1000"
	watch --trace-children=no "$victim" $way
	expect "processes when children are not followed" "$(json '.processes | length')" 1
done
