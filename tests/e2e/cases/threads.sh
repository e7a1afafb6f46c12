# Threads that free and realloc each other's blocks: live blocks per function equal the program's own count.
. "$TOP/tests/e2e/lib.sh"
victim threads

for n_threads in 1 2 8; do
	watch "$victim" ledger $n_threads 20000
	expect status "$status" 0
	LC_ALL=C sort ledger >wanted
	leaks_by_function | grep '^by_' >got
	expect_same "live blocks of $n_threads threads" got wanted
	expect_complete "$n_threads threads"
done
