# As verdict-valgrind: aligned and large blocks, threads, a fork, a module, what libraries hold; and perl.
shapes="nothing aligned_lost aligned_kept large_lost large_holds large_lost_holds large_interior library_blocks
	threads_alive threads_joined module_leak fork_child"
. "$TOP/tests/e2e/cases/verdict-valgrind.sh"

# The last one's child: what it inherited is not its leak.
expect "of the child" "$(json '.processes[1].verdicts | .definite, .indirect, .possible, .reachable |
	"\(.blocks) \(.bytes)"' | paste -sd ,)" "1 40,3 120,0 0,5 200"

# Perl leaves much of each kind. Which blocks are possibly lost depends on the environment, which valgrind adds to.
needs perl
export PERL_HASH_SEED=0
valgrind --leak-check=full --run-libc-freeres=no perl -e '%h = map { $_ => [1 .. 3] } 1 .. 200' 2>valgrind.err ||
	fail "valgrind on perl"
watch perl -e '%h = map { $_ => [1 .. 3] } 1 .. 200'
by_valgrind | sed 3d >wanted
by_memwatch | sed 3d >got
expect_same "definite, indirect, reachable of perl" got wanted
