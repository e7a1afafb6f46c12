# However a program ends, each call that had completed is in the report.
. "$TOP/tests/e2e/lib.sh"
ulimit -c 0
victim endings

for way in return exit _exit _Exit quick_exit abort segv term kill pthread_exit; do
	watch "$victim" "$way"
	expect "blocks of make_blocks after $way" "$(leaks_by_function | grep '^make_blocks ')" "make_blocks 600 6000"
	[ $way = pthread_exit ] || # which loads libgcc
		expect "allocations after $way" "$(total allocations) $(total frees)" "1000 400"
	expect_complete "$way"
done

watch "$victim" exec
expect "status after exec" "$status" 0
expect "blocks after exec" "$(leaks_by_function | grep '^make_blocks ')" "make_blocks 600 6000"
expect "exec ends a report" "$(json '.processes[0].exit.kind')" exec
expect "and begins another" "$(json '.processes[1] | "\(.origin) \(.exe)"' | sed 's,/usr/,/,')" "exec /bin/true"
expect "of the same process" "$(json '.processes[0].pid == .processes[1].pid')" true
expect_complete exec

watch "$victim" busy
expect "status while another thread allocates" "$status" 3
expect "blocks" "$(leaks_by_function | grep '^make_blocks ')" "make_blocks 600 6000"
expect_complete busy
